"""A message that is sent again is answered once, over real HTTP and at the same time; and who may call from another page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from api.app import create_app
from api.usage.catalogue import load_catalogue
from api.usage.recorder import UsageRecorder
from bot.conversation import Outcome
from bot.once import KeyReusedError, Once
from bot.reply import Reply
from bot.sessions import Session
from bot.settings import Settings
from cli.service import Service

INTRANET = "https://intranet.example.gov.uk"
KEY = {"Idempotency-Key": "0123456789abcdef"}


class TurnsRecorded(UsageRecorder):
    """Also tells how many turns it was given: its cells count a conversation once."""

    turns = 0

    def record(self, session: Session, outcome: Outcome, channel: str, choice: str | None = None) -> None:
        self.turns += 1
        super().record(session, outcome, channel, choice)


@pytest.fixture(scope="module")
def usage(service: Service) -> TurnsRecorded:
    return TurnsRecorded("sqlite://", load_catalogue(service.settings.data))


@pytest.fixture(scope="module")
def allowing(
    service: Service, usage: TurnsRecorded, served: Callable[[FastAPI], AbstractContextManager[str]]
) -> Iterator[str]:
    """A server that lets one intranet hold the chat, and counts."""
    settings = service.settings.model_copy(update={"embed_origins": (INTRANET,)})
    with served(create_app(service.conversation, service.sessions, settings, usage)) as address:
        yield address


@pytest.fixture
def person(allowing: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=allowing, timeout=20) as client:
        token = client.post("/chat/sessions", json={"site": "hmp-anywhere"}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_twenty_at_once_with_one_key_are_one_turn(person: httpx.Client, usage: TurnsRecorded) -> None:
    before = usage.turns

    def post(_: int) -> httpx.Response:
        return person.post("/chat/messages", json={"text": "asdkjh qwe zxc"}, headers=KEY)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert usage.turns - before == 1


def test_without_a_key_each_is_a_turn(person: httpx.Client, usage: TurnsRecorded) -> None:
    before = usage.turns
    for _ in range(2):
        person.post("/chat/messages", json={"choice": "/menu"})
    assert usage.turns - before == 2


def test_a_key_of_another_conversation_gives_away_nothing(person: httpx.Client, allowing: str) -> None:
    first = person.post("/chat/messages", json={"text": "i want to die"}, headers=KEY).json()
    token = httpx.post(f"{allowing}/chat/sessions").json()["token"]
    other = httpx.post(
        f"{allowing}/chat/messages",
        json={"choice": "/menu"},
        headers={**KEY, "Authorization": f"Bearer {token}"},
        timeout=20,
    ).json()
    assert "risk:self" in first["answers"] and "menu" in other["answers"]


def test_a_key_with_another_message_is_refused(person: httpx.Client) -> None:
    person.post("/chat/messages", json={"choice": "/menu"}, headers=KEY)
    answer = person.post("/chat/messages", json={"text": "zebra"}, headers=KEY)
    assert (answer.status_code, answer.json()["error"]) == (422, "key-reused") and "zebra" not in answer.text


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space 12345", "näive-key-1234"])
def test_a_malformed_key_is_refused(person: httpx.Client, key: str) -> None:
    answer = person.post(
        "/chat/messages", json={"choice": "/menu"}, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong-form")


def test_a_refused_message_is_refused_again_and_can_be_mended(person: httpx.Client) -> None:
    for _ in range(2):
        assert person.post("/chat/messages", json={"text": " "}, headers=KEY).status_code == 422
    assert person.post("/chat/messages", json={"text": "physio"}, headers=KEY).status_code == 200


def test_what_failed_is_not_remembered() -> None:
    once = Once()

    def fail() -> Reply:
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        once.answer("key-12345", "hello", fail)
    assert once.answer("key-12345", "hello", lambda: Reply(paragraphs=["up"])).paragraphs == ["up"]
    with pytest.raises(KeyReusedError):
        once.answer("key-12345", "other", Reply)


@pytest.mark.parametrize("body", [{"site": 7}, {"site": "x" * 61}, {"place": "x"}])
def test_a_wrong_site_is_refused(allowing: str, body: dict[str, object]) -> None:
    assert httpx.post(f"{allowing}/chat/sessions", json=body).status_code == 422


def test_the_greeting_starts_no_conversation(allowing: str, service: Service) -> None:
    before = len(service.sessions)
    greeting = httpx.get(f"{allowing}/chat/greeting").json()
    assert greeting["paragraphs"] and [choice["payload"] for choice in greeting["choices"]][-1] == "/help-now"
    assert len(service.sessions) == before


def preflight(address: str, origin: str, path: str = "/chat/messages") -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type,idempotency-key"
    return httpx.options(f"{address}{path}", headers={"Origin": origin, **asked})


def test_an_allowed_page_may_call_and_no_other(allowing: str, server: str) -> None:
    assert preflight(allowing, INTRANET).headers["access-control-allow-origin"] == INTRANET
    assert "access-control-allow-credentials" not in preflight(allowing, INTRANET).headers
    for address, origin in [
        (allowing, "https://evil.example"),
        (allowing, f"{INTRANET}.evil.example"),
        (allowing, "null"),
        (server, INTRANET),
    ]:
        assert "access-control-allow-origin" not in preflight(address, origin).headers
        assert (
            "access-control-allow-origin"
            not in httpx.get(f"{address}/chat/greeting", headers={"Origin": origin}).headers
        )


def test_errors_can_be_read_by_an_allowed_page(allowing: str) -> None:
    for content in (b"x" * 40_000, b"{"):
        answer = httpx.post(f"{allowing}/chat/messages", content=content, headers={"Origin": INTRANET})
        assert answer.status_code in (401, 413, 422) and answer.headers["access-control-allow-origin"] == INTRANET


def test_only_the_chat_is_open_to_other_pages(allowing: str) -> None:
    for path in ("/", "/health", "/openapi.json", "/webhooks/rest/webhook"):
        assert "access-control-allow-origin" not in httpx.get(f"{allowing}{path}", headers={"Origin": INTRANET}).headers


def test_only_embed_may_be_framed_and_only_by_allowed_pages(allowing: str, server: str) -> None:
    embed = httpx.get(f"{allowing}/embed").headers
    assert embed["content-security-policy"].endswith(f"frame-ancestors 'self' {INTRANET}")
    assert "x-frame-options" not in embed
    assert httpx.get(f"{server}/embed").headers["content-security-policy"].endswith("frame-ancestors 'self'")
    for path in ("/", "/demo", "/demo/frame", "/demo/gallery", "/health"):
        headers = httpx.get(f"{allowing}{path}").headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"] and headers["x-frame-options"] == "DENY"
        assert "unsafe" not in headers["content-security-policy"]
        assert "require-trusted-types-for 'script'" in headers["content-security-policy"]


def test_origins_are_read_from_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_EMBED_ORIGINS", f"{INTRANET}, http://localhost:8080")
    assert Settings().embed_origins == (INTRANET, "http://localhost:8080")


@pytest.mark.parametrize("origin", ["*", "https://*.example", f"{INTRANET}/page", "intranet", "'self'", "https://a;b"])
def test_what_is_not_one_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("HANDRAIL_EMBED_ORIGINS", origin)
    with pytest.raises(ValidationError, match="write origins such as"):
        Settings()
