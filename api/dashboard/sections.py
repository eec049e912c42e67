"""A section is one statistical table, ready to show. Pages, charts, downloads and the report all take their figures from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from api.dashboard.kinds import COUNTED, Kind, Part
from api.dashboard.names import group_name, item_name
from api.usage.periods import Period
from api.usage.published import By, PublishedTables, Query, Row
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


def sections_of(tables: PublishedTables, kind: Kind, query: Query) -> list[Section]:
    """The sections of a page, for its question. Raises QueryError when it is not published."""
    made: dict[Part, Callable[[], Section]] = {
        Part.PERIOD: partial(_over_time, tables, kind, query),
        Part.GROUP: partial(_by_region, tables, kind, query),
        Part.ITEM: partial(_by_item, tables, kind, query),
    }
    if query.item is not None:
        return [_over_time(tables, kind, query)]
    parts = [part for part in kind.parts if not (part is Part.GROUP and query.group)]
    return [made[part]() for part in parts]


def _over_time(tables: PublishedTables, kind: Kind, query: Query) -> Section:
    by = By.PERIOD_AND_ITEM if query.item else By.PERIOD
    rows = tables.answer(replace(query, by=by))
    lines = tuple(Line(row.period.in_words(), str(row.period), row.figure) for row in rows if row.period)
    whose = item_name(tables.sites, kind.table, query.item) if query.item else _where(tables, query)
    title = f"{COUNTED} each {kind.unit}: {whose}"
    together = _together(tables, kind, query)
    notes = _notes(tables, rows, together)
    return Section(Part.PERIOD, title, in_words(query), kind.unit.capitalize(), lines, notes, True, together)


def _by_region(tables: PublishedTables, kind: Kind, query: Query) -> Section:
    rows = tables.answer(replace(query, by=By.GROUP))
    lines = _most_first([Line(group_name(tables.sites, row.group or ""), row.group or "", row.figure) for row in rows])
    title = f"{COUNTED} by region"
    return Section(Part.GROUP, title, in_words(query), "Region", lines, _notes(tables, rows, None))


def _by_item(tables: PublishedTables, kind: Kind, query: Query) -> Section:
    rows = tables.answer(replace(query, by=By.ITEM))
    lines = [Line(item_name(tables.sites, kind.table, row.item or ""), row.item or "", row.figure) for row in rows]
    in_order = tuple(sorted(lines, key=lambda line: line.name)) if kind.by_name else _most_first(lines)
    title = f"{COUNTED} by {kind.item}: {_where(tables, query)}"
    return Section(Part.ITEM, title, in_words(query), kind.item.capitalize(), in_order, _notes(tables, rows, None))


def _most_first(lines: list[Line]) -> tuple[Line, ...]:
    """By the figure that is shown, then by name: the order tells no more than the figures do."""
    return tuple(sorted(lines, key=lambda line: (-(line.figure.value or 0), line.name)))


def _where(tables: PublishedTables, query: Query) -> str:
    return group_name(tables.sites, query.group) if query.group else "all staff"


def _together(tables: PublishedTables, kind: Kind, query: Query) -> Figure | None:
    if query.item is None and not kind.table.adds_up:
        return None
    (row,) = tables.answer(replace(query, by=By.ITEM if query.item else By.ALL))
    return row.figure


def _notes(tables: PublishedTables, rows: list[Row], together: Figure | None) -> tuple[str, ...]:
    margins = {tables.rules.margin(row.cells) for row in rows}
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
