"""Each part is really broken under a running server: people at risk still get their answer at once, others people to reach."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from actions.handlers import ACTIONS
from api.app import create_app
from api.usage.catalogue import load_catalogue
from api.usage.recorder import UsageRecorder
from bot.conversation import Conversation
from bot.runtime.engine import Engine
from bot.runtime.training import current_model
from bot.safety import load_assessor
from bot.sessions import SessionStore
from bot.settings import Settings
from cli.service import Service
from tests.channels.processes import redis_in

ROOT = Path(__file__).parents[2]
Serve = Callable[[Any], contextlib.AbstractContextManager[str]]

AT_RISK = "there is no point me being alive any more"
EVERYDAY = "how do i get physio"
SECONDS = 1.0


def ask(address: str, text: str | None = None, choice: str | None = None) -> tuple[dict[str, Any], float]:
    """The reply to one message in a new conversation, and how many seconds it took."""
    with httpx.Client(base_url=address, timeout=30) as client:
        token = client.post("/chat/sessions").json()["token"]
        body = {"text": text} if text else {"choice": choice}
        started = time.perf_counter()
        answer = client.post("/chat/messages", json=body, headers={"Authorization": f"Bearer {token}"})
        took = time.perf_counter() - started
    assert answer.status_code == 200
    return answer.json(), took


def assert_safe(address: str) -> None:
    """Risk gets the risk answer in time; any other message an apology, the menu and people to ring."""
    reply, took = ask(address, AT_RISK)
    assert "risk:self" in reply["answers"] and took < SECONDS
    assert reply["choices"][0]["label"] == "Get help now"
    assert {"samaritans", "emergency-999"} <= {card["id"] for card in reply["cards"]}
    other, _ = ask(address, EVERYDAY)
    assert "apology" in other["answers"] and any(choice["payload"] == "/help-now" for choice in other["choices"])
    assert "samaritans" in {card["id"] for card in other["cards"]}
    help_now, _ = ask(address, choice="/help-now")
    assert "talk to" in " ".join(help_now["paragraphs"])


@pytest.fixture(scope="module")
def spare_engine(service: Service) -> Iterator[Engine]:
    model = current_model(service.settings.models)
    assert model is not None
    engine = Engine(model, ACTIONS, 60)
    yield engine
    engine.close()


def app_over(service: Service, engine: Engine | None, url: str = "sqlite://") -> Any:
    data = service.settings.data
    conversation = Conversation(engine, load_assessor(data), service.conversation.safe, turn_seconds=2)
    return create_app(conversation, SessionStore(), service.settings, UsageRecorder(url, load_catalogue(data)))


def test_rasa_raises(service: Service, spare_engine: Engine, served: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(spare_engine._agent, "handle_message", broken)
    with served(app_over(service, spare_engine)) as address:
        assert_safe(address)


def test_rasa_hangs_and_many_wait(
    service: Service, spare_engine: Engine, served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    async def hangs(*_: Any, **__: Any) -> None:
        release.wait(30)

    monkeypatch.setattr(spare_engine._agent, "handle_message", hangs)
    with served(app_over(service, spare_engine)) as address:
        ask(address, EVERYDAY)
        waiting = [threading.Thread(target=ask, args=(address, EVERYDAY)) for _ in range(30)]
        for thread in waiting:
            thread.start()
        assert_safe(address)
        for thread in waiting:
            thread.join()
        release.set()


def test_no_engine_yet_and_then_one(service: Service, spare_engine: Engine, served: Serve) -> None:
    app = app_over(service, None)
    with served(app) as address:
        assert httpx.get(f"{address}/health").json() == {"status": "starting"}
        assert_safe(address)
        app.state.conversation.engine = spare_engine
        assert httpx.get(f"{address}/health").json() == {"status": "ok"}
        reply, _ = ask(address, EVERYDAY)
        assert "oh-physiotherapy" in reply["answers"]


def test_the_classifier_breaks(service: Service, served: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> None:
        raise OSError("the encoder's file is gone")

    assessor = load_assessor(service.settings.data)
    monkeypatch.setattr(assessor, "_encode", broken)
    with served(app_over(service, None)) as address:
        assert_safe(address)


def test_the_database_is_away(service: Service, spare_engine: Engine, served: Serve) -> None:
    with served(app_over(service, spare_engine, "postgresql+psycopg://nobody@127.0.0.1:1/none")) as address:
        reply, took = ask(address, AT_RISK)
        assert "risk:self" in reply["answers"] and took < SECONDS
        assert "oh-physiotherapy" in ask(address, EVERYDAY)[0]["answers"]


@contextlib.contextmanager
def process(**settings: str) -> Iterator[str]:
    """`handrail serve` in a process of its own: its address, from when it first listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {**os.environ, "HANDRAIL_PORT": str(port), **settings}
    command = [sys.executable, "-m", "cli.main", "serve"]
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/health")
                break
            assert running.poll() is None, "the server ended"
            time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(timeout=15)


def test_the_model_is_damaged(service: Service, tmp_path: Path) -> None:
    model = current_model(service.settings.models)
    assert model is not None
    (tmp_path / model.name).write_bytes(b"not a model")
    with process(HANDRAIL_MODELS=str(tmp_path), HANDRAIL_DATABASE_URL=f"sqlite:///{tmp_path}/usage.db") as address:
        assert_safe(address)


def test_the_disk_goes(service: Service, tmp_path: Path) -> None:
    model = current_model(service.settings.models)
    assert model is not None
    shutil.copytree(Settings().data, tmp_path / "data")
    (tmp_path / "models").mkdir()
    shutil.copy(model, tmp_path / "models")
    settings = {"HANDRAIL_DATA": str(tmp_path / "data"), "HANDRAIL_MODELS": str(tmp_path / "models")}
    with process(**settings, HANDRAIL_DATABASE_URL=f"sqlite:///{tmp_path}/usage.db") as address:
        while httpx.get(f"{address}/health").json()["status"] != "ok":
            time.sleep(0.2)
        shutil.rmtree(tmp_path)
        reply, took = ask(address, AT_RISK)
        assert "risk:self" in reply["answers"] and took < SECONDS
        other, _ = ask(address, EVERYDAY)
        assert {"oh-physiotherapy", "apology"} & set(other["answers"])
        assert any(choice["payload"] == "/help-now" for choice in other["choices"])


def test_redis_goes(tmp_path: Path) -> None:
    with (
        redis_in(tmp_path / "redis") as server,
        process(HANDRAIL_REDIS_URL=server.url, HANDRAIL_DATABASE_URL=f"sqlite:///{tmp_path}/usage.db") as address,
    ):
        while httpx.get(f"{address}/health").json()["status"] != "ok":
            time.sleep(0.2)
        server.kill()
        reply, took = ask(address, AT_RISK)
        assert "risk:self" in reply["answers"] and took < SECONDS
        assert "oh-physiotherapy" in ask(address, EVERYDAY)[0]["answers"]
