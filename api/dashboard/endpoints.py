"""The pages of the dashboard. Every request needs a manager, and gets only what the published tables give."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from api.dashboard import downloads, usage_endpoints
from api.dashboard.change import latest_change, least_told
from api.dashboard.filters import RefusedError, choose, choose_month
from api.dashboard.kinds import KINDS, TOTALS, Kind
from api.dashboard.report import report_of
from api.dashboard.source import From, Source
from api.dashboard.views import filter_options, navigation, view_of
from api.pages import page
from api.sign_in import Person, Role, require
from api.sign_in.guard import wants_page
from api.usage.published import By
from api.usage.rules import ROUNDED_TO

router = APIRouter(prefix="/dashboard", include_in_schema=False)
logger = logging.getLogger("handrail.dashboard")
AWAY = "The figures cannot be read at the moment. Nothing is lost. Try again in a few minutes."


Manager = Annotated[Person, Depends(require(Role.MANAGER))]


def add_dashboard(app: FastAPI, source: Source) -> None:
    """Add /dashboard and /usage over the published tables."""
    app.state.published = source
    app.include_router(downloads.router)
    app.include_router(router)
    usage_endpoints.add_usage_api(app)

    @app.exception_handler(SQLAlchemyError)
    async def database_away(request: Request, error: SQLAlchemyError) -> Response:
        logger.error("figures_not_read kind=%s", type(error).__name__)
        if request.url.path.startswith("/usage") or not wants_page(request):
            return JSONResponse({"error": "figures-away", "message": AWAY}, 503)
        return page("dashboard/away.html", 503, heading="The figures cannot be read", words=AWAY)


@router.get("")
def overview(request: Request, person: Manager, source: From) -> Response:
    return figures(source, KINDS["overview"], request, person)


@router.get("/protection")
def protection(person: Manager, source: From) -> Response:
    rules = source.tables.rules
    cells = len(source.tables.items(TOTALS)) or 1
    facts = {
        "noise": rules.margin(1) - ROUNDED_TO // 2,
        "one": rules.margin(1),
        "hundred": rules.margin(100),
        "told_from": least_told(rules, 2 * cells),
    }
    heading = "How these figures are protected"
    return shown(source, person, "protection", "/dashboard/protection", heading=heading, rules=rules, **facts)


@router.get("/report")
def report(request: Request, person: Manager, source: From) -> Response:
    path = "/dashboard/report"
    base: dict[str, Any] = {"heading": "Monthly report", "options": filter_options(source, KINDS["overview"])}
    try:
        month = choose_month(source.tables, request.query_params)
    except RefusedError as refused:
        return shown(source, person, "report", path, 422, problems=refused.problems, asked=request.query_params, **base)
    if month is None:
        return shown(source, person, "empty", path, **base)
    base["heading"] = f"Monthly report: {month.in_words()}"
    return shown(source, person, "report", path, report=report_of(source, month), **base)


@router.get("/{name}")
def one_kind(name: str, request: Request, person: Manager, source: From) -> Response:
    kind = KINDS.get(name)
    if kind is None or name == "overview":
        return shown(source, person, "missing", "", 404, heading="Page not found")
    return figures(source, kind, request, person)


def figures(source: Source, kind: Kind, request: Request, person: Person) -> Response:
    """A page of figures: 200, or 422 with what is wrong with the filters."""
    base: dict[str, Any] = {"kind": kind, "heading": kind.title, "options": filter_options(source, kind)}
    try:
        chosen = choose(source.tables, kind, request.query_params)
    except RefusedError as refused:
        return shown(
            source,
            person,
            "figures",
            kind.path,
            422,
            problems=refused.problems,
            asked=request.query_params,
            **base,
        )
    if chosen is None:
        return shown(source, person, "empty", kind.path, **base)
    view = view_of(source, kind, chosen)
    change = None
    if kind.name == "overview":
        months = source.tables.totals(TOTALS, source.tables.periods(TOTALS)[0], view.query.last, By.PERIOD)
        change = latest_change(source.tables.rules, months)
    return shown(source, person, "figures", kind.path, view=view, change=change, **base)


def shown(source: Source, person: Person, template: str, path: str, status: int = 200, **context: Any) -> Response:
    """A page of the dashboard, with what to say when the figures are made up."""
    around = {"person": person, "navigation": navigation(path), "made_up": source.tables.made_up()}
    return page(f"dashboard/{template}.html", status, **around, **context)
