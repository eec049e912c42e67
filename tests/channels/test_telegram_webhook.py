"""Telegram by webhook, over real sockets: what Telegram sends is answered, and what anybody else sends is not."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.app import create_app
from bot.channels.telegram.runner import Telegram
from bot.sessions import SessionStore
from cli.service import Service
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.conftest import settings_for
from tests.channels.people import Person
from tests.channels.processes import free_port, wait_until

ADDRESS = "/webhooks/telegram"
SECRET = "X-Telegram-Bot-Api-Secret-Token"
Serve = Callable[..., contextlib.AbstractContextManager[str]]


@dataclass
class Hook:
    """A served app whose webhook the stand-in knows."""

    api: BotApi
    address: str
    sessions: SessionStore

    @property
    def secret(self) -> str:
        return str(self.api.bot.webhook["secret_token"])

    def post(self, content: bytes, secret: bytes | str | None) -> httpx.Response:
        headers = {SECRET: secret} if secret is not None else {}
        return httpx.post(self.address + ADDRESS, content=content, headers=headers, timeout=60)  # type: ignore[arg-type]


@pytest.fixture
def hook(api: BotApi, service: Service, served: Serve) -> Iterator[Hook]:
    port, sessions = free_port(), SessionStore()
    settings = settings_for(api, telegram_webhook=f"http://127.0.0.1:{port}{ADDRESS}")
    telegram = Telegram(settings, service.conversation, sessions)
    with served(create_app(service.conversation, sessions, settings, None, telegram), port=port) as address:
        wait_until(lambda: bool(api.bot.webhook))
        yield Hook(api, address, sessions)


def update_of(person: Person, text: str) -> dict[str, Any]:
    """An update that Telegram has not sent."""
    person.types(text)
    return person.api.bot.updates.pop()


def forged(person: Person, text: str) -> bytes:
    number = person.api.bot.updates[-1]["update_id"] + 7 if person.api.bot.updates else 77
    return json.dumps({"update_id": number, "message": person.message(text=text)}).encode()


def test_a_whole_conversation_by_webhook(hook: Hook) -> None:
    somebody = Person(hook.api)
    assert "physio" in somebody.asks("how do i get physio").text.lower()
    somebody.presses("What does it cost?")
    assert "cost" in somebody.hears_all()[-1].text.lower()
    assert hook.api.bot.calls["getUpdates"] == 0


def test_telegram_is_told_a_secret_that_does_not_show_the_token(hook: Hook) -> None:
    assert len(hook.secret) >= 32 and hook.secret not in TOKEN and TOKEN not in hook.secret
    assert set(hook.api.bot.webhook["allowed_updates"]) == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    }


@pytest.mark.parametrize(
    "secret_of",
    [
        lambda _: None,
        lambda _: "",
        lambda _: TOKEN,
        lambda right: right[:-1],
        lambda right: right + "0",
        lambda right: right.upper(),
        lambda right: ("0" if right[0] != "0" else "1") + right[1:],
        lambda _: "é".encode(),
        lambda _: b"\xff\xfe",
    ],
)
def test_a_forged_call_is_refused_and_nobody_is_written_to(hook: Hook, secret_of: Callable[[str], Any]) -> None:
    victim = Person(hook.api)
    answer = hook.post(forged(victim, "there is no point me being alive"), secret_of(hook.secret))
    assert answer.status_code == 403 and answer.content == b""
    assert Person(hook.api).asks("/start").text
    assert victim.messages == [] and len(hook.sessions) == 1


def test_a_thousand_forged_calls_do_not_stop_anybody(hook: Hook) -> None:
    victim, somebody = Person(hook.api), Person(hook.api)
    content = forged(victim, "hello")

    def forge() -> None:
        with httpx.Client(headers={SECRET: "0" * 64}) as client:
            assert {client.post(hook.address + ADDRESS, content=content).status_code for _ in range(250)} == {403}

    forging = [threading.Thread(target=forge) for _ in range(4)]
    for thread in forging:
        thread.start()
    assert "physio" in somebody.asks("how do i get physio").text.lower()
    for thread in forging:
        thread.join()
    assert victim.messages == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b"7", b'"text"', b"null", b"{}", b'{"update_id": "x"}', b'{"message": 7}',
     b'{"update_id": 1, "message": {"text": 7}}', b'{"update_id": 1e400}', b"[" * 5000],
)  # fmt: skip
def test_what_cannot_be_read_is_taken_and_does_no_harm(hook: Hook, content: bytes) -> None:
    assert hook.post(content, hook.secret).status_code == 200
    assert "physio" in Person(hook.api).asks("how do i get physio").text.lower()


def test_a_call_that_is_too_large_is_refused_before_it_is_read(hook: Hook) -> None:
    assert hook.post(b"x" * 1_000_001, hook.secret).status_code == 413


def test_the_same_update_many_times_at_once_is_answered_once(hook: Hook) -> None:
    somebody = Person(hook.api)
    content = json.dumps(update_of(somebody, "how do i get physio")).encode()
    posting = [threading.Thread(target=hook.post, args=(content, hook.secret)) for _ in range(12)]
    for thread in posting:
        thread.start()
    for thread in posting:
        thread.join()
    assert len(somebody.messages) == 1
    assert hook.post(content, hook.secret).status_code == 200
    assert len(somebody.messages) == 1


def test_an_answer_goes_on_when_the_caller_does_not_wait(hook: Hook) -> None:
    somebody = Person(hook.api)
    content = json.dumps(update_of(somebody, "how do i get physio")).encode()
    hook.api.fail("sendMessage", "502", 2)
    with contextlib.suppress(httpx.TimeoutException):
        httpx.post(hook.address + ADDRESS, content=content, headers={SECRET: hook.secret}, timeout=0.1)
    assert "physio" in somebody.hears().text.lower()


def test_telegram_says_wait_when_the_webhook_is_set(api: BotApi, service: Service, served: Serve) -> None:
    api.fail("setWebhook", "429", 2)
    port, sessions = free_port(), SessionStore()
    settings = settings_for(api, telegram_webhook=f"http://127.0.0.1:{port}{ADDRESS}")
    app = create_app(service.conversation, sessions, settings, None, Telegram(settings, service.conversation, sessions))
    with served(app, port=port) as address:
        assert httpx.get(f"{address}/health").status_code == 200
        assert Person(api).asks("/start").text


def test_there_is_no_such_address_unless_the_webhook_is_set(
    api: BotApi, service: Service, served: Serve, server: str
) -> None:
    assert httpx.post(server + ADDRESS, json={}).status_code == 404
    settings, sessions = settings_for(api), SessionStore()
    polling = Telegram(settings, service.conversation, sessions)
    with served(create_app(service.conversation, sessions, settings, None, polling)) as address:
        assert httpx.post(address + ADDRESS, json={}).status_code == 404
        assert Person(api).asks("/start").text


def test_polling_after_a_webhook_takes_over(hook: Hook, service: Service, served: Serve) -> None:
    assert hook.api.bot.webhook["url"]
    settings, sessions = settings_for(hook.api), SessionStore()
    polling = Telegram(settings, service.conversation, sessions)
    with served(create_app(service.conversation, sessions, settings, None, polling)):
        wait_until(lambda: not hook.api.bot.webhook)
        assert Person(hook.api).asks("/start").text
