"""Conversations are gone after the idle time, also when nobody comes by."""

from __future__ import annotations

import time

from bot.conversation import Message
from bot.sessions import SessionStore
from cli.service import Service, keep_sweeping


def wait_until_empty(store: SessionStore) -> bool:
    end = time.monotonic() + 10
    while len(store) and time.monotonic() < end:
        time.sleep(0.02)
    return len(store) == 0


def test_an_idle_conversation_goes_without_another_message() -> None:
    store = SessionStore(idle_seconds=0.1)
    store.create()
    keep_sweeping([store.sweep], every_seconds=0.02)
    assert wait_until_empty(store)


def test_a_message_keeps_a_conversation_and_silence_ends_it() -> None:
    store = SessionStore(idle_seconds=0.2)
    token, _ = store.create()
    assert store.find(token) is not None
    time.sleep(0.3)
    assert store.find(token) is None


def test_the_dialogue_engine_forgets_too(service: Service) -> None:
    from bot.runtime.engine import Engine

    engine = service.conversation.engine
    assert isinstance(engine, Engine)
    trackers = engine.trackers
    token, session = service.sessions.create()
    service.conversation.receive(session, Message(text="need a physio"))
    assert session.key in trackers._held and token not in str(trackers._held)
    service.conversation.forget(session)
    assert session.key not in trackers._held
