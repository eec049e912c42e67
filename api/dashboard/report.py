"""The monthly report: every table for one month, to read and to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from api.dashboard.change import Change, latest_change
from api.dashboard.kinds import KINDS, TOTALS, Kind, Part
from api.dashboard.sections import Section, sections_of, span
from api.dashboard.views import Drawing, draw
from api.usage.periods import Cadence, Period
from api.usage.published import By, PublishedTables, Query
from api.usage.rules import Figure

ALL_ROWS = 10_000
THURSDAY = 3


@dataclass(frozen=True)
class Chapter:
    """One table's part of the report."""

    kind: Kind
    scope: str
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True)
class Report:
    """A month: how many conversations, what changed, and each table."""

    month: Period
    total: Figure
    change: Change | None
    chapters: tuple[Chapter, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(drawing.section for chapter in self.chapters for drawing in chapter.drawings)


def report_of(tables: PublishedTables, month: Period) -> Report:
    """Raises QueryError when the month is not published."""
    (total,) = tables.totals(TOTALS, month, month, By.ALL)
    months = tables.totals(TOTALS, tables.periods(TOTALS)[0], month, By.PERIOD)
    chapters = []
    for kind in KINDS.values():
        query = _question(tables, kind, month)
        if query is None or kind.name == "overview":
            continue
        sections = [section for section in sections_of(tables, kind, query) if section.part is not Part.PERIOD]
        drawings = tuple(
            draw(section, kind, rows=ALL_ROWS, chart_id=f"{kind.name}-{section.part}") for section in sections
        )
        chapters.append(Chapter(kind, span(query.first, query.last), drawings))
    return Report(month, total.figure, latest_change(tables.rules, months, month), tuple(chapters))


def weeks_of(month: Period) -> tuple[Period, Period]:
    """The first and last ISO week that belong to a month: those whose Thursday is in it."""
    first, last = month.first_day(), month.last_day()
    first += timedelta(days=(THURSDAY - first.weekday()) % 7)
    last -= timedelta(days=(last.weekday() - THURSDAY) % 7)
    return Period.of_day(first, Cadence.WEEK), Period.of_day(last, Cadence.WEEK)


def _question(tables: PublishedTables, kind: Kind, month: Period) -> Query | None:
    periods = tables.periods(kind.table)
    if kind.table.cadence is Cadence.MONTH:
        return Query(kind.table, month, month) if month in periods else None
    first, last = weeks_of(month)
    weeks = [week for week in periods if first <= week <= last]
    return Query(kind.table, weeks[0], weeks[-1]) if weeks else None
