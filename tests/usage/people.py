"""Made-up turns: an outcome as the conversation gives it, without the dialogue engine."""

from __future__ import annotations

import time

from bot.conversation import Outcome
from bot.reply import Choice, Reply
from bot.safety import Kind, Risk, RiskLevel, Subject
from bot.sessions import Session

SERVICE = "oh-physiotherapy"
FAMILY = "occupational-health"


def a_session(site: str | None = None) -> Session:
    return Session("key", time.monotonic(), site=site)


def a_turn(*answers: str, intent: str = "", risk: RiskLevel = RiskLevel.NONE, choices: tuple[str, ...] = ()) -> Outcome:
    offered = [Choice(label=name, payload=f"/{name}") for name in choices]
    return Outcome(Reply(answers=list(answers), choices=offered), Risk(risk, Subject.SELF, Kind.SUICIDE), intent)


def signposted(intent: str = SERVICE) -> Outcome:
    return a_turn(intent, intent=intent)
