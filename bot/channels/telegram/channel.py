"""Answers one Telegram update. It never fails to answer, and keeps nothing that was typed or sent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from telegram import CallbackQuery, Chat, Update
from telegram.constants import ChatType
from telegram.error import Forbidden

from bot.channels.telegram.arrivals import Arrival, Kind, arrival_of, chat_of, was_removed
from bot.channels.telegram.rendering import HELP_DATA, keyboard_of, only_help, pieces_of
from bot.channels.telegram.seen import InOrder, Remembered, Seen
from bot.channels.telegram.sending import Sender
from bot.conversation import Conversation, Message, MessageError, Outcome
from bot.reply import Reply
from bot.safe_answers import HELP_NOW, MENU, offering_help
from bot.safety import Risk
from bot.sessions import Session, SessionStore
from bot.wording import Wording

logger = logging.getLogger("handrail.telegram")
MESSAGES_A_MINUTE = RateLimitItemPerMinute(20)
AT_RISK_A_MINUTE = RateLimitItemPerMinute(10)
TOLD_A_MINUTE = RateLimitItemPerMinute(1)
MOST_TOLD = 2_000
TYPING_AFTER_SECONDS = 1.0
THREADS = 16
NOTHING_IS_KEPT = {"greeting", "question:privacy"}
FORGETTING = {"erase": "telegram:erased", "stop": "telegram:stopped"}
Count = Callable[[Session, Outcome, str, str | None], None]


@dataclass
class Turn:
    """One chat's turn. `name` is the keyed hash of its id; `new` when there was no conversation; `notes` go with the answer."""

    chat: int
    name: str
    session: Session
    new: bool = False
    notes: list[str] = field(default_factory=list)


