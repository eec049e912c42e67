"""What changed since the month before, said only when the noise cannot be the reason.

The rule: a total is a sum of noised cells, then rounded. The difference of two totals carries the noise of the cells of both and
two roundings. Noise alone stays within `rules.margin(cells of both)` 95 times in 100; that counts one rounding, so half a step
is added for the other. A difference that is not larger than this is not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.usage.periods import Period
from api.usage.published import Row
from api.usage.rules import ROUNDED_TO, Figure, Rules


@dataclass(frozen=True)
class Change:
    """One sentence about a month and the month before, and the least difference that would be told."""

    sentence: str
    told_from: int
    told: bool


def least_told(rules: Rules, cells: int) -> int:
    """The least difference of two shown totals, in steps of 5, that noise in `cells` cells and rounding do not explain."""
    reach = rules.margin(cells) + ROUNDED_TO / 2
    return (int(reach) // ROUNDED_TO + 1) * ROUNDED_TO


def change_between(rules: Rules, before: Row, after: Row) -> Change:
    """The change from one month's total to the next one's. Both rows are totals of a whole month."""
    assert before.period is not None and after.period is not None
    least = least_told(rules, before.cells + after.cells)
    difference = _least_difference(before.figure, after.figure)
    earlier, later = before.period.in_words(), after.period.in_words()
    if abs(difference) < least:
        return Change(
            f"{_start(after)} The change since {earlier} is too small to tell from the protection of the figures.",
            least,
            False,
        )
    way = "more" if difference > 0 else "fewer"
    sure = "" if None not in (before.figure.value, after.figure.value) else "at least "
    return Change(
        f"There were {sure}{abs(difference):,} {way} conversations in {later} than in {earlier}: "
        f"{after.figure}, {'up' if difference > 0 else 'down'} from {before.figure}.",
        least,
        True,
    )


def latest_change(rules: Rules, months: list[Row], month: Period | None = None) -> Change | None:
    """The change into `month` (the newest when not given); None when the month before it has no figures."""
    by_period = {row.period: row for row in months}
    after = by_period.get(month or (months[-1].period if months else None))
    if after is None or after.period is None:
        return None
    before = by_period.get(after.period.previous())
    return change_between(rules, before, after) if before is not None else None


def _start(row: Row) -> str:
    assert row.period is not None
    return f"There were {row.figure} conversations in {row.period.in_words()}."


def _least_difference(before: Figure, after: Figure) -> int:
    """How far apart two figures are at least: "fewer than 10" can be anything from 0 to 9."""
    if before.value is not None and after.value is not None:
        return after.value - before.value
    if before.value is None and after.value is not None:
        return max(after.value - before.fewer_than + 1, 0)
    if before.value is not None and after.value is None:
        return min(after.fewer_than - 1 - before.value, 0)
    return 0
