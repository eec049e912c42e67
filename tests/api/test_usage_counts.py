"""What real conversations over real HTTP add to the counts, and that a normal stop loses none of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from api.app import create_app
from api.database.engine import open_engine
from api.usage.catalogue import load_catalogue
from api.usage.models import Cell
from api.usage.recorder import UsageRecorder
from cli.service import Service
from tests.usage.world import make_sites

ROOT = Path(__file__).parents[2]
Serve = Callable[[FastAPI], AbstractContextManager[str]]


def counted(url: str) -> set[tuple[str, str, str, int]]:
    """Every count above zero, without its period."""
    with Transaction(open_engine(url)) as session:
        cells = session.scalars(select(Cell).where(Cell.n > 0))
        return {(cell.table_id, cell.group, cell.item, cell.n) for cell in cells}


@pytest.fixture
def usage(service: Service, tmp_path: Path) -> UsageRecorder:
    return UsageRecorder(f"sqlite:///{tmp_path}/u.db", load_catalogue(service.settings.data, make_sites()))


@pytest.fixture
def client(service: Service, served: Serve, usage: UsageRecorder) -> Iterator[httpx.Client]:
    with (
        served(create_app(service.conversation, service.sessions, service.settings, usage)) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        yield client


def talk(client: httpx.Client, site: object, *texts: str) -> dict[str, object]:
    answer = client.post("/chat/sessions", json={"site": site} if site else None)
    assert answer.status_code == 201
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    for text in texts:
        body = {"choice": text} if text.startswith("/") else {"text": text}
        reply = client.post("/chat/messages", json=body, headers=headers)
        assert reply.status_code == 200, reply.text
    return dict(reply.json()) if texts else {}


def test_a_conversation_is_counted_by_site_topic_outcome_and_channel(
    client: httpx.Client, usage: UsageRecorder, tmp_path: Path
) -> None:
    talk(client, "ashby", "what is trim", "will my manager know", "what is trim", "/menu")
    usage.flush()
    assert counted(f"sqlite:///{tmp_path}/u.db") == {
        ("sessions-by-site", "north", "ashby", 1),
        ("topics-by-region", "north", "on-site", 1),
        ("topics-by-region", "north", "on-site/trim", 1),
        ("outcomes", "national", "answered", 1),
        ("outcomes", "national", "menu", 1),
        ("channels", "national", "web", 1),
    }


def test_someone_in_danger_is_counted_for_the_whole_service_only(
    client: httpx.Client, usage: UsageRecorder, tmp_path: Path
) -> None:
    talk(client, "elm", "there is no point me being alive any more")
    usage.flush()
    assert counted(f"sqlite:///{tmp_path}/u.db") == {
        ("sessions-by-site", "south", "elm", 1),
        ("channels", "national", "web", 1),
        ("risk-answers", "national", "risk-answer", 1),
    }


def test_the_rest_channel_and_unknown_sites_are_not_stated(
    client: httpx.Client, usage: UsageRecorder, tmp_path: Path
) -> None:
    client.post("/webhooks/rest/webhook", json={"sender": "someone-here", "message": "thank you that helped"})
    talk(client, "nowhere", "asdf qwer zxcv")
    talk(client, None)
    usage.flush()
    found = counted(f"sqlite:///{tmp_path}/u.db")
    assert ("sessions-by-site", "not-stated", "not-stated", 2) in found
    assert {("channels", "national", "rest", 1), ("channels", "national", "web", 1)} <= found
    assert ("helped", "national", "helped", 1) in found


@pytest.mark.parametrize("body", [{"site": 7}, {"site": "x" * 61}, {"sites": "ashby"}, [], "ashby"])
def test_a_site_in_the_wrong_form_is_refused_without_repeating_it(client: httpx.Client, body: object) -> None:
    answer = client.post("/chat/sessions", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong-form")
    assert "ashby" not in answer.text and "xxx" not in answer.text


def test_a_normal_stop_loses_no_count(tmp_path: Path) -> None:
    """`handrail serve` with an interval of ten minutes: only the stop can have written what is found."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"sqlite:///{tmp_path}/u.db"
    settings = {"HANDRAIL_PORT": str(port), "HANDRAIL_DATABASE_URL": url, "HANDRAIL_USAGE_FLUSH_SECONDS": "600"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "serve"], cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            for _ in range(600):
                with suppress(httpx.TransportError):
                    client.get("/health")
                    break
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
            talk(client, "ashby", "/menu")
            talk(client, "ashby", "/menu")
        assert ("channels", "national", "web", 2) not in (counted(url) if (tmp_path / "u.db").exists() else set())
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    finally:
        process.kill()
    assert ("channels", "national", "web", 2) in counted(url)
