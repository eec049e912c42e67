"""A bot that really polls the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bot.channels.telegram.runner import Telegram
from bot.conversation import Conversation
from bot.sessions import SessionStore
from bot.settings import Settings
from cli.service import Service
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.people import Person


@dataclass
class Answering:
    """A bot that runs in a thread of its own."""

    ended: threading.Event

    def wait_until_ended(self, seconds: float = 20) -> None:
        """Wait until the bot has nothing more to do."""
        assert self.ended.wait(seconds), "it goes on"


@contextlib.contextmanager
def answering(telegram: Telegram) -> Iterator[Answering]:
    """Run `telegram` in a thread of its own."""
    answering = Answering(threading.Event())
    started, stop = threading.Event(), threading.Event()

    async def run() -> None:
        async with telegram:
            started.set()
            watching = asyncio.create_task(telegram.ended())
            watching.add_done_callback(lambda _: answering.ended.set())
            while not stop.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield answering
    finally:
        stop.set()
        thread.join(timeout=20)


def settings_for(api: BotApi, **more: object) -> Settings:
    return Settings(telegram_token=SecretStr(TOKEN), telegram_api=api.address, **more)  # type: ignore[arg-type]


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi().serving() as one:
        yield one


@pytest.fixture
def sessions() -> SessionStore:
    return SessionStore()


@pytest.fixture
def bot(api: BotApi, service: Service, sessions: SessionStore) -> Iterator[BotApi]:
    """The stand-in with a bot that polls it."""
    with answering(Telegram(settings_for(api), service.conversation, sessions)):
        yield api


@pytest.fixture
def somebody(bot: BotApi) -> Person:
    return Person(bot)


@pytest.fixture
def broken(service: Service) -> Conversation:
    """A conversation without a dialogue engine: safe answers only."""
    return Conversation(None, service.conversation.assessor, service.conversation.safe)
