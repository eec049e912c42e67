"""Makes what managers ask for first before they ask: the first chart takes seconds, a new template a tenth; both are kept."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import QueryParams

from api.dashboard.charts import Bar, draw_bars
from api.dashboard.filters import choose
from api.dashboard.kinds import KINDS, TOTALS
from api.dashboard.report import report_of
from api.dashboard.source import Source
from api.dashboard.views import filter_options, view_of
from api.pages import page

logger = logging.getLogger("handrail.dashboard")


def draw_ahead(source: Source) -> None:
    """Make each page as it is without filters, and each report, newest first. Raises nothing when the database is away."""
    draw_bars("ahead", "", (Bar("", 1, ""),))
    nothing = QueryParams()
    try:
        for kind in KINDS.values():
            chosen = choose(source.tables, kind, nothing)
            if chosen is not None:
                view, options = view_of(source, kind, chosen), filter_options(source, kind)
                page("dashboard/figures.html", kind=kind, heading=kind.title, view=view, options=options)
        for month in reversed(source.tables.periods(TOTALS)):
            page("dashboard/report.html", heading="", options={}, report=report_of(source, month))
    except SQLAlchemyError as error:
        logger.error("charts_not_drawn_ahead kind=%s", type(error).__name__)
