"""Every figure on a page, in its downloads and in the JSON API is the same, and is what the rules make of the noised cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain

import httpx
import pytest

from api.dashboard.kinds import KINDS, Kind
from api.dashboard.source import Source
from api.usage.tables import TableId
from tests.dashboard.reading import Rows, rows_of_csv, rows_of_sheets, tables_of
from tests.dashboard.worlds import Cell, large_world, regions_and_sites, shown

CELLS = large_world(regions_and_sites())
WEEKS, MONTHS = "from=2026-W36&to=2026-W43", "from=2026-08&to=2026-10"
Key = Callable[[Cell], str]
BY_PERIOD: Key = lambda cell: cell[1]  # noqa: E731
BY_GROUP: Key = lambda cell: cell[2]  # noqa: E731
BY_ITEM: Key = lambda cell: cell[3]  # noqa: E731
ASKED = [
    ("overview", MONTHS, "over-time", "by=period", BY_PERIOD, None),
    ("overview", "from=2025-05&to=2026-10", "over-time", "by=period", BY_PERIOD, None),
    ("sites", WEEKS, "over-time", "by=period", BY_PERIOD, None),
    ("sites", WEEKS, "by-region", "by=group", BY_GROUP, None),
    ("sites", WEEKS, "by-item", "by=item", BY_ITEM, None),
    ("sites", f"{WEEKS}&region=wales", "over-time", "by=period", BY_PERIOD, ("region", "wales")),
    ("sites", f"{WEEKS}&region=wales", "by-item", "by=item", BY_ITEM, ("region", "wales")),
    ("sites", f"{WEEKS}&item=site-031", "over-time", "by=period-and-item", BY_PERIOD, ("item", "site-031")),
    ("topics", MONTHS, "by-item", "by=item", BY_ITEM, None),
    ("topics", f"{MONTHS}&region=wales", "by-service", "by=item", BY_ITEM, ("region", "wales")),
    ("channels", MONTHS, "by-item", "by=item", BY_ITEM, None),
    ("outcomes", MONTHS, "by-item", "by=item", BY_ITEM, None),
    ("helped", MONTHS, "by-item", "by=item", BY_ITEM, None),
    ("risk", MONTHS, "by-item", "by=item", BY_ITEM, None),
]


def expected(table: TableId, query: str, key: Key, chosen: tuple[str, str] | None) -> dict[str, str]:
    fields = dict(pair.split("=") for pair in query.split("&"))
    sums: defaultdict[str, list[int]] = defaultdict(list)
    for cell in CELLS:
        wanted = chosen is None or cell[2 if chosen[0] == "region" else 3] == chosen[1]
        if cell[0] is table and fields["from"] <= cell[1] <= fields["to"] and wanted:
            sums[key(cell)].append(cell[4])
    return {name: shown(values) for name, values in sums.items()}


def without_total(rows: Rows) -> Rows:
    return [row for row in rows if row[0] != "Total"]


def pages_of(http: httpx.Client, kind: Kind, query: str, part: str) -> Rows:
    """The rows of one table of a page, over all its pages of rows."""
    found: Rows = []
    for page in range(1, 40) if kind.can_choose_item else [1]:
        text = http.get(f"{kind.path}?{query}" + (f"&page={page}" if page > 1 else "")).text
        section = text.partition(f'id="{part}"')[2].partition("</section>")[0]
        (rows,) = tables_of(section).values()
        if rows and rows[0] in found:
            break
        found += rows
    return found


@pytest.mark.parametrize(("name", "query", "part", "by", "key", "chosen"), ASKED)
def test_page_csv_spreadsheet_and_api_give_what_the_rules_make_of_the_cells(
    http: httpx.Client,
    large: Source,
    name: str,
    query: str,
    part: str,
    by: str,
    key: Key,
    chosen: tuple[str, str] | None,
) -> None:
    kind = KINDS[name]
    wanted = expected(kind.table, query, key, chosen)
    if part in ("by-item", "by-service") and name == "topics":
        wanted = {item: figure for item, figure in wanted.items() if ("/" in item) == (part == "by-item")}
    on_page = pages_of(http, kind, query, part)
    assert len(without_total(on_page)) == len(wanted) > 0
    assert sorted(figure for _, figure in without_total(on_page)) == sorted(wanted.values())

    in_csv = rows_of_csv(http.get(f"/dashboard/{name}/{part}.csv?{query}").text)
    assert in_csv == [(row, figure.replace(",", "")) for row, figure in on_page]

    sheets = rows_of_sheets(http.get(f"/dashboard/{name}.xlsx?{query}").content)
    in_sheets = [tuple(row) for row in chain.from_iterable(sheets.values()) if len(row) == 2]
    assert [row for row in in_csv if row not in in_sheets] == []

    answer = http.get(f"/usage/tables/{kind.table}?{query}&{by}&page_size=1000").json()
    in_api = {}
    for row in answer["rows"]:
        where = row["item"] if key is BY_ITEM else row["region"] if key is BY_GROUP else {"id": row["period"]}
        in_api[where["id"]] = row["shown"]
        assert row["shown"] == ("fewer than 10" if row["value"] is None else f"{row['value']:,}")
    assert {at: in_api[at] for at in wanted} == wanted


def test_the_report_gives_the_same_figures_as_the_pages(http: httpx.Client) -> None:
    report = tables_of(http.get("/dashboard/report?month=2026-09").text)
    figures = {caption: dict(rows) for caption, rows in report.items()}
    for name in ("channels", "outcomes", "helped", "risk"):
        ((caption, rows),) = tables_of(http.get(f"/dashboard/{name}?from=2026-09&to=2026-09").text).items()
        assert figures[caption] == dict(rows)
    weeks = tables_of(http.get("/dashboard/sites?from=2026-W36&to=2026-W39").text)
    by_region = next(caption for caption in weeks if "by region" in caption)
    assert figures[by_region] == dict(weeks[by_region])
    sheets = rows_of_sheets(http.get("/dashboard/report.xlsx?month=2026-09").content)
    in_sheets = [tuple(row) for row in chain.from_iterable(sheets.values()) if len(row) == 2]
    rows = [(name, figure.replace(",", "")) for rows in figures.values() for name, figure in rows.items()]
    assert len(rows) > 200 and [row for row in rows if row not in in_sheets] == []
