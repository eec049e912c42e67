"""What the replies say, for every service of the directory and every question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.compose import QUESTIONS, load_composer

COMPOSER = load_composer(Path("data"))
NIGHT = datetime(2026, 12, 25, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(COMPOSER.directory.services))
def test_every_question_is_answered_on_every_service(name: str) -> None:
    for intent, (field, _) in QUESTIONS.items():
        reply = COMPOSER.question(intent, name, NIGHT)
        assert reply.answers[0] == f"question:{field}" and name in reply.answers
        assert len(reply.cards[0].rows[0].text) > 4
        assert "/help-now" in {choice.payload for choice in reply.choices}


@pytest.mark.parametrize("name", sorted(COMPOSER.directory.services))
def test_every_service_gives_a_way_to_reach_someone(name: str) -> None:
    card = COMPOSER.signpost(name, NIGHT).cards[0]
    rows = {row.label: row.text for row in card.rows}
    assert {"Who it is for", "How to reach it", "Who will know", "When"} <= set(rows)
    assert card.contacts and all(line.href or len(line.value) > 20 for line in card.contacts)


def test_an_unset_number_is_said_to_be_unset_and_a_working_number_is_given() -> None:
    contacts = COMPOSER.signpost("eap-helpline", NIGHT).cards[0].contacts
    assert "has not added" in contacts[0].value
    assert "116 123" in " ".join(line.value for line in contacts)


def test_the_helpline_is_open_on_christmas_night() -> None:
    assert "(open now)" in COMPOSER.question("ask-hours", "eap-helpline", NIGHT).as_text()


def test_two_failures_give_the_menu_and_people_and_the_third_is_not_the_same() -> None:
    first = COMPOSER.clarify(["oh-physiotherapy", "greet", "trim", "eap-trauma", "oh-sharps"], 1, NIGHT)
    assert [choice.payload for choice in first.choices][:4] == ["/oh-physiotherapy", "/trim", "/eap-trauma", "/menu"]
    second, third = (COMPOSER.clarify(["trim"], failures, NIGHT) for failures in (2, 3))
    for reply in (second, third):
        assert {"fallback", "menu"} <= set(reply.answers)
        assert "116 123" in reply.as_text()
    assert second.paragraphs != third.paragraphs
