"""A message that names two needs gets support for each, and a message about one is not split."""

from __future__ import annotations

import pytest

from bot.conversation import Message
from bot.reply import Reply
from cli.service import Service


def answer(service: Service, text: str) -> Reply:
    _, session = service.sessions.create()
    return service.conversation.receive(session, Message(text=text)).reply


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bailiffs at the door and my back is knackered", {"topic:money", "oh-physiotherapy"}),
        ("mum died last week and i need physio for my knee", {"topic:bereavement", "oh-physiotherapy"}),
        ("in debt up to my eyes and my marriage is falling apart", {"topic:money", "topic:family"}),
    ],
)
def test_both_are_answered(service: Service, text: str, expected: set[str]) -> None:
    reply = answer(service, text)
    assert expected <= set(reply.answers)
    assert len({card.title for card in reply.cards}) >= 2
    assert "more than one thing" in reply.paragraphs[0]


@pytest.mark.parametrize(
    "text",
    [
        "my back hurts and i cant sit at my desk",
        "how do i get physio and who will know",
        "cut a lad down and i cant sleep",
    ],
)
def test_one_need_is_not_split(service: Service, text: str) -> None:
    assert not any("more than one thing" in paragraph for paragraph in answer(service, text).paragraphs)
