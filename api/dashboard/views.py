"""What a page shows: its sections with their charts, the filter form, and links that keep the filters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from api.dashboard.charts import Bar, draw_bars, draw_columns, spaced_ticks
from api.dashboard.filters import Chosen
from api.dashboard.kinds import KINDS, Kind, Part
from api.dashboard.sections import IN_CHART, Line, Section, sections_of
from api.dashboard.source import Source
from api.usage.periods import Cadence, Period
from api.usage.published import Query

ROWS_ON_A_PAGE = 25
Option = dict[str, object]


@dataclass(frozen=True)
class Drawing:
    """A section with its chart, if it has one, and the lines on this page of rows."""

    section: Section
    chart: Markup
    caption: str
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


def view_of(source: Source, kind: Kind, chosen: Chosen) -> View:
    """Raises QueryError when the question is not published."""
    sections = sections_of(source, kind, chosen.query)
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
        chart, caption = _columns(chart_id, section), ""
    else:
        chart, caption = _bars(chart_id, section, kind)
    links = not section.over_time
    return Drawing(section, chart, caption, lines, pages, page, links)


def _columns(chart_id: str, section: Section) -> Markup:
    if len(section.lines) < 2:
        return Markup()
    short = [_short(Period.parse(line.id)) for line in section.lines]
    return draw_columns(chart_id, f"{section.title}, {section.scope}", _as_bars(section.lines), spaced_ticks(short))


def _bars(chart_id: str, section: Section, kind: Kind) -> tuple[Markup, str]:
    """The chart of the largest figures, and what to say below it. A list of all sites by name has no chart."""
    if len(section.lines) > IN_CHART and kind.by_name and section.part is Part.ITEM:
        return Markup(), ""
    most = sorted(section.lines, key=lambda line: (-(line.figure.value or 0), line.name))[:IN_CHART]
    caption = f"The {IN_CHART} largest." if len(section.lines) > IN_CHART else ""
    title = f"{section.title}, {section.scope}. {caption}".strip()
    return draw_bars(chart_id, title, _as_bars(tuple(most))), caption


def _as_bars(lines: tuple[Line, ...]) -> tuple[Bar, ...]:
    return tuple(Bar(line.name, line.figure.value or 0, str(line.figure)) for line in lines)


def _short(period: Period) -> str:
    day = period.first_day()
    return f"{day:%b %Y}" if period.cadence is Cadence.MONTH else f"{day.day} {day:%b %y}"


def filter_options(source: Source, kind: Kind) -> dict[str, list[Option]]:
    """What the filter form offers: closed periods, newest first, and the regions and rows that have figures."""
    periods = [_option(str(period), period.in_words()) for period in reversed(source.tables.periods(kind.table))]
    options = {"from": periods, "to": periods}
    if kind.has_regions:
        groups = [_option(group, source.labels.group(group)) for group in source.tables.groups(kind.table)]
        options["region"] = [_option("", "All regions"), *sorted(groups, key=_text)]
    if kind.can_choose_item:
        items = [_option(item, source.labels.item(kind.table, item)) for item in source.tables.items(kind.table)]
        options["item"] = [_option("", "All"), *sorted(items, key=_text)]
    return options


def _option(value: str, text: str) -> Option:
    return {"value": value, "text": text}


def _text(option: Option) -> str:
    return str(option["text"])


def navigation(current: str) -> list[Option]:
    """The pages of the dashboard, for the service navigation."""
    entries = [(kind.path, NAMES[kind.name]) for kind in KINDS.values()]
    entries += [("/dashboard/report", "Report"), ("/dashboard/protection", "Protection")]
    return [{"href": path, "text": text, "current": path == current} for path, text in entries]


NAMES = {
    "overview": "Overview",
    "sites": "Sites",
    "topics": "Topics",
    "channels": "Channels",
    "outcomes": "Outcomes",
    "helped": "Helped",
    "risk": "Safety",
}
