"""The one entry: `receive(session, message) -> Outcome`. Every channel calls it; nothing below it knows a channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.reply import MAX_TEXT, Reply
from bot.safe_answers import FIND, HELP_NOW, MENU, RESTART, SafeAnswers, offering_help
from bot.safety import Assessor, Risk
from bot.sessions import Session

logger = logging.getLogger("handrail.conversation")
ALWAYS_OFFERED = {HELP_NOW.payload, MENU.payload, FIND.payload, RESTART.payload}
RISK_SECONDS = 0.6
LONGEST_READ = 3 * MAX_TEXT
STUCK_SECONDS = 0.2
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
        self.assessor = assessor
        self.safe = safe
        self._now = now
        self._turn_seconds = turn_seconds
        self._overdue: Future[Any] | None = None

    def receive(self, session: Session, message: Message) -> Outcome:
        """Answer one message. Raises MessageError when it is empty, too long and not at risk, or a choice never offered."""
        to_engine, risk = self._checked(session, message)
        if risk.found:
            session.careful, session.kind = True, risk.kind
        elif message.choice == RESTART.payload:
            session.careful, session.kind = False, None
        outcome = self._ask(session, to_engine, risk, message.choice)
        outcome = replace(outcome, reply=offering_help(outcome.reply, first=session.careful))
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
        risk = self.assessor.assess_once(text[:LONGEST_READ])
        if len(text) > MAX_TEXT and not risk.found:
            raise MessageError("too-long", f"That is too long. Please use {MAX_TEXT} characters or fewer.")
        return text[:MAX_TEXT].lstrip("/").strip() or "?", risk

    def _ask(self, session: Session, message: str, risk: Risk, choice: str | None) -> Outcome:
        try:
            turn = self._turn(session, message, risk)
            found = [part["custom"]["handrail"] for part in turn.replies if "handrail" in part.get("custom", {})]
            reply = Reply.model_validate(found[-1])
            if risk.found and "help-now" not in reply.answers:
                reply = (
                    self.safe.risk(risk, self._now()) if risk.urgent else self.safe.concern(risk, reply, self._now())
                )
            return Outcome(reply, risk, turn.intent, turn.confidence, turn.ranking)
        except Exception as error:  # the person must get an answer whatever broke
            logger.error("turn_failed kind=%s", type(error).__name__)
            told = risk if risk.found else Risk(kind=session.kind)
            return Outcome(self.safe.broken(told, self._now(), choice), risk)

    def _turn(self, session: Session, message: str, risk: Risk) -> TurnLike:
        """The engine's turn. Raises whatever it raised, TimeoutError when it was too slow, RuntimeError when there is none.

        While an earlier turn that was too slow is still not done, nobody else waits long behind it.
        """
        if self.engine is None:
            raise RuntimeError("no engine")
        seconds = min(RISK_SECONDS, self._turn_seconds) if risk.found else self._turn_seconds
        if self._overdue is not None and not self._overdue.done():
            seconds = min(STUCK_SECONDS, seconds)
        future = self.engine.respond(session.key, message)
        try:
            turn: TurnLike = future.result(timeout=seconds)
        except TimeoutError:
            self._overdue = future
            raise
        self._overdue = None
        return turn