class TelegramChannel:
    """Turns updates into `Conversation.receive` and replies into messages."""

    def __init__(
        self,
        sender: Sender,
        conversation: Conversation,
        sessions: SessionStore,
        wording: Wording,
        seen: Seen,
        count: Count | None = None,
        intranet: str | None = None,
    ) -> None:
        self._sender = sender
        self._conversation = conversation
        self._sessions = sessions
        self._wording = wording
        self._seen = seen
        self._count = count
        self._intranet = intranet
        self._secret = secrets.token_bytes(32)
        self._in_order = InOrder()
        self._told = Remembered(MOST_TOLD)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._threads = ThreadPoolExecutor(THREADS, "handrail-telegram")

    async def handle(self, update: Update) -> None:
        """Answer `update`, once, after those of the same chat that came before. Raises nothing."""
        chat = chat_of(update)
        if chat is None:
            return
        async with self._in_order.turn(self._hashed(chat.id)), self._seen.once(update.update_id) as fresh:
            if fresh:
                await self._answer_or_apologise(chat, update)

    async def _answer_or_apologise(self, chat: Chat, update: Update) -> None:
        try:
            if chat.type == ChatType.PRIVATE:
                await self._answer(chat.id, update)
            elif not was_removed(update):
                await self._refuse(chat)
        except Forbidden:  # the person has blocked the bot
            self._forget(self._hashed(chat.id))
        except Exception as error:
            logger.error("telegram_failed kind=%s", type(error).__name__)
            await self._apologise(chat)

    async def _apologise(self, chat: Chat) -> None:
        if chat.type != ChatType.PRIVATE:
            return
        try:
            await self._sender.say(chat.id, self._pieces("telegram:broken"), only_help())
        except Exception as error:
            logger.error("telegram_not_delivered kind=%s", type(error).__name__)

    async def _refuse(self, chat: Chat) -> None:
        told_now = self._told.note(self._hashed(chat.id, "group"))
        try:
            if told_now and chat.type != ChatType.CHANNEL:
                await self._sender.say(chat.id, self._pieces("telegram:group"))
        finally:
            await self._sender.leave(chat.id)

    async def _answer(self, chat: int, update: Update) -> None:
        arrival = arrival_of(update)
        name = self._hashed(chat)
        if arrival.kind is Kind.BLOCKED:
            self._forget(name)
        if arrival.kind in (Kind.BLOCKED, Kind.NOTHING) or self._is_more_of_an_album(arrival):
            return
        if not self._limiter.hit(MESSAGES_A_MINUTE, name) and not await self._must_answer(arrival, name):
            await self._slow_down(chat, name, update.callback_query)
            return
        turn = self._turn(chat, name, again=arrival.kind is not Kind.COMMAND)
        if update.callback_query:
            await self._choice(turn, arrival, update.callback_query)
        elif arrival.kind is Kind.COMMAND:
            await self._command(turn, arrival)
        elif arrival.kind is Kind.MEDIA:
            await self._media(turn, arrival)
        else:
            turn.notes += self._wording.paragraphs("telegram:edited") if arrival.edited else []
            await self._converse(turn, Message(text=arrival.text))

    def _is_more_of_an_album(self, arrival: Arrival) -> bool:
        return bool(arrival.album) and not self._told.note(self._hashed(arrival.album, "album")) and not arrival.text

    async def _must_answer(self, arrival: Arrival, name: str) -> bool:
        """Whether a message is answered although there are too many: danger is looked for in all of them."""
        wants_help = arrival.kind is Kind.CHOICE and arrival.text == HELP_DATA
        return (wants_help or await self._at_risk(arrival.text)) and self._limiter.hit(AT_RISK_A_MINUTE, name, "risk")

    async def _slow_down(self, chat: int, name: str, query: CallbackQuery | None) -> None:
        if query:
            await self._sender.chosen(query.id)
        if self._limiter.hit(TOLD_A_MINUTE, name, "told"):
            await self._sender.say(chat, self._pieces("telegram:slower"), only_help())

    async def _choice(self, turn: Turn, arrival: Arrival, query: CallbackQuery) -> None:
        payload = self._chosen(turn.session, arrival.text)
        expired = payload is None and not turn.new
        await self._sender.chosen(query.id, " ".join(self._wording.paragraphs("telegram:expired")) if expired else "")
        if query.message:
            await self._sender.spend(turn.chat, query.message.message_id)
        if payload is not None:
            await self._converse(turn, Message(choice=payload))
        elif turn.new:
            await self._show(turn, Reply(choices=[MENU, HELP_NOW]))

    @staticmethod
    def _chosen(session: Session, data: str) -> str | None:
        """The payload behind a button, or None when its keyboard is not the last one shown."""
        if data == HELP_DATA:
            return HELP_NOW.payload
        nonce, _, place = data.partition(".")
        known = nonce and nonce == session.keyboard and place.isdecimal() and int(place) < len(session.shown)
        return session.shown[int(place)] if known else None

    async def _command(self, turn: Turn, arrival: Arrival) -> None:
        if await self._at_risk(arrival.text):
            await self._converse(turn, Message(text=arrival.text))
        elif arrival.name == "help":
            turn.notes = self._wording.paragraphs("telegram:commands") + turn.notes
            await self._converse(turn, Message(choice=HELP_NOW.payload))
        elif arrival.name in FORGETTING:
            self._forget(turn.name)
            await self._sender.say(turn.chat, self._pieces(FORGETTING[arrival.name]), only_help())
        elif arrival.name == "privacy":
            privacy = self._wording.paragraphs("question:privacy")
            await self._show(turn, Reply(paragraphs=privacy, choices=[MENU, HELP_NOW], answers=["question:privacy"]))
        else:
            self._forget(turn.name)
            turn = self._turn(turn.chat, turn.name, again=False)
            await self._show(turn, self._conversation.safe.greeting())

    async def _media(self, turn: Turn, arrival: Arrival) -> None:
        turn.notes += self._wording.paragraphs(f"telegram:{arrival.name}")
        if arrival.text:
            await self._converse(turn, Message(text=arrival.text))
        else:
            await self._show(turn, Reply(choices=[MENU, HELP_NOW]))

    async def _converse(self, turn: Turn, message: Message) -> None:
        try:
            outcome = await self._receive(turn, message)
        except MessageError as error:
            await self._show(turn, Reply(paragraphs=[str(error)], choices=[MENU, HELP_NOW]))
            return
        if self._count:
            self._count(turn.session, outcome, "telegram", message.choice)
        await self._show(turn, outcome.reply, urgent=outcome.risk.found or "help-now" in outcome.reply.answers)

    async def _receive(self, turn: Turn, message: Message) -> Outcome:
        loop = asyncio.get_running_loop()
        answering = loop.run_in_executor(self._threads, self._conversation.receive, turn.session, message)
        done, _ = await asyncio.wait({answering}, timeout=TYPING_AFTER_SECONDS)
        if not done:
            await self._sender.typing(turn.chat)
        return await answering

    async def _show(self, turn: Turn, reply: Reply, urgent: bool = False) -> None:
        """Send `reply`; what else has to be said comes before it, or after it when it is urgent."""
        notes = list(turn.notes)
        if not turn.new and NOTHING_IS_KEPT & set(reply.answers):
            notes += self._wording.paragraphs("telegram:kept")
        reply = offering_help(reply, first=turn.session.careful)
        payloads = [choice.payload for choice in reply.choices]
        turn.session.offer(payloads)
        turn.session.keyboard, turn.session.shown = secrets.token_urlsafe(6), payloads
        pieces = pieces_of(reply, after=notes) if urgent else pieces_of(reply, before=notes)
        await self._sender.say(turn.chat, pieces, keyboard_of(reply.choices, turn.session.keyboard))

    def _turn(self, chat: int, name: str, again: bool) -> Turn:
        """The turn of a chat. When there was no conversation it says so, with `again`, and what Telegram keeps."""
        if session := self._sessions.find(name):
            return Turn(chat, name, session)
        notes = self._wording.paragraphs("telegram:again") if again else []
        notes += self._wording.paragraphs("telegram:kept")
        intranet = self._wording.paragraphs("telegram:intranet")
        notes += [*intranet[:-1], f"{intranet[-1]} {self._intranet}"] if self._intranet else intranet
        try:
            session = self._sessions.for_name(name)
        except MemoryError:  # too many conversations: answered all the same, and not remembered
            session = Session(name, time.monotonic())
        self._conversation.forget(session)
        return Turn(chat, name, session, new=True, notes=notes)

    def _forget(self, name: str) -> None:
        if session := self._sessions.forget(name):
            self._conversation.forget(session)

    async def _at_risk(self, text: str) -> bool:
        if not text:
            return False
        risk: Risk = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._conversation.assessor.assess_once, text
        )
        return risk.found

    def _pieces(self, key: str) -> list[str]:
        return pieces_of(Reply(paragraphs=self._wording.paragraphs(key)))

    def _hashed(self, what: object, about: str = "chat") -> str:
        """A name that only this process can make: no id can be found from it once the process has ended."""
        return "telegram:" + hmac.new(self._secret, f"{about}:{what}".encode(), hashlib.sha256).hexdigest()
