"""Sends to Telegram, and tries again for as long as the conversation lives when Telegram is slow, away or says to wait."""

from __future__ import annotations

import contextlib
import html
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay, wait_exponential_jitter

from bot.channels.telegram.rendering import only_help

GIVE_UP_SECONDS = 30 * 60.0
LASTING = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken)
TAG = re.compile(r"</?b>")
_longer = wait_exponential_jitter(initial=0.5, max=30)
Bot = ExtBot[Any]
Made = TypeVar("Made")


def make_bot(token: str, api: str) -> Bot:
    """A bot that keeps to Telegram's overall rate and writes nothing to any log: its addresses hold the token.

    A 429 for one chat must not hold up the others, so the limiter does not retry; `persist` does, for each message alone.
    """
    api = api.rstrip("/")
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return ExtBot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=HTTPXRequest(connection_pool_size=64, read_timeout=15, pool_timeout=15),
        get_updates_request=HTTPXRequest(connection_pool_size=2),
        rate_limiter=AIORateLimiter(max_retries=0),
    )


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, TelegramError) and not isinstance(error, LASTING)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, RetryAfter):
        return float(_longer(state))
    seconds = error.retry_after
    return 0.1 + (float(seconds) if isinstance(seconds, int | float) else seconds.total_seconds())


async def persist(ask: Callable[[], Awaitable[Made]], seconds: float = GIVE_UP_SECONDS) -> Made:
    """Ask until it works, for up to `seconds`. Raises TelegramError when it lasts or can never work."""
    stop = stop_after_delay(seconds)
    async for attempt in AsyncRetrying(retry=retry_if_exception(_is_passing), wait=_pause, stop=stop, reraise=True):
        with attempt:
            return await ask()
    raise AssertionError("tenacity returns or raises")


class Sender:
    """What the channel says to one chat."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def say(self, chat: int, pieces: Sequence[str], keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Send HTML `pieces` in order, the keyboard under the last. Raises TelegramError when that can never work."""
        for number, piece in enumerate(pieces, 1):
            await self._say(chat, piece, keyboard if number == len(pieces) else None)

    async def typing(self, chat: int) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(chat, ChatAction.TYPING)

    async def chosen(self, query: str, words: str = "") -> None:
        """Let go of a pressed button, with `words` in a box when there are any."""
        with contextlib.suppress(TelegramError):
            await self._bot.answer_callback_query(query, text=words or None, show_alert=bool(words))

    async def spend(self, chat: int, message: int) -> None:
        """Leave only "Get help now" of a keyboard that was used."""
        with contextlib.suppress(TelegramError):
            await self._bot.edit_message_reply_markup(chat, message, reply_markup=only_help())

    async def leave(self, chat: int) -> None:
        with contextlib.suppress(TelegramError):
            await persist(lambda: self._bot.leave_chat(chat), 60)

    async def _say(self, chat: int, piece: str, keyboard: InlineKeyboardMarkup | None) -> None:
        try:
            await persist(lambda: self._send(chat, piece, ParseMode.HTML, keyboard))
        except BadRequest:  # whatever Telegram does not like about the form, the words must arrive
            plain = html.unescape(TAG.sub("", piece))
            await persist(lambda: self._send(chat, plain, None, only_help() if keyboard else None))

    async def _send(self, chat: int, text: str, mode: str | None, keyboard: InlineKeyboardMarkup | None) -> None:
        await self._bot.send_message(
            chat,
            text,
            parse_mode=mode,
            reply_markup=keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
