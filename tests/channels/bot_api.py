"""A stand-in for Telegram's Bot API over real sockets, with its limits, its errors and its ways of failing.

Why not npm's telegram-test-api: see docs/decisions/0007-telegram-stand-in.md.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcE"
ALLOWED_TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
}
TEXT_LIMIT, DATA_LIMIT, TOAST_LIMIT, MOST_BUTTONS = 4096, 64, 200, 100


class ApiError(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if retry_after:
            self.body["parameters"] = {"retry_after": retry_after}
        self.code = code


class Entities(HTMLParser):
    """The text of Telegram's HTML. Raises ApiError for a tag it does not know or that is not closed."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open = "", list[str]()
        self.feed(source)
        self.close()
        if self.open:
            raise ApiError(
                400, f"Bad Request: can't parse entities: Can't find end tag corresponding to {self.open[-1]}"
            )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Shown:
    """A message that the bot sent, as its reader sees it. `keyboard` has rows of (label, data)."""

    chat: int
    id: int
    text: str
    source: str
    mode: str | None
    keyboard: list[list[tuple[str, str]]]

    @property
    def labels(self) -> list[str]:
        return [label for row in self.keyboard for label, _ in row]


@dataclass
class Fault:
    """What the next calls of a method meet. `kind`: 429, 502, drop (before it is done), or lost (done, but the answer is lost)."""

    kind: str
    times: int
    retry_after: int = 1


@dataclass
class Bot:
    """All that Telegram knows of the bot."""

    updates: deque[dict[str, Any]] = field(default_factory=deque)
    shown: list[Shown] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    queries: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    left: list[int] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    conflicts: int = 0
    chats: dict[int, str] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)


