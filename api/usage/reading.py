"""What one turn adds to the counts. Pure: it reads ids of replies, never text."""

from __future__ import annotations

from collections.abc import Iterator

from api.usage.catalogue import Catalogue, confusion
from api.usage.tables import NATIONAL, TableId
from bot.conversation import Outcome
from bot.sessions import Session

OUTCOME_OF = {
    "clarify": "clarified",
    "fallback": "not-understood",
    "apology": "failed",
    "out-of-scope": "out-of-scope",
    "menu": "menu",
}
HELPED = ("helped", "not-helped")
NOT_NEEDS = {"menu", "help-now"}


def outcome_of(answers: list[str]) -> str:
    """What became of a turn, from the ids of its answer."""
    return next((outcome for answer, outcome in OUTCOME_OF.items() if answer in answers), "answered")


def offered_in(outcome: Outcome) -> list[str]:
    """The needs that a clarifying reply offers to choose between; empty for other replies."""
    if "clarify" not in outcome.reply.answers:
        return []
    payloads = [choice.payload.removeprefix("/") for choice in outcome.reply.choices]
    return [payload for payload in payloads if payload not in NOT_NEEDS]


def cells_of(
    catalogue: Catalogue, session: Session, outcome: Outcome, channel: str, choice: str | None
) -> Iterator[tuple[TableId, str, str]]:
    """The (table, group, item) that a turn belongs to; the same cell may come again in later turns of the session."""
    place, answers = catalogue.sites.place(session.site), outcome.reply.answers
    yield TableId.SESSIONS_BY_SITE, place.group, place.row
    yield TableId.CHANNELS, NATIONAL, channel
    urgent = outcome.risk.urgent or ("help-now" in answers and any(one.startswith("risk:") for one in answers))
    if "are-you-safe" in answers:
        yield TableId.RISK_ANSWERS, NATIONAL, "are-you-safe"
    elif urgent:
        yield TableId.RISK_ANSWERS, NATIONAL, "risk-answer"
        return
    yield TableId.OUTCOMES, NATIONAL, outcome_of(answers)
    for said in HELPED:
        if said in answers:
            yield TableId.HELPED, NATIONAL, said
    if outcome.intent.startswith(tuple(answers)):
        for item in catalogue.topics.get(outcome.intent, ()):
            yield TableId.TOPICS_BY_REGION, place.group, item
    taken = (choice or "").removeprefix("/")
    if taken in session.between:
        for other in session.between:
            if other != taken:
                yield TableId.CONFUSIONS, NATIONAL, confusion(taken, other)
