"""When a service is open, in Europe/London with the bank holidays of England and Wales."""

from __future__ import annotations

import functools
from datetime import date, datetime, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, ConfigDict, Field, model_validator

LONDON = ZoneInfo("Europe/London")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Span = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Hours(BaseModel):
    """Exactly one of the four forms is set. `weekly` maps a day (or bank_holidays) to '09:00-17:00' or 'closed'."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    always: bool = False
    by_arrangement: str | None = None
    set_by_deployment: str | None = None
    weekly: dict[str, Span | Annotated[str, Field(pattern="^closed$")]] | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        if sum(map(bool, (self.always, self.by_arrangement, self.set_by_deployment, self.weekly))) != 1:
            raise ValueError("give exactly one of always, by_arrangement, set_by_deployment or weekly")
        unknown = set(self.weekly or {}) - {*DAYS, "bank_holidays"}
        if unknown:
            raise ValueError(f"unknown day {sorted(unknown)[0]}")
        return self

    def is_open(self, now: datetime) -> bool | None:
        """Whether it is open at `now` (any time zone); None when only an arrangement tells."""
        if self.always:
            return True
        if not self.weekly:
            return None
        local = now.astimezone(LONDON)
        span = self._span_on(local.date())
        if span is None:
            return False
        opens, closes = span.split("-")
        ends = time.max if closes == "24:00" else time.fromisoformat(closes)
        return time.fromisoformat(opens) <= local.time() < ends

    def _span_on(self, day: date) -> str | None:
        weekly = self.weekly or {}
        span = weekly.get(DAYS[day.weekday()], "closed")
        if day in bank_holidays(day.year):
            span = weekly.get("bank_holidays", "closed")
        return None if span == "closed" else span

    def in_words(self) -> str:
        """The hours as a sentence."""
        if self.always:
            return "Open all day and all night, every day of the year."
        if self.by_arrangement:
            return self.by_arrangement
        if not self.weekly:
            return "Your HR team has not added the opening hours yet."
        open_days = [(day, span) for day, span in self.weekly.items() if span != "closed" and day != "bank_holidays"]
        listed = ", ".join(f"{day.title()} {span.replace('-', ' to ')}" for day, span in open_days)
        on_holidays = self.weekly.get("bank_holidays", "closed")
        return f"Open {listed}. Bank holidays: {on_holidays.replace('-', ' to ')}."


@functools.lru_cache(maxsize=16)
def bank_holidays(year: int) -> holidays.HolidayBase:
    """Bank holidays of England and Wales in `year`."""
    return holidays.country_holidays("GB", subdiv="ENG", years=year)
