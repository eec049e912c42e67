"""The monthly report: every table for one month, to read and to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from api.dashboard.change import Change, latest_change
from api.dashboard.kinds import KINDS, TOTALS, Kind, Part
from api.dashboard.sections import Section, sections_of, span
from api.dashboard.source import Source
from api.dashboard.views import Drawing, draw
from api.usage.periods import Cadence, Period
from api.usage.published import By, Query
from api.usage.rules import Figure

ALL_ROWS = 10_000
THURSDAY = 3
CHAPTERS = ("overview", "channels", "outcomes", "helped", "risk", "topics", "sites")


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


def report_of(source: Source, month: Period) -> Report:
    """Raises QueryError when the month is not published."""
    (total,) = source.tables.totals(TOTALS, month, month, By.ALL)
    months = source.tables.totals(TOTALS, source.tables.periods(TOTALS)[0], month, By.PERIOD)
    chapters = tuple(_chapter(source, KINDS[name], month) for name in CHAPTERS)
    there = tuple(chapter for chapter in chapters if chapter is not None)
    return Report(month, total.figure, latest_change(source.tables.rules, months, month), there)


def weeks_of(month: Period) -> tuple[Period, Period]:
    """The first and last ISO week that belong to a month: those whose Thursday is in it."""
    first, last = month.first_day(), month.last_day()
    first += timedelta(days=(THURSDAY - first.weekday()) % 7)
    last -= timedelta(days=(last.weekday() - THURSDAY) % 7)
    return Period.of_day(first, Cadence.WEEK), Period.of_day(last, Cadence.WEEK)


def _chapter(source: Source, kind: Kind, month: Period) -> Chapter | None:
    """The part of one table, or None when it has no figures for the month."""
    query = _question(source, kind, month)
    if query is None:
        return None
    over_time = kind.name == "overview"
    sections = [one for one in sections_of(source, kind, query) if (one.part is Part.PERIOD) == over_time]
    drawings = tuple(draw(one, kind, rows=ALL_ROWS, chart_id=f"{kind.name}-{one.part}") for one in sections)
    return Chapter(kind, span(query.first, query.last), drawings)


def _question(source: Source, kind: Kind, month: Period) -> Query | None:
    first, last = weeks_of(month) if kind.table.cadence is Cadence.WEEK else (month, month)
    until = [period for period in source.tables.periods(kind.table) if period <= last]
    within = [period for period in until if period >= first]
    if not within:
        return None
    start = until[-kind.shown :][0] if kind.name == "overview" else within[0]
    return Query(kind.table, start, within[-1])
