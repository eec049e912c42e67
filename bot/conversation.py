"""The one entry: `receive(session, message) -> Outcome`. Every channel calls it; nothing below it knows a channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.reply import MAX_TEXT, Reply
from bot.safe_answers import HELP_NOW, MENU, RESTART, SafeAnswers
from bot.safety import Assessor, Risk
from bot.sessions import Session

logger = logging.getLogger("handrail.conversation")
ALWAYS_OFFERED = {HELP_NOW.payload, MENU.payload, RESTART.payload}
RISK_SECONDS = 0.8
TURN_SECONDS = 8.0


class TurnLike(Protocol):
    """What the engine gives back of a turn."""

    @property
    def replies(self) -> list[dict[str, Any]]: ...
    @property
    def intent(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def ranking(self) -> list[tuple[str, float]]: ...


class DialogueEngine(Protocol):
    """The dialogue engine as the conversation needs it."""

    def respond(self, conversation: str, message: str) -> Future[Any]: ...
    def forget(self, conversation: str) -> None: ...


class MessageError(ValueError):
    """A message that cannot be taken. `code` is empty, too-long or not-offered; the text is for the person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Message:
    """What a channel passes on: text that a person typed, or the payload of a choice that was offered."""

    text: str | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A reply and how it came about; channels show only the reply."""

    reply: Reply
    risk: Risk
    intent: str = ""
    confidence: float = 0.0
    ranking: list[tuple[str, float]] = field(default_factory=list)


class Conversation:
    """Assesses risk first, asks the dialogue engine, and always answers.

    `engine` may be None while it is loading or when it could not be loaded: the person still gets a safe answer.
    """

    def __init__(
        self,
        engine: DialogueEngine | None,
        assessor: Assessor,
        safe: SafeAnswers,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self.engine = engine
        self._assessor = assessor
        self.safe = safe
        self._now = now
        self._turn_seconds = turn_seconds

    def receive(self, session: Session, message: Message) -> Outcome:
        """Answer one message. Raises MessageError when it is empty, too long, or a choice never offered."""
        to_engine, risk = self._checked(session, message)
        outcome = self._ask(session, to_engine, risk)
        session.offer([choice.payload for choice in outcome.reply.choices])
        return outcome

    def forget(self, session: Session) -> None:
        """Remove what the dialogue engine holds of `session`."""
        if self.engine is not None:
            self.engine.forget(session.key)

    def _checked(self, session: Session, message: Message) -> tuple[str, Risk]:
        if message.choice is not None:
            if message.choice not in session.offered | ALWAYS_OFFERED:
                raise MessageError("not-offered", "That choice was not offered. Please choose again or type a message.")
            return message.choice, Risk()
        text = (message.text or "").replace("\x00", " ").strip()
        if not text:
            raise MessageError("empty", "There is no message. Type a few words about what is going on.")
        if len(text) > MAX_TEXT:
            raise MessageError("too-long", f"That is too long. Please use {MAX_TEXT} characters or fewer.")
        return text.lstrip("/").strip() or "?", self._assessor.assess(text)

    def _ask(self, session: Session, message: str, risk: Risk) -> Outcome:
        try:
            if self.engine is None:
                raise RuntimeError("no engine")
            seconds = min(RISK_SECONDS, self._turn_seconds) if risk.found else self._turn_seconds
            turn: TurnLike = self.engine.respond(session.key, message).result(timeout=seconds)
            found = [part["custom"]["handrail"] for part in turn.replies if "handrail" in part.get("custom", {})]
            reply = Reply.model_validate(found[-1])
            if risk.found and "help-now" not in reply.answers:
                reply = self.safe.risk(risk, self._now())
            return Outcome(reply, risk, turn.intent, turn.confidence, turn.ranking)
        except Exception as error:  # the person must get an answer whatever broke
            logger.error("turn_failed kind=%s", type(error).__name__)
            return Outcome(self.safe.broken(risk, self._now()), risk)
