"""The chat API over real HTTP."""

from __future__ import annotations

import httpx
import pytest

TRAUMA = "cut a lad down on Tuesday and I can't get it out of my head"


def say(person: httpx.Client, text: str) -> dict:
    answer = person.post("/chat/messages", json={"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_trauma_is_answered_with_three_services_and_how_to_reach_them(person: httpx.Client) -> None:
    reply = say(person, TRAUMA)
    assert {card["id"] for card in reply["cards"]} == {"oh-fast-track-trauma", "eap-trauma", "trim"}
    for card in reply["cards"]:
        labels = {row["label"] for row in card["rows"]}
        assert {"Who it is for", "How to reach it", "Who will know", "When"} <= labels
        assert card["contacts"]


def test_a_question_in_context_is_about_the_service_shown(person: httpx.Client) -> None:
    say(person, "my knee is knackered after a restraint, can i see a physio")
    reply = say(person, "will my manager know")
    assert "question:manager" in reply["answers"] and "oh-physiotherapy" in reply["answers"]


def test_a_choice_that_was_offered_is_taken(person: httpx.Client) -> None:
    offered = say(person, "show me the menu")["choices"]
    family = next(choice for choice in offered if "on-site" in choice["payload"])
    reply = person.post("/chat/messages", json={"choice": family["payload"]}).json()
    assert "/trim" in [choice["payload"] for choice in reply["choices"]]


def test_a_choice_never_offered_is_refused(person: httpx.Client) -> None:
    answer = person.post("/chat/messages", json={"choice": "/oh-sharps"})
    assert answer.status_code == 409 and answer.json()["error"] == "not-offered"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "empty"),
        ({"text": "   "}, 422, "empty"),
        ({"text": "a" * 2001}, 413, "too-long"),
        ({"text": 7}, 422, "wrong-form"),
        ({}, 422, "wrong-form"),
        ({"text": "hi", "choice": "/menu"}, 422, "wrong-form"),
        ({"text": "hi", "secret-field": 1}, 422, "wrong-form"),
    ],
)
def test_bad_input_gets_a_clear_answer(person: httpx.Client, body: dict, status: int, code: str) -> None:
    answer = person.post("/chat/messages", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert "secret-field" not in answer.text


def test_malformed_and_binary_bodies_are_refused_without_repeating_them(person: httpx.Client) -> None:
    for content in (b"{zebra", b"\xff\xfe\x00zebra"):
        answer = person.post("/chat/messages", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422 and "zebra" not in answer.text


def test_an_oversized_body_is_refused(person: httpx.Client) -> None:
    answer = person.post("/chat/messages", content=b"x" * 40_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_two_thousand_characters_are_taken(person: httpx.Client) -> None:
    assert person.post("/chat/messages", json={"text": ("the rota is bad " * 125)[:2000]}).status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic abc"])
def test_without_a_known_token_nothing_is_answered(http: httpx.Client, header: str | None) -> None:
    answer = http.post("/chat/messages", json={"text": "hi"}, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer.json()["error"] == "unknown-session"


def test_a_forgotten_conversation_is_gone(person: httpx.Client) -> None:
    assert person.delete("/chat/sessions").status_code == 204
    assert person.post("/chat/messages", json={"text": "hi"}).status_code == 401


def test_rasas_rest_format(http: httpx.Client) -> None:
    answer = http.post("/webhooks/rest/webhook", json={"sender": "t1", "message": "what can you do"}).json()
    assert answer[0]["recipient_id"] == "t1" and answer[0]["text"]
    assert {"title": "Get help now", "payload": "/help-now"} in answer[0]["buttons"]
    after = http.post("/webhooks/rest/webhook", json={"sender": "t1", "message": "/help-now"}).json()
    assert "116 123" in after[0]["text"]


def test_rasas_rest_format_takes_get_help_now_as_the_first_message(http: httpx.Client) -> None:
    answer = http.post("/webhooks/rest/webhook", json={"sender": "t2", "message": "/help-now"}).json()
    assert "116 123" in answer[0]["text"]


def test_a_conversation_of_another_channel_cannot_be_entered_by_its_name(http: httpx.Client) -> None:
    http.post("/webhooks/rest/webhook", json={"sender": "t3", "message": "how do i get physio"})
    answer = http.post("/chat/messages", json={"text": "hi"}, headers={"Authorization": "Bearer rest:t3"})
    assert answer.status_code == 401


def test_pages_are_not_stored_and_allow_no_outside_source(http: httpx.Client) -> None:
    answer = http.get("/")
    assert answer.status_code == 200 and "Wellbeing support" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_openapi_names_the_endpoints(http: httpx.Client) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    assert {"/chat/sessions", "/chat/messages", "/webhooks/rest/webhook", "/health"} <= set(paths)
