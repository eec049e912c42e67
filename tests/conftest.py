"""One trained service for the whole run, and a real HTTP server over it."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
os.chdir(ROOT)
for name in [name for name in os.environ if name.startswith("HANDRAIL_CONTACT_")]:
    del os.environ[name]

GUARD = ROOT / "tests" / "guard"
if "HANDRAIL_TEST_SOCKETS" not in os.environ:
    os.environ["HANDRAIL_TEST_SOCKETS"] = str(Path(tempfile.mkdtemp(prefix="handrail-sockets-")) / "tried")
TRIED = Path(os.environ["HANDRAIL_TEST_SOCKETS"])
TRIED.touch()
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH", "")]))

import tests.guard.sitecustomize  # noqa: E402, F401
from bot.runtime import quiet  # noqa: E402

quiet.prepare()

from api.app import create_app  # noqa: E402
from api.server import make_server  # noqa: E402
from api.usage.catalogue import load_catalogue  # noqa: E402
from api.usage.recorder import UsageRecorder  # noqa: E402
from cli.service import Service, start_service  # noqa: E402
from tests.browser import running_chromium  # noqa: E402


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """No test, nor a command that it starts, may reach another machine."""
    before = TRIED.read_text()
    yield
    assert TRIED.read_text() == before, "another machine was looked up or connected to"


@pytest.fixture(scope="session")
def service() -> Service:
    return start_service(Settings())


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('usage')}/usage.db"


@contextlib.contextmanager
def _served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """A real server over `app`, on a port of its own unless one is given: its address."""
    if not port:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
    running = make_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started and thread.is_alive():
        time.sleep(0.02)
    assert running.started, "the server did not start"
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def served() -> Callable[..., contextlib.AbstractContextManager[str]]:
    return _served


@pytest.fixture(scope="session")
def server(service: Service, database_url: str) -> Iterator[str]:
    """The address of a real server."""
    usage = UsageRecorder(database_url, load_catalogue(service.settings.data))
    with _served(create_app(service.conversation, service.sessions, service.settings, usage)) as address:
        yield address
    usage.close()


@pytest.fixture
def http(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=20) as client:
        yield client


@pytest.fixture
def person(http: httpx.Client) -> httpx.Client:
    """A client inside a new conversation."""
    token = http.post("/chat/sessions").json()["token"]
    http.headers["Authorization"] = f"Bearer {token}"
    return http


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
