"""Weeks and months in UK time: ISO weeks such as 2026-W48, months such as 2026-11."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class Cadence(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, order=True)
class Period:
    """One ISO week or month. Periods of one cadence are in order of time; `str()` gives 2026-W48 or 2026-11."""

    cadence: Cadence
    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 2026-W48 or 2026-11. Raises ValueError when it is neither, or there is no such week or month."""
        for cadence, pattern in ((Cadence.WEEK, WEEK), (Cadence.MONTH, MONTH)):
            if found := pattern.fullmatch(text):
                period = cls(cadence, int(found[1]), int(found[2]))
                if not 2000 <= period.year <= 2999:
                    break
                period.first_day()
                return period
        raise ValueError("write a week like 2026-W48 or a month like 2026-11")

    @classmethod
    def containing(cls, when: datetime, cadence: Cadence) -> Self:
        """The period of `cadence` in which `when` lies, by the clock in the UK."""
        day = when.astimezone(UK).date()
        return cls.of_day(day, cadence)

    @classmethod
    def of_day(cls, day: date, cadence: Cadence) -> Self:
        if cadence is Cadence.MONTH:
            return cls(cadence, day.year, day.month)
        year, week, _ = day.isocalendar()
        return cls(cadence, year, week)

    def first_day(self) -> date:
        if self.cadence is Cadence.WEEK:
            return date.fromisocalendar(self.year, self.number, 1)
        return date(self.year, self.number, 1)

    def last_day(self) -> date:
        return self.next().first_day() - timedelta(days=1)

    def ends(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.next().first_day(), time(), UK)

    def has_ended(self, now: datetime) -> bool:
        return now >= self.ends()

    def next(self) -> Self:
        if self.cadence is Cadence.WEEK:
            return self.of_day(self.first_day() + timedelta(days=7), self.cadence)
        return self.of_day(self.first_day() + timedelta(days=31), self.cadence)

    def previous(self) -> Self:
        return self.of_day(self.first_day() - timedelta(days=1), self.cadence)

    def up_to(self, last: Self) -> Iterator[Self]:
        """This period and those after it, to `last`."""
        period = self
        while period <= last:
            yield period
            period = period.next()

    def in_words(self) -> str:
        """For people: "23 to 29 November 2026", "November 2026"."""
        first, last = self.first_day(), self.last_day()
        if self.cadence is Cadence.MONTH:
            return f"{first:%B %Y}"
        if first.year != last.year:
            return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
        start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        return f"{start} to {last.day} {last:%B %Y}"

    def __str__(self) -> str:
        return (
            f"{self.year:04}-W{self.number:02}" if self.cadence is Cadence.WEEK else f"{self.year:04}-{self.number:02}"
        )
