"""Starts and stops Telegram: by polling in one elected process, or by webhook."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import signal
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from redis.asyncio import Redis
from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.arrivals import read_update
from bot.channels.telegram.channel import Count, TelegramChannel
from bot.channels.telegram.election import Alone, Elected, Election, first_of, open_redis
from bot.channels.telegram.polling import ALLOWED, FOREVER, Poller
from bot.channels.telegram.seen import Seen, SeenHere, SeenTogether
from bot.channels.telegram.sending import Sender, make_bot, persist
from bot.conversation import Conversation
from bot.sessions import SessionStore
from bot.settings import Settings
from bot.wording import load_wording

logger = logging.getLogger("handrail.telegram")
STOP_SECONDS = 5.0
REST_SECONDS = 30.0
COMMANDS = {
    "start": "Start, or start again",
    "help": "People you can talk to now",
    "privacy": "What is kept, and by whom",
    "erase": "Forget this conversation",
    "stop": "Forget it and say goodbye",
}


class Telegram:
    """An async context in which Telegram is answered. Starting never fails: what is wrong is logged, and the rest goes on."""

    def __init__(
        self, settings: Settings, conversation: Conversation, sessions: SessionStore, count: Count | None = None
    ) -> None:
        if settings.telegram_token is None:
            raise ValueError("there is no bot token")
        self._settings = settings
        token = settings.telegram_token.get_secret_value().strip()  # secret stores like to add a line end
        self._bot = make_bot(token, settings.telegram_api)
        self._redis: Redis | None = open_redis(settings.redis_url.get_secret_value()) if settings.redis_url else None
        seen: Seen = SeenTogether(self._redis) if self._redis else SeenHere()
        wording = load_wording(settings.data)
        self._channel = TelegramChannel(
            Sender(self._bot), conversation, sessions, wording, seen, count, settings.telegram_intranet
        )
        self._election: Election = Elected(self._redis) if self._redis else Alone()
        self._secret = hmac.new(token.encode(), b"handrail webhook", hashlib.sha256).hexdigest()
        self._running: asyncio.Task[None] | None = None
        self._receiving: set[asyncio.Task[None]] = set()

    @property
    def by_webhook(self) -> bool:
        return self._settings.telegram_webhook is not None

    def is_from_telegram(self, secret: str) -> bool:
        """Whether `secret` is what Telegram was told to send with every update; compared in constant time."""
        return hmac.compare_digest(secret.encode(), self._secret.encode())

    async def receive(self, data: Mapping[str, Any]) -> None:
        """Answer an update that came by webhook, to the end even when Telegram does not wait for it."""
        update = read_update(data, self._bot)
        task = asyncio.create_task(self._channel.handle(update))
        self._receiving.add(task)
        task.add_done_callback(self._receiving.discard)
        await asyncio.shield(task)

    async def run(self) -> None:
        """Answer until cancelled, or until Telegram says that the token is wrong."""
        while True:
            try:
                await persist(self._bot.initialize, FOREVER)
                await self._tell_commands()
                await self._receive_by_webhook() if self.by_webhook else await self._poll()
            except InvalidToken:
                logger.error("telegram_off: Telegram does not know the token in HANDRAIL_TELEGRAM_TOKEN")
                return
            except Exception as error:
                logger.error("telegram_failed kind=%s", type(error).__name__)
                await asyncio.sleep(REST_SECONDS)

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._receiving:
            await asyncio.wait(self._receiving, timeout=STOP_SECONDS)
        await self.close()

    async def ended(self) -> None:
        """Wait until there is nothing more to do: Telegram refused the token."""
        if self._running:
            await asyncio.wait({self._running})

    async def close(self) -> None:
        try:
            await self._bot.shutdown()
            if self._redis:
                await self._redis.aclose()
        except Exception as error:
            logger.warning("telegram_not_closed kind=%s", type(error).__name__)

    async def _tell_commands(self) -> None:
        try:
            await self._bot.set_my_commands([BotCommand(name, words) for name, words in COMMANDS.items()])
        except TelegramError as error:
            logger.warning("telegram_commands_not_set kind=%s", type(error).__name__)

    async def _poll(self) -> None:
        logger.info("telegram_ready by=polling")
        await self._election.work(Poller(self._bot, self._channel.handle).run)

    async def _receive_by_webhook(self) -> None:
        address = self._settings.telegram_webhook or ""
        await persist(
            lambda: self._bot.set_webhook(address, allowed_updates=ALLOWED, secret_token=self._secret), FOREVER
        )
        logger.info("telegram_ready by=webhook")
        await asyncio.Event().wait()


async def answer_until_stopped(telegram: Telegram) -> None:
    """Answer until the process is told to stop or the token is refused."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with telegram:
        await first_of(stopped.wait(), telegram.ended())
