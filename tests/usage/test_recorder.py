"""What is counted, on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from api.database.engine import open_engine
from api.usage.catalogue import Catalogue, confusion
from api.usage.models import Cell
from api.usage.recorder import UsageRecorder
from api.usage.tables import TableId
from bot.safety import RiskLevel
from tests.usage.counts import exact
from tests.usage.people import FAMILY, SERVICE, a_session, a_turn, signposted
from tests.usage.world import NOW

MONTH, WEEK = "2026-11", "2026-W48"


@pytest.fixture
def usage(database: str, catalogue: Catalogue, clock: Callable[[], datetime]) -> UsageRecorder:
    return UsageRecorder(database, catalogue, now=clock)


def test_a_session_counts_once_in_each_cell_however_long_it_is(database: str, usage: UsageRecorder) -> None:
    person = a_session("ashby")
    for _ in range(5):
        usage.record(person, signposted(), "web")
    usage.record(person, a_turn("menu"), "web")
    usage.close()
    assert exact(database) == {
        ("sessions-by-site", WEEK, "north", "ashby"): 1,
        ("topics-by-region", MONTH, "north", FAMILY): 1,
        ("topics-by-region", MONTH, "north", f"{FAMILY}/{SERVICE}"): 1,
        ("outcomes", MONTH, "national", "answered"): 1,
        ("outcomes", MONTH, "national", "menu"): 1,
        ("channels", MONTH, "national", "web"): 1,
    }


@pytest.mark.parametrize(
    ("site", "group", "row"),
    [
        ("ashby", "north", "ashby"),
        ("cove", "north", "small-sites-north"),
        ("dale", "north", "small-sites-north"),
        ("elm", "south", "elm"),
        ("nowhere", "not-stated", "not-stated"),
        (None, "not-stated", "not-stated"),
        ("north", "not-stated", "not-stated"),
    ],
)
def test_small_sites_are_merged_before_anything_is_kept(
    tmp_path: Path, catalogue: Catalogue, clock: Callable[[], datetime], site: str | None, group: str, row: str
) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    usage = UsageRecorder(url, catalogue, now=clock)
    usage.record(a_session(site), a_turn("greeting"), "web")
    usage.close()
    assert exact(url, TableId.SESSIONS_BY_SITE) == {("sessions-by-site", WEEK, group, row): 1}


@pytest.mark.parametrize(
    ("turn", "cell"),
    [
        (a_turn("trim", intent="trim"), ("outcomes", "answered")),
        (a_turn("clarify"), ("outcomes", "clarified")),
        (a_turn("fallback", "menu"), ("outcomes", "not-understood")),
        (a_turn("menu", "menu:on-site"), ("outcomes", "menu")),
        (a_turn("out-of-scope"), ("outcomes", "out-of-scope")),
        (a_turn("apology", "menu"), ("outcomes", "failed")),
        (a_turn("helped"), ("helped", "helped")),
        (a_turn("not-helped"), ("helped", "not-helped")),
        (a_turn("help-now", "risk:self", risk=RiskLevel.HIGH), ("risk-answers", "risk-answer")),
        (a_turn("help-now", "risk:self", "are-you-safe", risk=RiskLevel.CONCERN), ("risk-answers", "are-you-safe")),
    ],
)
def test_outcomes_are_counted_for_the_whole_service_only(
    tmp_path: Path, catalogue: Catalogue, clock: Callable[[], datetime], turn: object, cell: tuple[str, str]
) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    usage = UsageRecorder(url, catalogue, now=clock)
    usage.record(a_session("ashby"), turn, "telegram")  # type: ignore[arg-type]
    usage.close()
    table, item = cell
    counted = exact(url)
    assert counted[(table, MONTH, "national", item)] == 1
    assert counted[("channels", MONTH, "national", "telegram")] == 1


def test_a_risk_answer_is_in_no_count_by_region_but_that_there_was_a_session(
    database: str, usage: UsageRecorder
) -> None:
    risk = a_turn("help-now", "risk:self", "topic:domestic-abuse", "eap-personal", risk=RiskLevel.HIGH)
    usage.record(a_session("ashby"), risk, "web")
    usage.close()
    assert set(exact(database)) == {
        ("sessions-by-site", WEEK, "north", "ashby"),
        ("channels", MONTH, "national", "web"),
        ("risk-answers", MONTH, "national", "risk-answer"),
    }


def test_confusions_say_which_of_the_offered_needs_was_taken(database: str, usage: UsageRecorder) -> None:
    person = a_session("ashby")
    usage.record(person, a_turn("clarify", choices=("trim", SERVICE, "menu", "help-now")), "web")
    usage.record(person, signposted("trim"), "web", choice="/trim")
    typed = a_session()
    usage.record(typed, a_turn("clarify", choices=("trim", SERVICE, "menu", "help-now")), "web")
    usage.record(typed, signposted("trim"), "web")
    usage.close()
    assert exact(database, TableId.CONFUSIONS) == {("confusions", MONTH, "national", confusion("trim", SERVICE)): 1}


def test_every_cell_is_there_before_anything_is_counted(
    database: str, usage: UsageRecorder, catalogue: Catalogue
) -> None:
    usage.flush()
    with Transaction(open_engine(database)) as session:
        assert session.scalar(select(func.count()).select_from(Cell)) == sum(map(len, catalogue.cells.values()))
    usage.close()
    assert exact(database) == {}


def test_a_database_that_is_away_delays_counts_and_breaks_nothing(
    tmp_path: Path, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    url = f"sqlite:///{blocked}/u.db"
    usage = UsageRecorder(url, catalogue, now=clock)
    usage.record(a_session("ashby"), signposted(), "web")
    assert usage.flush() is False
    usage.record(a_session("ashby"), signposted(), "web")
    blocked.unlink()
    assert usage.flush() is True
    assert exact(url)[("sessions-by-site", WEEK, "north", "ashby")] == 2


def test_counts_that_waited_until_a_week_after_their_period_are_dropped(tmp_path: Path, catalogue: Catalogue) -> None:
    now = [NOW]
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    url = f"sqlite:///{blocked}/u.db"
    usage = UsageRecorder(url, catalogue, now=lambda: now[0])
    usage.record(a_session("ashby"), signposted(), "web")
    assert usage.flush() is False
    now[0] += timedelta(days=15)
    blocked.unlink()
    usage.record(a_session("elm"), signposted(), "web")
    assert usage.flush() is True
    assert exact(url, TableId.SESSIONS_BY_SITE) == {("sessions-by-site", "2026-W50", "south", "elm"): 1}


def test_a_turn_that_cannot_be_counted_is_still_a_turn(tmp_path: Path, catalogue: Catalogue) -> None:
    def no_time() -> datetime:
        raise OSError("the clock is broken")

    usage = UsageRecorder(f"sqlite:///{tmp_path}/u.db", catalogue, now=no_time)
    usage.record(a_session("ashby"), signposted(), "web")


def test_what_is_not_in_the_catalogue_is_not_counted(
    tmp_path: Path, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    usage = UsageRecorder(url, catalogue, now=clock)
    usage.record(a_session("ashby"), a_turn("x", intent="x"), "carrier-pigeon", choice="/x")
    usage.close()
    assert set(exact(url)) == {
        ("sessions-by-site", WEEK, "north", "ashby"),
        ("outcomes", MONTH, "national", "answered"),
    }
