"""What can be asked of published figures, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.database.engine import open_engine
from api.usage.catalogue import Labels
from api.usage.models import MADE_UP, Note, PeriodState, PublishedCell
from api.usage.periods import Period
from api.usage.published import (
    By,
    CombinedFiltersError,
    NotAddedError,
    OpenPeriodError,
    PublishedTables,
    Query,
    QueryError,
    UnknownFilterError,
    UnknownPeriodError,
    UnknownTableError,
    parse_query,
    parse_table,
)
from api.usage.rules import Figure, Rules
from api.usage.store import UsageStore
from api.usage.tables import TableId
from bot.directory import load_directory
from tests.usage.small import small_catalogue
from tests.usage.world import make_sites

FIRST, LAST = Period.parse("2026-W45"), Period.parse("2026-W46")
STORED = {
    ("2026-W45", "north", "ashby"): 14, ("2026-W45", "north", "birch"): -3, ("2026-W45", "south", "elm"): 8,
    ("2026-W46", "north", "ashby"): 33, ("2026-W46", "north", "birch"): 9, ("2026-W46", "south", "elm"): 102,
}  # fmt: skip
SITES = TableId.SESSIONS_BY_SITE


@pytest.fixture
def tables(database: str) -> Iterator[PublishedTables]:
    engine = UsageStore(database, small_catalogue()).engine
    with Session(engine) as session, session.begin():
        for period in ("2026-W45", "2026-W46"):
            session.add(PeriodState(table_id=SITES.value, period=period, closed=True))
        session.add(PeriodState(table_id=SITES.value, period="2026-W47", closed=False))
        for (period, group, item), noised in STORED.items():
            session.add(PublishedCell(table_id=SITES.value, period=period, group=group, item=item, noised=noised))
        session.add(PeriodState(table_id="topics-by-region", period="2026-10", closed=True))
        for item, noised in (("on-site", 31), ("on-site/trim", 24)):
            session.add(
                PublishedCell(table_id="topics-by-region", period="2026-10", group="north", item=item, noised=noised)
            )
    yield PublishedTables(sessionmaker(open_engine(database)), make_sites())
    engine.dispose()


@pytest.mark.parametrize(
    ("noised", "shown"),
    [(-40, None), (0, None), (9, None), (10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (1234, 1235), (1237, 1235)],
)
def test_figures_are_clamped_and_rounded_and_zero_looks_like_nine(noised: int, shown: int | None) -> None:
    assert Rules().figure(noised) == Figure(shown)
    assert str(Rules().figure(noised)) == ("fewer than 10" if shown is None else f"{shown:,}")


def test_every_cell(tables: PublishedTables) -> None:
    rows = tables.rows(SITES, FIRST, LAST)
    assert [(str(row.period), row.group, row.item, row.figure.value, row.cells) for row in rows] == [
        ("2026-W45", "north", "ashby", 15, 1), ("2026-W45", "north", "birch", None, 1), ("2026-W45", "south", "elm", None, 1),
        ("2026-W46", "north", "ashby", 35, 1), ("2026-W46", "north", "birch", None, 1), ("2026-W46", "south", "elm", 100, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (By.PERIOD, [("2026-W45", None, None, 20, 3), ("2026-W46", None, None, 145, 3)]),
        (By.GROUP, [(None, "north", None, 55, 4), (None, "south", None, 110, 2)]),
        (By.ITEM, [(None, None, "ashby", 45, 2), (None, None, "birch", None, 2), (None, None, "elm", 110, 2)]),
        (By.ALL, [(None, None, None, 165, 6)]),
    ],
)
def test_totals_are_sums_of_noised_cells_rounded_last(tables: PublishedTables, by: By, expected: list[object]) -> None:
    rows = tables.totals(SITES, FIRST, LAST, by)
    found = [(row.period and str(row.period), row.group, row.item, row.figure.value, row.cells) for row in rows]
    assert found == expected


def test_one_filter_narrows_to_a_region_or_a_site(tables: PublishedTables) -> None:
    assert [row.figure.value for row in tables.totals(SITES, FIRST, LAST, By.PERIOD, group="north")] == [10, 40]
    assert [row.figure.value for row in tables.totals(SITES, FIRST, LAST, By.ALL, item="elm")] == [110]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Query(SITES, FIRST, LAST, group="north", item="ashby"), CombinedFiltersError),
        (Query(SITES, FIRST, LAST, group="nowhere"), UnknownFilterError),
        (Query(SITES, FIRST, LAST, item="cove"), UnknownFilterError),
        (Query(SITES, FIRST, Period.parse("2026-W47")), OpenPeriodError),
        (Query(SITES, Period.parse("2026-W47"), Period.parse("2026-W47"), By.ALL), OpenPeriodError),
        (Query(SITES, Period.parse("2026-W01"), LAST), UnknownPeriodError),
        (Query(SITES, Period.parse("2026-10"), Period.parse("2026-10")), UnknownPeriodError),
        (Query(SITES, LAST, FIRST), UnknownPeriodError),
        (Query(TableId.OUTCOMES, Period.parse("2026-10"), Period.parse("2026-10")), OpenPeriodError),
        *(
            (Query(TableId.TOPICS_BY_REGION, Period.parse("2026-10"), Period.parse("2026-10"), by), NotAddedError)
            for by in (By.ALL, By.GROUP, By.PERIOD, By.PERIOD_AND_GROUP)
        ),
    ],
)
def test_everything_else_is_refused(tables: PublishedTables, query: Query, error: type[QueryError]) -> None:
    with pytest.raises(error):
        tables.answer(query)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"site": "ashby"}, UnknownFilterError),
        ({"group": "north", "item": "ashby"}, CombinedFiltersError),
        ({"by": "hour"}, UnknownFilterError),
        ({"from": "yesterday"}, UnknownPeriodError),
        ({"from": "2026-W60"}, UnknownPeriodError),
        ({"to": "2026-W47"}, OpenPeriodError),
        ({"to": "9999-W01"}, UnknownPeriodError),
    ],
)
def test_addresses_with_anything_else_are_refused(
    tables: PublishedTables, parameters: dict[str, str], error: type[QueryError]
) -> None:
    with pytest.raises(error):
        tables.answer(parse_query(tables, SITES, parameters))


def test_an_address_without_parameters_means_the_newest_period(tables: PublishedTables) -> None:
    assert parse_query(tables, SITES, {}) == Query(SITES, LAST, LAST)
    asked = {"from": "2026-W45", "to": "2026-W46", "by": "group", "group": "north"}
    assert parse_query(tables, SITES, asked) == Query(SITES, FIRST, LAST, By.GROUP, "north")
    with pytest.raises(UnknownTableError):
        parse_table("sessions-by-person")


def test_the_same_question_has_the_same_answer_a_thousand_times(tables: PublishedTables) -> None:
    query = Query(SITES, FIRST, LAST, By.PERIOD_AND_GROUP)
    assert len({tuple(tables.answer(query)) for _ in range(1_000)}) == 1


def test_every_accepted_query_is_answered_with_parts_that_add_up(tables: PublishedTables) -> None:
    queries = list(tables.accepted_queries(SITES))
    assert len(queries) == 3 * len(By) * (1 + 2 + 3)
    for query in queries:
        for row in tables.answer(query):
            parts = [
                noised
                for (period, group, item), noised in STORED.items()
                if str(query.first) <= period <= str(query.last)
                and query.group in (None, group)
                and query.item in (None, item)
                and row.group in (None, group)
                and row.item in (None, item)
                and (row.period is None or str(row.period) == period)
            ]
            assert (row.figure, row.cells) == (Rules().figure(sum(parts)), len(parts))


def test_a_new_period_is_seen_without_a_restart(tables: PublishedTables, database: str) -> None:
    assert tables.periods(SITES) == [FIRST, LAST]
    with Session(open_engine(database)) as session, session.begin():
        session.get_one(PeriodState, (SITES.value, "2026-W47")).closed = True
        session.add(PublishedCell(table_id=SITES.value, period="2026-W47", group="west", item="fern", noised=50))
    assert tables.periods(SITES)[-1] == Period.parse("2026-W47")
    assert "west" in tables.groups(SITES) and "fern" in tables.items(SITES)


def test_made_up_figures_say_so(tables: PublishedTables, database: str) -> None:
    assert tables.made_up() is None
    with Session(open_engine(database)) as session, session.begin():
        session.add(Note(name=MADE_UP, text="These figures are made up."))
    assert tables.made_up() == "These figures are made up."


def test_margins_grow_with_the_number_of_cells() -> None:
    assert [Rules().margin(cells) for cells in (1, 4, 100)] == [8, 14, 58]


@pytest.mark.parametrize(
    ("table", "item", "name"),
    [
        (SITES, "ashby", "Ashby"),
        (SITES, "small-sites-north", "Smaller sites, North"),
        (SITES, "not-stated", "Not stated"),
        (SITES, "closed-long-ago", "closed-long-ago"),
        (TableId.TOPICS_BY_REGION, "occupational-health", "Occupational health"),
        (TableId.TOPICS_BY_REGION, "on-site/trim", "TRiM"),
        (TableId.TOPICS_BY_REGION, "on-site/gone", "gone"),
        (TableId.OUTCOMES, "menu", "Went to the menu"),
        (TableId.CONFUSIONS, "ask-cost|eap-counselling", "What does it cost?, rather than counselling"),
    ],
)
def test_names(table: TableId, item: str, name: str) -> None:
    assert Labels(load_directory(Path("data")), make_sites()).item(table, item) == name
