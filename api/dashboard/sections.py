"""A section is one statistical table, ready to show. Pages, charts, downloads and the report all take their figures from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from api.dashboard.kinds import COUNTED, Kind, Part
from api.dashboard.source import Source
from api.usage.periods import Period
from api.usage.published import By, Query, Row
from api.usage.rules import Figure

IN_CHART = 10


@dataclass(frozen=True)
class Line:
    """One row: what it is of, an id for links, and the figure."""

    name: str
    id: str
    figure: Figure


@dataclass(frozen=True)
class Section:
    """One table. `over_time` when its lines are periods in order. `together` is their sum where sums exist."""

    part: Part
    title: str
    scope: str
    heading: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    over_time: bool = False
    together: Figure | None = None


def sections_of(source: Source, kind: Kind, query: Query) -> list[Section]:
    """The sections of a page, for its question. Raises QueryError when it is not published."""
    made: dict[Part, Callable[[], Section]] = {
        Part.PERIOD: partial(_over_time, source, kind, query),
        Part.GROUP: partial(_by_region, source, kind, query),
        Part.FAMILY: partial(_by_item, source, kind, query, Part.FAMILY),
        Part.ITEM: partial(_by_item, source, kind, query, Part.ITEM),
    }
    if query.item is not None:
        return [_over_time(source, kind, query)]
    parts = [part for part in kind.parts if not (part is Part.GROUP and query.group)]
    sections = [made[part]() for part in parts]
    return [section for section in sections if section.lines]


def _over_time(source: Source, kind: Kind, query: Query) -> Section:
    by = By.PERIOD_AND_ITEM if query.item else By.PERIOD
    rows = source.tables.answer(replace(query, by=by))
    lines = tuple(Line(row.period.in_words(), str(row.period), row.figure) for row in rows if row.period)
    whose = source.labels.item(kind.table, query.item) if query.item else _where(source, query)
    title = f"{COUNTED} each {kind.unit}: {whose}"
    together = _together(source, kind, query)
    notes = _notes(source, rows, together)
    return Section(Part.PERIOD, title, in_words(query), kind.unit.capitalize(), lines, notes, True, together)


def _by_region(source: Source, kind: Kind, query: Query) -> Section:
    rows = source.tables.answer(replace(query, by=By.GROUP))
    lines = _most_first([Line(source.labels.group(row.group or ""), row.group or "", row.figure) for row in rows])
    title = f"{COUNTED} by region"
    return Section(Part.GROUP, title, in_words(query), "Region", lines, _notes(source, rows, None))


def _by_item(source: Source, kind: Kind, query: Query, part: Part) -> Section:
    rows = source.tables.answer(replace(query, by=By.ITEM))
    if Part.FAMILY in kind.parts:
        rows = [row for row in rows if is_family(row.item or "") == (part is Part.FAMILY)]
    lines = [Line(source.labels.item(kind.table, row.item or ""), row.item or "", row.figure) for row in rows]
    in_order = tuple(sorted(lines, key=lambda line: line.name)) if kind.by_name else _most_first(lines)
    what = "kind of service" if part is Part.FAMILY else kind.item
    title = f"{COUNTED} by {what}: {_where(source, query)}"
    return Section(part, title, in_words(query), what.capitalize(), in_order, _notes(source, rows, None))


def is_family(item: str) -> bool:
    """Whether an item of the table of topics is a whole family of services, not one topic."""
    return "/" not in item


def _most_first(lines: list[Line]) -> tuple[Line, ...]:
    """By the figure that is shown, then by name: the order tells no more than the figures do."""
    return tuple(sorted(lines, key=lambda line: (-(line.figure.value or 0), line.name)))


def _where(source: Source, query: Query) -> str:
    return source.labels.group(query.group) if query.group else "all staff"


def _together(source: Source, kind: Kind, query: Query) -> Figure | None:
    if query.item is None and not kind.table.adds_up:
        return None
    (row,) = source.tables.answer(replace(query, by=By.ITEM if query.item else By.ALL))
    return row.figure


def _notes(source: Source, rows: list[Row], together: Figure | None) -> tuple[str, ...]:
    margins = {source.tables.rules.margin(row.cells) for row in rows}
    low, high = min(margins, default=0), max(margins, default=0)
    reach = f"{high}" if low == high else f"{low} to {high}"
    notes = [f"Because the figures are protected, the true ones are within about {reach} of these (95 times in 100)."]
    if together is not None and len(rows) > 1:
        notes.append("Each figure is rounded by itself, so the lines may not add up to the total exactly.")
    return tuple(notes)


def in_words(query: Query) -> str:
    """The days that the figures are of."""
    return span(query.first, query.last)


def span(first: Period, last: Period) -> str:
    if first == last:
        return first.in_words()
    if first.cadence == "month":
        return f"{first.in_words()} to {last.in_words()}"
    return f"{_day(first.first_day())} to {_day(last.last_day())}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
