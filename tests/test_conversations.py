"""Every conversation of tests/conversations, through the live service: the action taken and the service in mind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.conversation import Message
from bot.yaml_files import plain, read_yaml
from cli.service import Service

STORIES = [
    pytest.param(story, id=story["story"])
    for file in sorted(Path("tests/conversations").glob("*.yml"))
    for story in plain(read_yaml(file))["stories"]
]


def test_there_are_at_least_sixty() -> None:
    assert len(STORIES) >= 60


@pytest.mark.parametrize("story", STORIES)
def test_conversation(service: Service, story: dict[str, Any]) -> None:
    token, session = service.sessions.create()
    for number, step in enumerate(story["steps"]):
        if "user" in step:
            said = step["user"].strip()
            message = Message(choice=said) if said.startswith("/") else Message(text=said)
            outcome = service.conversation.receive(session, message)
            assert outcome.intent == step["intent"], f"step {number}: {step['user']!r} -> {outcome.reply.answers}"
            assert "apology" not in outcome.reply.answers
            payloads = {choice.payload for choice in outcome.reply.choices}
            assert "/help-now" in payloads or "help-now" in outcome.reply.answers
    service.conversation.forget(session)
    service.sessions.forget(token)
