"""The rules of disclosure control. Each has a floor, and weaker settings are refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MOST_EPSILON = Decimal("0.5")
LEAST_EPSILON = Decimal("0.05")
LEAST_SMALLEST_SHOWN = 10
LEAST_SITE_STAFF = 100
MOST_RETENTION_MONTHS = 60
ROUNDED_TO = 5


@dataclass(frozen=True)
class Rules:
    """`epsilon` of the noise, the smallest figure shown, and how many staff a site or region needs for a row of its own."""

    epsilon: Fraction = Fraction(1, 2)
    smallest_shown: int = LEAST_SMALLEST_SHOWN
    site_staff: int = LEAST_SITE_STAFF
    retention_months: int = 36

    def __post_init__(self) -> None:
        """Raises ValueError when a rule would be weaker than its floor."""
        if not Fraction(LEAST_EPSILON) <= self.epsilon <= Fraction(MOST_EPSILON):
            raise ValueError(f"epsilon must be from {LEAST_EPSILON} to {MOST_EPSILON}")
        if self.smallest_shown < LEAST_SMALLEST_SHOWN or self.smallest_shown % ROUNDED_TO:
            raise ValueError(
                f"the smallest figure shown must be {LEAST_SMALLEST_SHOWN} or more, in steps of {ROUNDED_TO}"
            )
        if self.site_staff < LEAST_SITE_STAFF:
            raise ValueError(f"a site needs at least {LEAST_SITE_STAFF} staff for a row of its own")
        if not 1 <= self.retention_months <= MOST_RETENTION_MONTHS:
            raise ValueError(f"figures are kept for 1 to {MOST_RETENTION_MONTHS} months")

    def figure(self, noised: int) -> Figure:
        """What is shown of a sum of noised cells: clamped at 0, then rounded, or "fewer than"."""
        clamped = max(noised, 0)
        if clamped < self.smallest_shown:
            return Figure(None, self.smallest_shown)
        return Figure((clamped + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO, self.smallest_shown)

    def margin(self, cells: int) -> int:
        """How far the noise and the rounding of a sum of `cells` cells reach, 95 times in 100 (plus or minus)."""
        ratio = math.exp(-float(self.epsilon))
        variance = cells * 2 * ratio / (1 - ratio) ** 2
        return math.ceil(1.96 * math.sqrt(variance) + ROUNDED_TO / 2)


@dataclass(frozen=True)
class Figure:
    """What is shown: `value` is rounded to 5, or None when it is fewer than `fewer_than` (zero included)."""

    value: int | None
    fewer_than: int = LEAST_SMALLEST_SHOWN

    def __str__(self) -> str:
        return f"fewer than {self.fewer_than}" if self.value is None else f"{self.value:,}"
