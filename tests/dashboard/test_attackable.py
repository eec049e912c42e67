"""Every question that a page, a download or the API asks is one of those that the attack on published figures goes through."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from api.dashboard.kinds import KINDS
from api.dashboard.source import Source
from api.usage.published import By, PublishedTables, Query, Row
from api.usage.sites import Region, Site, Sites
from api.usage.tables import NATIONAL, TableId
from tests.dashboard.conftest import Serve
from tests.dashboard.worlds import Cell, months, published

WEEKS, MONTHS = months("2026-W40", 5), months("2026-08", 3)
PARTS = ("over-time", "by-region", "by-service", "by-item")


def small_world() -> tuple[list[Cell], Sites]:
    regions = [Region(id="r1", name="Region one"), Region(id="r2", name="Region two")]
    sites = [Site(id=f"s{nth}", name=f"Site {nth}", region=f"r{nth % 2 + 1}", staff=300) for nth in range(4)]
    cells: list[Cell] = [
        (TableId.SESSIONS_BY_SITE, week, f"r{nth % 2 + 1}", f"s{nth}", 7) for week, nth in product(WEEKS, range(4))
    ]
    for month in MONTHS:
        cells += [
            (TableId.TOPICS_BY_REGION, month, f"r{nth}", item, 8)
            for nth, item in product((1, 2), ("oh", "oh/oh-referral"))
        ]
        for table in (TableId.CHANNELS, TableId.OUTCOMES, TableId.HELPED, TableId.RISK_ANSWERS, TableId.CONFUSIONS):
            cells += [(table, month, NATIONAL, item, 9) for item in ("one", "two")]
    return cells, Sites.of(sites, regions)


class Watched(PublishedTables):
    """Published tables that remember what they answered."""

    def __init__(self, over: PublishedTables) -> None:
        super().__init__(over._sessions, over.sites, over.rules)
        self.answered: set[Query] = set()

    def answer(self, query: Query) -> list[Row]:
        rows = super().answer(query)
        self.answered.add(query)
        return rows


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[tuple[Watched, httpx.Client]]:
    source = published(tmp_path_factory.mktemp("small"), *small_world())
    tables = Watched(source.tables)
    with serve(Source(tables, source.labels)) as http:
        yield tables, http


def filters(table: TableId) -> list[str]:
    periods = WEEKS if table is TableId.SESSIONS_BY_SITE else MONTHS
    spans = [f"from={first}&to={last}" for at, first in enumerate(periods) for last in periods[at:]]
    regions = ["", "r1", "r2", NATIONAL]
    items = ["", "s0", "oh", "oh/oh-referral", "one"]
    return [
        f"{span}{f'&region={region}' if region else ''}{f'&item={item}' if item else ''}"
        for span, region, item in product((spans[0], spans[-1]), regions, items)
    ]


def test_pages_and_downloads_ask_nothing_else(watched: tuple[Watched, httpx.Client]) -> None:
    tables, http = watched
    tables.answered.clear()
    statuses: set[int] = set()
    for kind in KINDS.values():
        for query in filters(kind.table):
            statuses.add(http.get(f"{kind.path}?{query}").status_code)
        for part in PARTS:
            statuses.add(http.get(f"/dashboard/{kind.name}/{part}.csv").status_code)
    for month in MONTHS:
        statuses.add(http.get(f"/dashboard/report?month={month}").status_code)
    assert statuses == {200, 404, 422}
    check_attacked(tables)


def test_the_api_asks_nothing_else(watched: tuple[Watched, httpx.Client]) -> None:
    tables, http = watched
    tables.answered.clear()
    for table, by in product(TableId, By):
        for query in filters(table):
            assert http.get(f"/usage/tables/{table}?{query}&by={by}").status_code in (200, 422)
    check_attacked(tables)


def check_attacked(tables: Watched) -> None:
    attacked = {query for table in TableId for query in tables.accepted_queries(table)}
    assert len(tables.answered) > 50 and tables.answered <= attacked
