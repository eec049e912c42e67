"""The pages of the dashboard. Every request needs a manager, and gets only what the published tables give."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from api.dashboard import downloads, usage_endpoints
from api.dashboard.change import latest_change, least_told
from api.dashboard.filters import RefusedError, choose, choose_month
from api.dashboard.kinds import KINDS, TOTALS, Kind
from api.dashboard.report import report_of
from api.dashboard.source import Tables
from api.dashboard.views import filter_options, navigation, view_of
from api.pages import page
from api.sign_in import Person, Role, require
from api.usage.published import By, PublishedTables

router = APIRouter(prefix="/dashboard", include_in_schema=False)


Manager = Annotated[Person, Depends(require(Role.MANAGER))]


def add_dashboard(app: FastAPI, tables: PublishedTables) -> None:
    """Add /dashboard and /usage over the published tables."""
    app.state.published = tables
    app.include_router(downloads.router)
    app.include_router(router)
    usage_endpoints.add_usage_api(app)


@router.get("")
def overview(request: Request, person: Manager, tables: Tables) -> Response:
    return figures(tables, KINDS["overview"], request, person)


@router.get("/protection")
def protection(person: Manager, tables: Tables) -> Response:
    rules = tables.rules
    cells = len(tables.items(TOTALS)) or 1
    facts = {"one": rules.margin(1), "hundred": rules.margin(100), "told_from": least_told(rules, 2 * cells)}
    heading = "How these figures are protected"
    return shown(tables, person, "protection", "/dashboard/protection", heading=heading, rules=rules, **facts)


@router.get("/report")
def report(request: Request, person: Manager, tables: Tables) -> Response:
    path = "/dashboard/report"
    base: dict[str, Any] = {"heading": "Monthly report", "options": filter_options(tables, KINDS["overview"])}
    try:
        month = choose_month(tables, request.query_params)
    except RefusedError as refused:
        return shown(tables, person, "report", path, 422, problems=refused.problems, asked=request.query_params, **base)
    if month is None:
        return shown(tables, person, "empty", path, **base)
    base["heading"] = f"Monthly report: {month.in_words()}"
    return shown(tables, person, "report", path, report=report_of(tables, month), **base)


@router.get("/{name}")
def one_kind(name: str, request: Request, person: Manager, tables: Tables) -> Response:
    kind = KINDS.get(name)
    if kind is None or name == "overview":
        return shown(tables, person, "missing", "", 404, heading="Page not found")
    return figures(tables, kind, request, person)


def figures(tables: PublishedTables, kind: Kind, request: Request, person: Person) -> Response:
    """A page of figures: 200, or 422 with what is wrong with the filters."""
    base: dict[str, Any] = {"kind": kind, "heading": kind.title, "options": filter_options(tables, kind)}
    try:
        chosen = choose(tables, kind, request.query_params)
    except RefusedError as refused:
        return shown(
            tables, person, "figures", kind.path, 422, problems=refused.problems, asked=request.query_params, **base
        )
    if chosen is None:
        return shown(tables, person, "empty", kind.path, **base)
    view = view_of(tables, kind, chosen)
    change = None
    if kind.name == "overview":
        months = tables.totals(TOTALS, tables.periods(TOTALS)[0], view.query.last, By.PERIOD)
        change = latest_change(tables.rules, months)
    return shown(tables, person, "figures", kind.path, view=view, change=change, **base)


def shown(
    tables: PublishedTables, person: Person, template: str, path: str, status: int = 200, **context: Any
) -> Response:
    """A page of the dashboard, with what to say when the figures are made up."""
    around = {"person": person, "navigation": navigation(path), "made_up": tables.made_up()}
    return page(f"dashboard/{template}.html", status, **around, **context)
