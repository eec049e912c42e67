"""Bad input over HTTP, to the chat API and to Rasa's REST format: a clear answer, the right status, nothing repeated, and the talk goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.app import create_app
from bot.sessions import SessionStore
from cli.service import Service

CANARY = "zebra7q"
REST, CHAT = "/webhooks/rest/webhook", "/chat/messages"
JSON = {"Content-Type": "application/json"}


def assert_goes_on(person: httpx.Client) -> None:
    assert person.post(CHAT, json={"text": "how do i get physio"}).json()["answers"][0].startswith("oh-")


@pytest.mark.parametrize("path", [CHAT, REST])
@pytest.mark.parametrize(
    "content",
    [
        f'{{"text": "{CANARY}'.encode(),
        f"{CANARY}".encode(),
        b"\xff\xfe\x00" + CANARY.encode(),
        bytes(range(256)),
        b"",
        b"[]",
        b"null",
        f'["{CANARY}"]'.encode(),
        b"[" * 20_000,
        b'{"a":' * 5_000,
        f'{{"text": {{"{CANARY}": 1}}, "message": {{"{CANARY}": 1}}}}'.encode(),
        b'{"text": NaN, "message": NaN}',
        b'{"text": 1e999, "message": 1e999}',
    ],
)
def test_malformed_bodies_get_a_client_error_in_plain_words(person: httpx.Client, path: str, content: bytes) -> None:
    answer = person.post(path, content=content, headers=JSON)
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error", "message"} and CANARY not in answer.text
    assert_goes_on(person)


@pytest.mark.parametrize("path", [CHAT, REST])
@pytest.mark.parametrize(
    "text", ["\ud800 how do i get physio", "how do i get physio \x00\x1b[31m", "\u202ehow do i get physio"]
)
def test_odd_characters_are_read_or_refused_and_break_nothing(person: httpx.Client, path: str, text: str) -> None:
    body = {"text": text} if path == CHAT else {"sender": "odd", "message": text}
    answer = person.post(path, content=json.dumps(body), headers=JSON)
    assert answer.status_code in (200, 422)
    assert_goes_on(person)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sender": "f1", "message": ""}, 422),
        ({"sender": "f1", "message": "  \n "}, 422),
        ({"sender": "f1", "message": "the rota is bad " * 200}, 413),
        ({"sender": "f1", "message": 7}, 422),
        ({"sender": "f1"}, 422),
        ({"sender": "", "message": "hi"}, 422),
        ({"sender": "x" * 201, "message": "hi"}, 422),
        ({"sender": "f1", "message": "/never-offered"}, 200),
        ({"message": "hi"}, 200),
    ],
)
def test_rasas_rest_format_says_what_is_wrong(http: httpx.Client, body: dict[str, Any], status: int) -> None:
    answer = http.post(REST, json=body)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["message"] and "f1" not in answer.text


@pytest.mark.parametrize("path", [CHAT, REST, "/chat/sessions"])
def test_oversized_bodies_are_refused_before_they_are_read(http: httpx.Client, path: str) -> None:
    answer = http.post(path, content=b"x" * 40_000, headers=JSON)
    assert answer.status_code == 413 and answer.json()["error"] == "too-long"


@pytest.mark.parametrize("path", [CHAT, REST])
def test_a_body_without_a_length_is_refused(http: httpx.Client, path: str) -> None:
    answer = http.post(path, content=iter([b'{"text": ', b'"hi"}']), headers=JSON)
    assert answer.status_code == 411 and answer.json()["error"] == "no-length"


def test_a_choice_never_offered_leaves_the_conversation_as_it_is(person: httpx.Client) -> None:
    assert person.post(CHAT, json={"choice": f"/{CANARY}"}).status_code == 409
    person.post(CHAT, json={"text": "how do i get physio"})
    refused = person.post(CHAT, json={"choice": "/oh-sharps; drop"})
    assert refused.status_code == 409 and "sharps" not in refused.text
    answers = person.post(CHAT, json={"text": "will my manager know"}).json()["answers"]
    assert "question:manager" in answers and {"oh-physiotherapy", "oh-online-physio"} & set(answers)


def test_an_expired_conversation_says_so_and_keeps_nothing(service: Service, served: Callable[..., Any]) -> None:
    sessions = SessionStore(idle_seconds=0.3)
    with served(create_app(service.conversation, sessions, service.settings)) as address:
        with httpx.Client(base_url=address, timeout=30) as client:
            client.headers["Authorization"] = f"Bearer {client.post('/chat/sessions').json()['token']}"
            time.sleep(0.6)
            for body in ({"text": "hi"}, {"choice": "/menu"}):
                answer = client.post(CHAT, json=body)
                assert answer.status_code == 401 and answer.json()["error"] == "unknown-session"
            assert client.delete("/chat/sessions").status_code == 401
        assert len(sessions) == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CHAT, 405), ("PUT", CHAT, 405), ("GET", f"/{CANARY}", 404), ("POST", "/", 405), ("GET", "/static/../app.py", 404),
     ("GET", "/static/%2e%2e/app.py", 404), ("GET", "/docs", 404)],
)  # fmt: skip
def test_addresses_and_methods_that_are_not_there(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status and CANARY not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["x" * 6000, "é".encode().decode("latin-1"), "%00", "../../x"])
def test_odd_tokens_are_simply_unknown(http: httpx.Client, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode("latin-1")}
    assert http.post(CHAT, json={"text": "hi"}, headers=headers).status_code == 401  # type: ignore[arg-type]
