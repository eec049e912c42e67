"""What an assessment says: how urgent, of what kind, and who may be in danger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RiskLevel(StrEnum):
    """How urgent. `concern` is a doubt that a soft "are you safe?" carries."""

    NONE = "none"
    CONCERN = "concern"
    HIGH = "high"
    EMERGENCY = "emergency"


LEVELS = list(RiskLevel)


class Subject(StrEnum):
    """Who may be in danger."""

    SELF = "self"
    COLLEAGUE = "colleague"
    CUSTODY = "custody"
    PROBATION = "probation"
    FAMILY = "family"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What the danger is."""

    SUICIDE = "suicide"
    SELF_HARM = "self-harm"
    OVERDOSE = "overdose"
    VIOLENCE = "violence"
    ASSAULT = "assault"
    DOMESTIC_ABUSE = "domestic-abuse"
    CHILD_SAFEGUARDING = "child-safeguarding"
    MEDICAL = "medical"


@dataclass(frozen=True)
class Risk:
    """`kind` is None when there is no risk."""

    level: RiskLevel = RiskLevel.NONE
    subject: Subject = Subject.UNKNOWN
    kind: Kind | None = None

    @property
    def found(self) -> bool:
        return self.level is not RiskLevel.NONE

    @property
    def urgent(self) -> bool:
        """Whether the full safe answer is due, and not the soft one."""
        return self.level in (RiskLevel.HIGH, RiskLevel.EMERGENCY)


NO_RISK = Risk()
