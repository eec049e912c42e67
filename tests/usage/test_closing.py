"""Closing a period, on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import sessionmaker

from api.database.engine import open_engine
from api.usage.catalogue import Catalogue
from api.usage.closing import GRACE, close_ended
from api.usage.models import PeriodState, PublishedCell
from api.usage.periods import Period
from api.usage.published import By, OpenPeriodError, PublishedTables
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.tables import TableId
from tests.usage.counts import exact
from tests.usage.people import a_session, signposted
from tests.usage.small import small_catalogue
from tests.usage.world import NOW

SUNDAY_NIGHT = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def small() -> Catalogue:
    return small_catalogue()


def noised(address: str) -> dict[tuple[str, str, str, str], int]:
    with Transaction(open_engine(address)) as session:
        cells = session.scalars(select(PublishedCell))
        return {(cell.table_id, cell.period, cell.group, cell.item): cell.noised for cell in cells}


def count(address: str, small: Catalogue, when: datetime, people: int = 40) -> UsageRecorder:
    usage = UsageRecorder(address, small, now=lambda: when)
    for _ in range(people):
        usage.record(a_session("ashby"), signposted(), "web")
    usage.flush()
    return usage


def test_a_week_closes_when_it_is_over_and_every_process_had_time_to_add(database: str, small: Catalogue) -> None:
    count(database, small, NOW).close()
    engine = open_engine(database)
    assert close_ended(engine, SUNDAY_NIGHT + GRACE - timedelta(seconds=1), Rules()) == []
    assert close_ended(engine, SUNDAY_NIGHT + GRACE, Rules()) == [(TableId.SESSIONS_BY_SITE, Period.parse("2026-W48"))]
    assert close_ended(engine, SUNDAY_NIGHT + GRACE, Rules()) == []


def test_every_cell_gets_noise_and_the_exact_counts_are_gone(database: str, small: Catalogue) -> None:
    count(database, small, NOW).close()
    close_ended(open_engine(database), datetime(2026, 12, 2, tzinfo=UTC), Rules())
    assert exact(database) == {}
    found = noised(database)
    assert len(found) == sum(map(len, small.cells.values()))
    zeros = [n for (_, _, _, item), n in found.items() if item not in ("ashby", "answered", "web") and "oc" not in item]
    assert len({*zeros}) > 3, "zeros get noise too"
    assert abs(found[("sessions-by-site", "2026-W48", "north", "ashby")] - 40) < 60


def test_the_noise_is_made_once(database: str, small: Catalogue) -> None:
    count(database, small, NOW).close()
    engine, later = open_engine(database), datetime(2026, 12, 2, tzinfo=UTC)
    close_ended(engine, later, Rules())
    first = noised(database)
    count(database, small, later).close()
    close_ended(engine, later, Rules())
    assert noised(database) == first


def test_counts_that_come_after_closing_are_dropped(database: str, small: Catalogue) -> None:
    late = UsageRecorder(database, small, now=lambda: NOW)
    late.record(a_session("ashby"), signposted(), "web")
    count(database, small, NOW).close()
    close_ended(open_engine(database), datetime(2026, 12, 2, tzinfo=UTC), Rules())
    first = noised(database)
    late.close()
    assert exact(database) == {} and noised(database) == first


def test_the_running_service_closes_periods_by_itself(database: str, small: Catalogue) -> None:
    now = [NOW]
    usage = UsageRecorder(database, small, interval=0.02, now=lambda: now[0])
    usage.record(a_session("ashby"), signposted(), "web")
    assert usage.flush(), "the tables of November are there before it is December"
    usage.start()
    now[0] = datetime(2026, 12, 2, tzinfo=UTC)
    for _ in range(500):
        if len(noised_or_nothing(database)) == sum(map(len, small.cells.values())):
            break
        usage._stop.wait(0.02)
    usage.close()
    assert len(noised(database)) == sum(map(len, small.cells.values()))
    with Transaction(open_engine(database)) as session:
        still = session.scalars(select(PeriodState.period).where(~PeriodState.closed)).all()
    assert set(still) == {"2026-W49", "2026-12"}


def noised_or_nothing(address: str) -> dict[tuple[str, str, str, str], int]:
    try:
        return noised(address)
    except Exception:
        return {}


def test_figures_are_deleted_after_the_retention(database: str, small: Catalogue) -> None:
    engine = open_engine(database)
    for month in (10, 11):
        count(database, small, NOW.replace(month=month)).close()
    close_ended(engine, datetime(2026, 12, 2, tzinfo=UTC), Rules())
    tables = PublishedTables(sessionmaker(engine), small.sites)
    assert list(map(str, tables.periods(TableId.OUTCOMES))) == ["2026-10", "2026-11"]
    close_ended(engine, datetime(2026, 12, 2, tzinfo=UTC), Rules(retention_months=1))
    assert list(map(str, tables.periods(TableId.OUTCOMES))) == ["2026-11"]
    assert list(map(str, tables.periods(TableId.SESSIONS_BY_SITE))) == ["2026-W48"]


def test_open_periods_are_not_shown(database: str, small: Catalogue, clock: Callable[[], datetime]) -> None:
    count(database, small, NOW).close()
    tables = PublishedTables(sessionmaker(open_engine(database)), small.sites)
    assert tables.periods(TableId.SESSIONS_BY_SITE) == []
    week = Period.parse("2026-W48")
    for by in (By.CELL, By.PERIOD, By.ALL):
        with pytest.raises(OpenPeriodError):
            tables.totals(TableId.SESSIONS_BY_SITE, week, week, by)


@pytest.mark.parametrize(
    "weaker",
    [
        {"epsilon": Fraction(51, 100)},
        {"epsilon": Fraction(1, 100)},
        {"smallest_shown": 5},
        {"smallest_shown": 12},
        {"site_staff": 99},
        {"retention_months": 61},
        {"retention_months": 0},
    ],
)
def test_rules_cannot_be_weakened(weaker: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|needs at least|are kept"):
        Rules(**weaker)  # type: ignore[arg-type]