class BotApi:
    """The server. Tests act through `people.Person`; `faults` and `least_seconds` (between messages of a chat) make it hard."""

    def __init__(self) -> None:
        self.bot = Bot()
        self.faults: dict[str, list[Fault]] = {}
        self.least_seconds = 0.0
        self.address = ""
        self._last_sent: dict[int, float] = {}
        self._number = secrets.randbelow(10**8) + 10**8
        self._message = 100
        self._poll = 0
        self._lock = threading.RLock()
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    # What tests do

    def update(self, **content: Any) -> int:
        """A new update: its number."""
        with self._lock:
            self._number += 1
            self.bot.updates.append({"update_id": self._number, **content})
            return self._number

    def next_message(self) -> int:
        with self._lock:
            self._message += 1
            return self._message

    def fail(self, method: str, kind: str, times: int, retry_after: int = 1) -> None:
        self.faults.setdefault(method, []).append(Fault(kind, times, retry_after))

    def settle(self, seconds: float = 180) -> None:
        """Wait until every update has been confirmed."""
        until = time.monotonic() + seconds
        while self.bot.updates:
            assert time.monotonic() < until, f"{len(self.bot.updates)} updates were never confirmed"
            time.sleep(0.02)

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[BotApi]:
        """Serve on a port of its own."""
        ready, stop = threading.Event(), threading.Event()

        async def serve() -> None:
            app = web.Application()
            app.router.add_route("*", "/bot{token}/{method}", self._call)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            ready.set()
            delivering = asyncio.create_task(self._deliver(stop))
            while not stop.is_set():
                await asyncio.sleep(0.05)
            await delivering
            await runner.cleanup()

        thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        thread.start()
        assert ready.wait(10)
        self._stop, self._thread = stop, thread
        try:
            yield self
        finally:
            stop.set()
            thread.join(timeout=10)

    def stop(self) -> None:
        """Go away, as if the network were down; `serving` with the same port brings it back, with all it knew."""
        if self._stop and self._thread:
            self._stop.set()
            self._thread.join(timeout=10)

    # What the bot calls

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        method = method[0].lower() + method[1:]
        with self._lock:
            self.bot.calls[method] += 1
        try:
            if request.match_info["token"] != TOKEN:
                raise ApiError(401, "Unauthorized")
            fault = self._next_fault(method)
            if fault == "drop" and request.transport:
                request.transport.abort()
                return web.Response()
            given = {key: _value(str(value)) for key, value in (await request.post()).items()}
            result = await getattr(self, f"_{method}", self._unknown)(given)
            if fault == "lost" and request.transport:
                request.transport.abort()
            return web.json_response({"ok": True, "result": result})
        except ApiError as error:
            return web.json_response(error.body, status=error.code)

    def _next_fault(self, method: str) -> str:
        with self._lock:
            waiting = [fault for fault in self.faults.get(method, []) if fault.times > 0]
            if not waiting:
                return ""
            fault = waiting[0]
            fault.times -= 1
        if fault.kind == "429":
            raise ApiError(429, f"Too Many Requests: retry after {fault.retry_after}", fault.retry_after)
        if fault.kind == "502":
            raise ApiError(502, "Bad Gateway")
        return fault.kind

    async def _unknown(self, given: dict[str, Any]) -> Any:
        raise ApiError(404, "Not Found")

    async def _getMe(self, given: dict[str, Any]) -> Any:
        return {"id": 4839574812, "is_bot": True, "first_name": "Handrail", "username": "handrail_bot"}

    async def _getUpdates(self, given: dict[str, Any]) -> Any:
        if self.bot.webhook.get("url"):
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        with self._lock:
            self._poll += 1
            mine = self._poll
        offset, limit = given.get("offset", 0), given.get("limit", 100)
        until = time.monotonic() + given.get("timeout", 0)
        with self._lock:
            while self.bot.updates and self.bot.updates[0]["update_id"] < offset:
                self.bot.updates.popleft()
        while True:
            if mine != self._poll:
                with self._lock:
                    self.bot.conflicts += 1
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
            with self._lock:
                found = list(self.bot.updates)[:limit]
            if found or time.monotonic() >= until:
                return found
            await asyncio.sleep(0.02)

    async def _setWebhook(self, given: dict[str, Any]) -> Any:
        self.bot.webhook = given
        return True

    async def _deleteWebhook(self, given: dict[str, Any]) -> Any:
        self.bot.webhook = {}
        return True

    async def _setMyCommands(self, given: dict[str, Any]) -> Any:
        self.bot.commands = [one["command"] for one in given["commands"]]
        return True

    async def _sendChatAction(self, given: dict[str, Any]) -> Any:
        self._check_chat(given["chat_id"])
        return True

    async def _leaveChat(self, given: dict[str, Any]) -> Any:
        self._check_chat(given["chat_id"])
        self.bot.left.append(given["chat_id"])
        self.bot.blocked.add(given["chat_id"])
        return True

    async def _sendMessage(self, given: dict[str, Any]) -> Any:
        chat, source, mode = given["chat_id"], str(given.get("text", "")), given.get("parse_mode")
        self._check_chat(chat)
        text = Entities(source).text if mode == "HTML" else source
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if utf16(text) > TEXT_LIMIT:
            raise ApiError(400, "Bad Request: message is too long")
        keyboard = _keyboard(given.get("reply_markup"))
        self._check_rate(chat)
        shown = Shown(chat, self.next_message(), text, source, mode, keyboard)
        with self._lock:
            self.bot.shown.append(shown)
        return self._as_message(shown)

    async def _editMessageReplyMarkup(self, given: dict[str, Any]) -> Any:
        found = [one for one in self.bot.shown if (one.chat, one.id) == (given["chat_id"], given["message_id"])]
        if not found:
            raise ApiError(400, "Bad Request: message to edit not found")
        keyboard = _keyboard(given.get("reply_markup"))
        if keyboard == found[0].keyboard:
            raise ApiError(400, "Bad Request: message is not modified")
        found[0].keyboard = keyboard
        return self._as_message(found[0])

    async def _answerCallbackQuery(self, given: dict[str, Any]) -> Any:
        if str(given["callback_query_id"]) not in self.bot.queries:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(given.get("text", "")) > TOAST_LIMIT:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        self.bot.queries.discard(str(given["callback_query_id"]))
        if given.get("text"):
            self.bot.toasts.append(given["text"])
        return True

    def _check_chat(self, chat: int) -> None:
        if chat not in self.bot.chats:
            raise ApiError(400, "Bad Request: chat not found")
        if chat in self.bot.blocked:
            private = self.bot.chats[chat] == "private"
            raise ApiError(
                403, f"Forbidden: bot was {'blocked by the user' if private else 'kicked from the group chat'}"
            )

    def _check_rate(self, chat: int) -> None:
        now = time.monotonic()
        if now - self._last_sent.get(chat, 0) < self.least_seconds:
            raise ApiError(429, "Too Many Requests: retry after 1", 1)
        self._last_sent[chat] = now

    def _as_message(self, shown: Shown) -> dict[str, Any]:
        chat = {"id": shown.chat, "type": self.bot.chats[shown.chat], "first_name": "A"}
        return {"message_id": shown.id, "date": int(time.time()), "chat": chat, "text": shown.text}

    async def _deliver(self, stop: threading.Event) -> None:
        """Bring updates to the webhook, each again until it is taken."""
        async with aiohttp.ClientSession() as client:
            while not stop.is_set():
                await asyncio.sleep(0.02)
                if not self.bot.webhook.get("url") or not self.bot.updates:
                    continue
                update = self.bot.updates[0]
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.bot.webhook.get("secret_token", "")}
                try:
                    async with client.post(self.bot.webhook["url"], json=update, headers=headers) as answer:
                        if answer.status < 300:
                            self.bot.updates.popleft()
                except aiohttp.ClientError:
                    await asyncio.sleep(0.2)


def _value(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict | list | int | bool) else text


def _keyboard(markup: Any) -> list[list[tuple[str, str]]]:
    rows = markup.get("inline_keyboard", []) if markup else []
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise ApiError(400, "Bad Request: reply markup is too long")
    for button in buttons:
        if not button.get("text", "").strip():
            raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "").encode()) <= DATA_LIMIT:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return [[(button["text"], button["callback_data"]) for button in row] for row in rows]
