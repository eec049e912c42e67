"""Whatever breaks, the person gets an answer, and nothing they typed gets into a log."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from actions.compose import load_composer
from bot.conversation import Conversation, Message
from bot.safety import load_assessor
from bot.sessions import SessionStore

SECRET = "zebra-4711 want to die"


class Raises:
    def respond(self, conversation: str, message: str) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(RuntimeError(message))
        return future

    def forget(self, conversation: str) -> None: ...


class Hangs(Raises):
    def respond(self, conversation: str, message: str) -> Future[Any]:
        return Future()


@pytest.mark.parametrize("engine", [None, Raises(), Hangs()])
@pytest.mark.parametrize("text", [SECRET, "zebra-4711 physio"])
def test_a_broken_engine_still_gets_people_to_ring(engine: Any, text: str, caplog: pytest.LogCaptureFixture) -> None:
    data = Path("data")
    conversation = Conversation(engine, load_assessor(data), load_composer(data).safe, turn_seconds=0.1)
    token, session = SessionStore().create()
    with caplog.at_level(logging.DEBUG):
        reply = conversation.receive(session, Message(text=text)).reply
    assert "116 123" in reply.as_text()
    assert ("help-now" in reply.answers) is (text == SECRET)
    assert "turn_failed" in caplog.text
    assert "zebra" not in caplog.text and token not in caplog.text
