"""The tables that exist. There are no others, and none is ever made from another."""

from __future__ import annotations

from enum import StrEnum

from api.usage.periods import Cadence

NATIONAL = "national"
NOT_STATED = "not-stated"


class TableId(StrEnum):
    """A published table. Each figure counts sessions: a session is in a cell once, or not at all."""

    SESSIONS_BY_SITE = "sessions-by-site"
    TOPICS_BY_REGION = "topics-by-region"
    OUTCOMES = "outcomes"
    CHANNELS = "channels"
    RISK_ANSWERS = "risk-answers"
    CONFUSIONS = "confusions"
    HELPED = "helped"

    @property
    def cadence(self) -> Cadence:
        return Cadence.WEEK if self is TableId.SESSIONS_BY_SITE else Cadence.MONTH

    @property
    def national(self) -> bool:
        """Whether its only group is the whole service."""
        return self not in (TableId.SESSIONS_BY_SITE, TableId.TOPICS_BY_REGION)

    @property
    def adds_up(self) -> bool:
        """Whether a session is in one cell of it only, so that any cells may be added.

        In the others a session can be in several items, and adding these would count it more than once.
        """
        return self in (TableId.SESSIONS_BY_SITE, TableId.CHANNELS)
