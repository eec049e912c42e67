"""The dashboard over real HTTP: who may see it, what is refused, what it says, and that it tells no exact figure."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from api.dashboard.ahead import draw_ahead
from api.dashboard.charts import draw_bars
from api.dashboard.source import Source
from api.sign_in import Person, Role
from api.usage.sites import Region, Site, Sites
from api.usage.tables import NATIONAL, TableId
from tests.dashboard.conftest import Serve
from tests.dashboard.reading import rows_of_csv, rows_of_sheets
from tests.dashboard.worlds import MADE_UP, Cell, published, regions_and_sites

PAGES = [
    "/dashboard", "/dashboard/sites", "/dashboard/topics", "/dashboard/channels", "/dashboard/outcomes",
    "/dashboard/helped", "/dashboard/risk", "/dashboard/report", "/dashboard/protection",
]  # fmt: skip
DOWNLOADS = [
    "/dashboard/sites.xlsx", "/dashboard/report.xlsx", "/dashboard/sites/by-item.csv", "/dashboard/overview/over-time.csv",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES + DOWNLOADS)
def test_a_manager_sees_it_and_nothing_is_kept_by_the_browser(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_the_style_of_the_pages_is_fetched_once_and_then_only_asked_after(http: httpx.Client) -> None:
    style = "/static/vendor/govuk-frontend/govuk-frontend.css"
    first = http.get(style)
    assert first.status_code == 200 and first.headers["cache-control"] == "no-cache"
    again = http.get(style, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert http.get("/static/page.css").headers["cache-control"] == "no-store", "what staff use leaves nothing behind"
    assert http.get("/static/vendor/none.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES + DOWNLOADS)
def test_others_do_not_see_it(large: Source, serve: Serve, path: str) -> None:
    with serve(large, None) as nobody:
        answer = nobody.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=/dashboard")
        assert nobody.get(path, headers={"Accept": "*/*"}).status_code == 401
    with serve(large, Person(frozenset({Role.TUNER, Role.ADMIN}), "token")) as tuner:
        answer = tuner.get(path)
        assert answer.status_code == 403 and "onversations" not in answer.text


REFUSED = [
    ("sites", "from=2026-W44", "from", "They are made when it is over"),
    ("sites", "from=2026-W40&to=2026-W44", "to", "They are made when it is over"),
    ("sites", "from=2026-W43&to=2026-W40", "from", "after the last"),
    ("sites", "from=2019-W01", "from", "no figures of"),
    ("sites", "from=2026-10", "from", "by week"),
    ("sites", "from=%00&to=zzz", "from", "not known"),
    ("sites", "region=atlantis", "region", "no such region"),
    ("sites", "item=site-999", "item", "no such item"),
    ("sites", "region=wales&item=site-001", "item", "one filter only"),
    ("sites", "region=wales&region=london", "region", "one only"),
    ("sites", "topic=trim", "from", "does not have that filter"),
    ("sites", "page=0", "from", "no such page"),
    ("sites", "page=-1", "from", "no such page"),
    ("topics", "region=wales&item=occupational-health", "item", "one filter only"),
    ("topics", "site=site-001", "from", "does not have that filter"),
    ("channels", "region=wales", "from", "does not have that filter"),
    ("risk", "region=wales", "from", "does not have that filter"),
    ("report", "month=2026-11", "month", "They are made when it is over"),
    ("report", "month=2026-W40", "month", "by month"),
    ("report", "month=now", "month", "Choose a month"),
    ("report", "month=2026-10&region=wales", "month", "does not have that filter"),
]


@pytest.mark.parametrize(("page", "query", "field", "words"), REFUSED)
def test_what_is_not_published_is_refused_with_an_error_summary(
    http: httpx.Client, page: str, query: str, field: str, words: str
) -> None:
    answer = http.get(f"/dashboard/{page}?{query}")
    assert answer.status_code == 422
    summary = answer.text.partition("govuk-error-summary")[2].partition("<h1")[0]
    assert words in summary and f'href="#{field}"' in summary
    assert f'id="{field}"' in answer.text and "<title>Error: " in answer.text
    assert "govuk-table" not in answer.text, "no figures beside a refusal"
    for download in (f"/dashboard/{page}.xlsx?{query}", f"/dashboard/{page}/by-item.csv?{query}"):
        if page != "report" or (download.endswith(query) and ".xlsx" in download):
            assert http.get(download).status_code == 422


def test_what_was_sent_is_not_repeated(http: httpx.Client) -> None:
    answer = http.get("/dashboard/sites?region=%3Cscript%3Ealert(1)%3C/script%3E&from=abc%22onload=")
    assert answer.status_code == 422
    assert "alert(1)" not in answer.text and "onload" not in answer.text


def test_a_refused_form_keeps_what_was_chosen(http: httpx.Client) -> None:
    text = http.get("/dashboard/sites?from=2026-W40&to=2026-W43&region=wales&item=site-031").text
    for value in ("2026-W40", "2026-W43", "wales", "site-031"):
        assert f'value="{value}" selected' in text


@pytest.mark.parametrize(
    "path", ["/dashboard/nothing", "/dashboard/overview", "/dashboard/nothing.xlsx", "/dashboard/sites/nothing.csv"]
)
def test_there_is_nothing_at_other_addresses(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES[:-1])
def test_before_anything_has_closed_pages_say_so(empty: Source, serve: Serve, path: str) -> None:
    with serve(empty) as http:
        answer = http.get(path)
        assert answer.status_code == 200 and "There are no figures yet" in answer.text
        assert "<table" not in answer.text and "<svg" not in answer.text.replace("govuk-", "")
        assert http.get("/dashboard/protection").status_code == 200
        assert http.get("/dashboard/sites.xlsx").status_code == 404
        assert http.get("/dashboard?from=2026-10").status_code == 422


def test_a_database_that_is_away_gives_a_plain_answer(away: Source, serve: Serve) -> None:
    with serve(away) as http:
        page = http.get("/dashboard")
        assert page.status_code == 503 and "cannot be read at the moment" in page.text
        answer = http.get("/usage/tables", headers={"Accept": "application/json"})
        assert answer.status_code == 503 and answer.json()["error"] == "figures-away"
        assert http.get("/health").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_made_up_figures_are_marked_on_every_page(http: httpx.Client, path: str) -> None:
    assert f">{MADE_UP}<" in re.sub(r"\s*\n\s*", "", http.get(path).text)


def test_made_up_figures_are_marked_in_downloads_too(http: httpx.Client) -> None:
    answer = http.get("/dashboard/sites/by-region.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="made-up-handrail-sites-by-region.csv"'
    assert {line.rsplit(",", 1)[1] for line in answer.text.splitlines()} == {"Made up", "yes"}
    sheets = rows_of_sheets(http.get("/dashboard/sites.xlsx").content)
    assert all([MADE_UP] in rows for name, rows in sheets.items() if name.startswith(("Cover", "Table")))


def test_true_figures_are_not_marked_as_made_up(tmp_path: Path, serve: Serve) -> None:
    cells: list[Cell] = [(TableId.CHANNELS, "2026-10", NATIONAL, "web", 400)]
    with serve(published(tmp_path, cells, regions_and_sites())) as http:
        assert "made up" not in http.get("/dashboard").text.lower()
        assert "Made up" not in http.get("/dashboard/channels/by-item.csv").text


def world(shift: int) -> list[Cell]:
    """One month and week. Each figure that is shown is the same for every `shift` of 0 and 1, no noised cell is."""
    cells: list[Cell] = []
    for nth, item in enumerate(("a", "b", "c", "d")):
        moved = shift * (1 if nth % 2 else -1)
        cells.append((TableId.SESSIONS_BY_SITE, "2026-W43", "r1" if nth < 2 else "r2", f"site-{item}", 12_345 + moved))
    for table, items in (
        (TableId.CHANNELS, ("web", "telegram")),
        (TableId.OUTCOMES, ("answered", "menu")),
        (TableId.HELPED, ("helped", "not-helped")),
        (TableId.RISK_ANSWERS, ("risk-answer", "are-you-safe")),
    ):
        cells += [
            (table, "2026-10", NATIONAL, items[0], 23_455 + shift),
            (table, "2026-10", NATIONAL, items[1], 34_565 - shift),
        ]
    cells.append((TableId.OUTCOMES, "2026-10", NATIONAL, "failed", 9 * shift))
    cells += [
        (TableId.TOPICS_BY_REGION, "2026-10", region, "occupational-health", 45_675 + moved)
        for region, moved in (("r1", shift), ("r2", -shift))
    ]
    return cells


def test_noised_figures_that_round_alike_give_the_same_bytes_everywhere(tmp_path: Path, serve: Serve) -> None:
    regions = [Region(id="r1", name="Region one"), Region(id="r2", name="Region two")]
    sites = Sites.of(
        [Site(id=f"site-{nth}", name=f"HMP {nth}", region="r1" if nth in "ab" else "r2", staff=500) for nth in "abcd"],
        regions,
    )
    paths = [
        *PAGES,
        *DOWNLOADS,
        "/dashboard/sites?region=r1",
        "/dashboard/sites?item=site-a",
        "/dashboard/topics?region=r2",
    ]
    paths += ["/dashboard/topics.xlsx", "/dashboard/risk/by-item.csv", "/usage/tables"]
    paths += [f"/usage/tables/{table}?by={by}" for table in TableId for by in ("cell", "item", "group", "all")]
    paths += ["/usage/tables/sessions-by-site?region=r1"]
    got: list[list[bytes]] = []
    for shift in (0, 1):
        folder = tmp_path / str(shift)
        folder.mkdir()
        with serve(published(folder, world(shift), sites)) as http:
            got.append([http.get(path).content for path in paths])
    assert [path for path, one, other in zip(paths, *got, strict=True) if one != other] == []
    everything = b"".join(got[1])
    for number in (12_344, 12_346, 23_456, 34_564, 45_676):
        assert str(number).encode() not in everything and f"{number:,}".encode() not in everything
    assert b"12,345" in everything and b"fewer than 10" in everything


def test_names_are_never_taken_for_formulas_or_markup(tmp_path: Path, serve: Serve) -> None:
    regions = [Region(id="r1", name="=1+1<b>")]
    sites = Sites.of([Site(id="s", name="@SUM(A1)&<i>", region="r1", staff=500)], regions)
    cells: list[Cell] = [(TableId.SESSIONS_BY_SITE, "2026-W43", "r1", "s", 100)]
    with serve(published(tmp_path, cells, sites)) as http:
        assert rows_of_csv(http.get("/dashboard/sites/by-item.csv").text) == [("'@SUM(A1)&<i>", "100")]
        assert rows_of_csv(http.get("/dashboard/sites/by-region.csv").text) == [("'=1+1<b>", "100")]
        sheets = rows_of_sheets(http.get("/dashboard/sites.xlsx").content)
        assert any(["'=1+1<b>", "100"] in rows for rows in sheets.values())
        page = http.get("/dashboard/sites").text
        assert "<b>" not in page and "<i>" not in page and "@SUM(A1)&amp;&lt;i&gt;" in page


def test_the_spreadsheet_has_a_cover_notes_and_one_table_on_a_sheet(http: httpx.Client) -> None:
    sheets = rows_of_sheets(http.get("/dashboard/report.xlsx").content)
    assert list(sheets)[:3] == ["Cover", "Contents", "Notes"]
    assert [name for name in sheets if name.startswith("Table")] == [f"Table {n}" for n in range(1, len(sheets) - 2)]
    assert "October 2026" in sheets["Cover"][0][0]
    assert any("random number" in cell for row in sheets["Notes"] for cell in row)


def test_staff_who_chat_need_no_sign_in_and_get_no_cookie(large: Source, serve: Serve) -> None:
    with serve(large, None) as http:
        assert http.get("/").status_code == 200
        made = http.post("/chat/sessions")
        assert made.status_code == 201 and "set-cookie" not in made.headers


def test_charts_can_be_drawn_ahead_also_when_there_is_nothing_to_draw(
    large: Source, empty: Source, away: Source
) -> None:
    draw_bars.cache_clear()
    for source in (large, empty, away):
        draw_ahead(source)
    drawn = draw_bars.cache_info().currsize
    assert drawn > 8
    draw_ahead(large)
    assert draw_bars.cache_info().currsize == drawn, "kept, not drawn again"
