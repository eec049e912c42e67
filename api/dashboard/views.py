"""What a page shows: its sections with their charts, the filter form, and links that keep the filters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from api.dashboard.charts import Bar, draw_bars, draw_columns, spaced_ticks
from api.dashboard.filters import Chosen
from api.dashboard.kinds import KINDS, Kind
from api.dashboard.names import group_name, item_name
from api.dashboard.sections import IN_CHART, Line, Section, sections_of
from api.usage.periods import Cadence, Period
from api.usage.published import PublishedTables, Query

ROWS_ON_A_PAGE = 25
Option = dict[str, object]


@dataclass(frozen=True)
class Drawing:
    """A section with its chart, if it has one, and the lines on this page of rows."""

    section: Section
    chart: Markup
    chart_title: str
    lines: tuple[Line, ...]
    pages: int
    page: int
    links: bool


@dataclass(frozen=True)
class View:
    """Everything that the template of a page of figures needs."""

    kind: Kind
    query: Query
    drawings: tuple[Drawing, ...]

    def address(self, path: str | None = None, **changes: object) -> str:
        """This page's address with its filters, some of them changed. None takes one away."""
        fields: dict[str, object] = {"from": self.query.first, "to": self.query.last}
        fields |= {"region": self.query.group, "item": self.query.item} | changes
        return f"{path or self.kind.path}?{urlencode({name: str(value) for name, value in fields.items() if value})}"


def view_of(tables: PublishedTables, kind: Kind, chosen: Chosen) -> View:
    """Raises QueryError when the question is not published."""
    sections = sections_of(tables, kind, chosen.query)
    return View(kind, chosen.query, tuple(draw(section, kind, chosen.page) for section in sections))


def draw(
    section: Section, kind: Kind, page: int = 1, rows: int = ROWS_ON_A_PAGE, chart_id: str | None = None
) -> Drawing:
    """The section with its chart, and the rows of one page of it."""
    pages = 1 if section.over_time else max(1, math.ceil(len(section.lines) / rows))
    page = min(page, pages)
    lines = section.lines if pages == 1 else section.lines[(page - 1) * rows : page * rows]
    chart_id = chart_id or f"chart-{section.part}"
    if section.over_time:
        title, chart = section.title, _columns(chart_id, section, kind)
    else:
        title, chart = _bars(chart_id, section, kind)
    links = section.part == "by-item" or section.part == "by-region"
    return Drawing(section, chart, title, lines, pages, page, links)


def _columns(chart_id: str, section: Section, kind: Kind) -> Markup:
    if len(section.lines) < 2:
        return Markup()
    short = [_short(Period.parse(line.id)) for line in section.lines]
    return draw_columns(chart_id, f"{section.title}, {section.scope}", _as_bars(section.lines), spaced_ticks(short))


def _bars(chart_id: str, section: Section, kind: Kind) -> tuple[str, Markup]:
    most = sorted(section.lines, key=lambda line: (-(line.figure.value or 0), line.name))[:IN_CHART]
    title = section.title
    if len(section.lines) > IN_CHART:
        if kind.by_name and section.part == "by-item":
            return title, Markup()
        title = f"{section.title}. The {IN_CHART} largest"
    return title, draw_bars(chart_id, f"{title}, {section.scope}", _as_bars(tuple(most)))


def _as_bars(lines: tuple[Line, ...]) -> tuple[Bar, ...]:
    return tuple(Bar(line.name, line.figure.value or 0, str(line.figure)) for line in lines)


def _short(period: Period) -> str:
    day = period.first_day()
    return f"{day:%b %Y}" if period.cadence is Cadence.MONTH else f"{day.day} {day:%b %y}"


def filter_options(tables: PublishedTables, kind: Kind) -> dict[str, list[Option]]:
    """What the filter form offers: closed periods, newest first, and the regions and rows that have figures."""
    periods = [_option(str(period), period.in_words()) for period in reversed(tables.periods(kind.table))]
    options = {"from": periods, "to": periods}
    if kind.has_regions:
        groups = [_option(group, group_name(tables.sites, group)) for group in tables.groups(kind.table)]
        options["region"] = [_option("", "All regions"), *sorted(groups, key=_text)]
    if kind.can_choose_item:
        items = [_option(item, item_name(tables.sites, kind.table, item)) for item in tables.items(kind.table)]
        options["item"] = [_option("", f"Every {kind.item}"), *sorted(items, key=_text)]
    return options


def _option(value: str, text: str) -> Option:
    return {"value": value, "text": text}


def _text(option: Option) -> str:
    return str(option["text"])


def navigation(current: str) -> list[Option]:
    """The pages of the dashboard, for the service navigation."""
    entries = [(kind.path, NAMES[kind.name]) for kind in KINDS.values()]
    entries += [("/dashboard/report", "Monthly report"), ("/dashboard/protection", "How figures are protected")]
    return [{"href": path, "text": text, "current": path == current} for path, text in entries]


NAMES = {
    "overview": "Overview",
    "sites": "Sites",
    "topics": "Topics",
    "channels": "Channels",
    "outcomes": "Outcomes",
    "helped": "Did it help",
    "risk": "Danger",
}
