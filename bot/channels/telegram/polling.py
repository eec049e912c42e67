"""Long polling that confirms an update to Telegram only when it is answered, so that a crash loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from telegram import Update
from telegram.error import Conflict, TelegramError

from bot.channels.telegram.arrivals import read_update
from bot.channels.telegram.sending import Bot, persist

logger = logging.getLogger("handrail.telegram")
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
PAGE = 100
BUSY_SECONDS = 0.5
FOREVER = float("inf")
STOP_SECONDS = 5.0
Handle = Callable[[Update], Awaitable[None]]


class Window:
    """Which updates were taken and not yet answered. All before `offset` may be confirmed."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._taken: set[int] = set()
        self._next: int | None = None

    @property
    def offset(self) -> int | None:
        return min(self._open, default=self._next)

    def take(self, number: int) -> bool:
        """Whether update `number` is new."""
        if number in self._taken:
            return False
        self._taken.add(number)
        self._open.add(number)
        self._next = max(number + 1, self._next or 0)
        return True

    def finish(self, number: int) -> None:
        """Update `number` is answered, or is no longer waited for."""
        self._open.discard(number)

    def forget_before(self, offset: int | None) -> None:
        """Telegram was asked for `offset` and later, so nothing before it comes again."""
        self._taken = {number for number in self._taken if number >= (offset or 0)}

    def let_go_of_oldest(self) -> None:
        """Confirm the oldest although it is not answered yet: a full page behind it must not wait for it."""
        if self._open:
            self.finish(min(self._open))


class Poller:
    """Fetches updates and answers them side by side; each chat's own order is the channel's to keep."""

    def __init__(self, bot: Bot, handle: Handle, poll_seconds: int = POLL_SECONDS) -> None:
        self._bot = bot
        self._handle = handle
        self._poll_seconds = poll_seconds
        self._window = Window()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Poll until cancelled, or return when somebody else polls with the same token. Raises InvalidToken."""
        self._window = Window()
        try:
            await persist(self._bot.delete_webhook, FOREVER)
            while True:
                await self._poll()
                if self._tasks:
                    await asyncio.wait(self._tasks, timeout=BUSY_SECONDS)
        except Conflict:
            logger.warning("telegram_polled_elsewhere")
        finally:
            await self._finish()

    async def _poll(self) -> None:
        seconds = 0 if self._tasks else self._poll_seconds
        offset = self._window.offset
        updates = await persist(lambda: self._fetch(offset, seconds), FOREVER)
        self._window.forget_before(offset)
        fresh = [update for update in updates if self._window.take(update.update_id)]
        for update in fresh:
            task = asyncio.create_task(self._answer(update))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not updates:  # all is confirmed; Telegram may start its numbers anywhere after a quiet week
            self._window = Window()
        elif not fresh and len(updates) == PAGE:
            self._window.let_go_of_oldest()

    async def _fetch(self, offset: int | None, seconds: int) -> Sequence[Update]:
        try:
            return await self._bot.get_updates(offset, limit=PAGE, timeout=seconds, allowed_updates=ALLOWED)
        except TelegramError:
            raise
        except Exception as error:  # one update that the library cannot read must not stop all others
            logger.warning("telegram_updates_unreadable kind=%s", type(error).__name__)
            asked = {"offset": offset, "limit": PAGE, "allowed_updates": ALLOWED}
            # With a capital, for the library has a method of its own for the other spelling. Telegram takes both.
            found = await self._bot.do_api_request("GetUpdates", api_kwargs=asked)
            return [read_update(one, self._bot) for one in found]

    async def _answer(self, update: Update) -> None:
        await self._handle(update)
        self._window.finish(update.update_id)

    async def _finish(self) -> None:
        """Give those being answered a moment, then confirm what is answered and leave the rest to whoever polls next."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._window.offset is not None:
            try:
                async with asyncio.timeout(2):
                    await self._bot.get_updates(self._window.offset, limit=1, timeout=0, allowed_updates=ALLOWED)
            except Exception as error:
                logger.warning("telegram_not_confirmed kind=%s", type(error).__name__)
