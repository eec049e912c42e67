"""Thirty conversations through six channels: the same paragraphs, services in the same order, and the same choices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from bot.conversation import Conversation
from bot.reply import OPEN_WORDS, Card, Reply
from tests.same.channels import EngineTalk, Shown, closing
from tests.same.conftest import CHANNELS, CONVERSATIONS

Begin = Callable[[str], Any]


def test_there_are_thirty_of_all_kinds() -> None:
    assert len(CONVERSATIONS) == 30 == len({one["title"] for one in CONVERSATIONS})
    assert {one["who"] for one in CONVERSATIONS} == {"officer", "practitioner", "manager", "colleague"}
    assert all(2 <= len(one["turns"]) <= 6 for one in CONVERSATIONS)
    given = {answer for one in CONVERSATIONS for turn in one["turns"] for answer in turn["gives"]}
    assert {f"risk:{who}" for who in ("self", "colleague", "custody", "probation", "family", "unknown")} <= given


def test_the_comparison_would_see_what_is_missing() -> None:
    card = Card(id="trim", title="TRiM", summary="A talk after an incident.")
    reply = Reply(paragraphs=["This could help."], cards=[card], choices=[])
    assert differences(reply, Shown("This could help. TRiM A talk after an incident.", [])) == []
    assert differences(reply, Shown("This could help. TRiM", [])) == ["A talk after an incident."]
    assert differences(reply, Shown("TRiM A talk after an incident. This could", [])) == ["This could help."]
    assert differences(reply, Shown("This could help. TRiM A talk after an incident.", ["Menu"])) == [
        "choices: ['Menu']"
    ]
    twice = reply.model_copy(update={"cards": [card.model_copy(update={"title": "Care Team"}), card]})
    wrong = "This could help. TRiM A talk after an incident. Care Team A talk after an incident."
    assert differences(twice, Shown(wrong, [])) == ["TRiM comes too early"]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("one", CONVERSATIONS, ids=[one["title"] for one in CONVERSATIONS])
def test_same(one: dict[str, Any], channel: str, new_talk: Begin, table: Callable[..., Any]) -> None:
    expected = expected_of(one["title"], new_talk)
    with table(one["title"], channel), closing(new_talk(channel)) as talk:
        for number, (turn, reply) in enumerate(zip(one["turns"], expected, strict=True), 1):
            shown = talk.types(turn["types"]) if "types" in turn else talk.chooses(turn["chooses"])
            assert differences(reply, shown) == [], f"turn {number}"
            assert shown.reply in (None, reply), f"turn {number}"
            assert set(turn["gives"]) <= set(reply.answers), f"turn {number}"


@pytest.mark.parametrize("channel", ["http", "telegram", "terminal", "page"])
def test_each_channel_that_speaks_first_says_the_same(
    channel: str, new_talk: Begin, conversation: Conversation
) -> None:
    with closing(new_talk(channel)) as talk:
        assert differences(conversation.safe.greeting(), talk.first) == []


_expected: dict[str, list[Reply]] = {}


def expected_of(title: str, new_talk: Begin) -> list[Reply]:
    """The engine's own replies in a conversation of their own, worked out once."""
    if title not in _expected:
        talk: EngineTalk = new_talk("engine")
        turns = next(one["turns"] for one in CONVERSATIONS if one["title"] == title)
        shown = [talk.types(turn["types"]) if "types" in turn else talk.chooses(turn["chooses"]) for turn in turns]
        _expected[title] = [one.reply for one in shown if one.reply]
    return _expected[title]


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Letters as they are read: layout and capitals are the channel's own."""
    return " ".join(text.split()).casefold()


def differences(reply: Reply, shown: Shown) -> list[str]:
    """What of `reply` a person is not shown, or in another order."""
    text = plain(shown.text)
    found = [part for part in parts_of(reply) if plain(part) not in text]
    place = 0
    for card in reply.cards:
        at = text.find(plain(card.title), place)
        if at < 0 and plain(card.title) in text:
            found.append(f"{card.title} comes too early")
        place = max(at, place)
    for word in ("open", "closed"):
        if text.count(f"{word} now") < sum(card.open_now == word for card in reply.cards):
            found.append(f"not every card says {OPEN_WORDS[word]}")
    if shown.choices != [choice.label for choice in reply.choices]:
        found.append(f"choices: {shown.choices}")
    return found


def parts_of(reply: Reply) -> list[str]:
    parts = list(reply.paragraphs)
    for card in reply.cards:
        parts += [card.title, card.summary, *(words for row in card.rows for words in (row.label, row.text))]
        for contact in card.contacts:
            parts += [contact.value, contact.note or ""]
    return parts
