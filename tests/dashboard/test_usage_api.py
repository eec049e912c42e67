"""The JSON API: the same tables and refusals, pages of rows, ETags, and clear errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.dashboard.source import Source
from api.sign_in import Person, Role
from api.usage.tables import TableId
from tests.dashboard.conftest import Serve


@pytest.fixture
def api(http: httpx.Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=http.base_url, headers={"Accept": "application/json"}, timeout=30) as client:
        yield client


def test_every_table_is_listed_with_its_closed_periods(api: httpx.Client) -> None:
    listed = api.get("/usage/tables").json()
    assert [one["id"] for one in listed["tables"]] == list(TableId)
    sites = listed["tables"][0]
    assert (sites["cadence"], sites["first"], sites["last"]) == ("week", "2025-W18", "2026-W43")
    assert {"id": "wales", "name": "Wales"} in sites["regions"]
    for one in listed["tables"]:
        assert api.get(one["address"]).status_code == (200 if one["first"] else 422)


def test_pages_of_rows_hold_every_row_once(api: httpx.Client) -> None:
    whole = api.get("/usage/tables/sessions-by-site?page_size=1000").json()
    address, found = "/usage/tables/sessions-by-site?page_size=50", []
    for number in range(1, 4):
        page = api.get(address).json()
        assert (page["page"], page["pages"], page["rows_in_all"]) == (number, 3, whole["rows_in_all"])
        found += page["rows"]
        address = page["next"]
    assert address is None and found == whole["rows"] and len(found) == 121


def test_the_same_question_gives_the_same_tag_and_304(api: httpx.Client) -> None:
    path = "/usage/tables/channels?from=2026-08&to=2026-10&by=period"
    first = api.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache" and "cookie" in first.headers["vary"].lower()
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert api.get(f"{path}&page_size=2").headers["etag"] != tag


REFUSED = [
    ("nothing", "", 404, "unknown-table"),
    ("nothing", "page=x", 404, "unknown-table"),
    ("channels", "from=2026-11", 422, "open-period"),
    ("channels", "from=2020-01", 422, "unknown-period"),
    ("channels", "from=2026-W40", 422, "unknown-period"),
    ("channels", "from=soon", 422, "unknown-period"),
    ("channels", "from=2026-10&to=2026-09", 422, "unknown-period"),
    ("channels", "by=day", 422, "unknown-filter"),
    ("channels", "region=wales", 422, "unknown-filter"),
    ("channels", "colour=red", 422, "unknown-filter"),
    ("channels", "group=national", 422, "unknown-filter"),
    ("sessions-by-site", "region=wales&item=site-009", 422, "combined-filters"),
    ("sessions-by-site", "region=wales&region=london", 422, "combined-filters"),
    ("sessions-by-site", "region=" + "x" * 3000, 422, "unknown-filter"),
    ("topics-by-region", "by=group", 422, "not-added"),
    ("confusions", "", 422, "open-period"),
    ("channels", "page=2", 422, "unknown-page"),
    ("channels", "page=0", 422, "unknown-page"),
    ("channels", "page=%D9%A1", 422, "unknown-page"),
    ("channels", "page_size=1001", 422, "unknown-page-size"),
]


@pytest.mark.parametrize(("table", "query", "status", "code"), REFUSED)
def test_what_is_not_published_is_refused_with_a_code_and_words(
    api: httpx.Client, table: str, query: str, status: int, code: str
) -> None:
    answer = api.get(f"/usage/tables/{table}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert set(answer.json()) == {"error", "message"} and answer.json()["message"].endswith(".")
    assert "wales" not in answer.text and "xxx" not in answer.text, "what was sent is not repeated"


@pytest.mark.parametrize("path", ["/usage/tables", "/usage/tables/channels", "/usage/tables/nothing?x=1"])
def test_others_are_refused_in_json_before_anything_else(large: Source, serve: Serve, path: str) -> None:
    for person, status in ((None, 401), (Person(frozenset({Role.TUNER, Role.ADMIN}), "token"), 403)):
        with serve(large, person) as http:
            answer = http.get(path)
            assert answer.status_code == status and set(answer.json()) == {"error", "message"}
            assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers


def test_it_is_in_the_api_document(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    asked = document["paths"]["/usage/tables/{table}"]["get"]
    assert {one["name"] for one in asked["parameters"]} >= {"table", "from", "to", "by", "region", "item", "page"}
    assert set(asked["responses"]) >= {"200", "304", "401", "403", "404", "422"}
    for status in ("401", "403", "404", "422"):
        assert asked["responses"][status]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    assert not any(path.startswith("/dashboard") for path in document["paths"])


def test_every_address_of_it_is_documented(api: httpx.Client) -> None:
    text = Path("docs/settings.md").read_text()
    paths = [path for path in api.get("/openapi.json").json()["paths"] if path.startswith("/usage")]
    assert len(paths) == 2 and all(f"`GET {path}`" in text for path in paths)
