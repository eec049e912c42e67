"""Downloads of what the pages show: each table as CSV, and pages and reports as spreadsheets."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from api.dashboard import exports
from api.dashboard.filters import RefusedError, choose, choose_month
from api.dashboard.kinds import KINDS
from api.dashboard.report import report_of
from api.dashboard.sections import Section, sections_of
from api.dashboard.source import From, Source
from api.sign_in import Role, require

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter(prefix="/dashboard", include_in_schema=False, dependencies=[Depends(require(Role.MANAGER))])


@router.get("/report.xlsx")
def report_spreadsheet(request: Request, source: From) -> Response:
    try:
        month = choose_month(source.tables, request.query_params)
    except RefusedError as refused:
        return _refused(refused)
    if month is None:
        return _missing()
    sections = report_of(source, month).sections
    return _spreadsheet(source, f"Use of Handrail, {month.in_words()}", sections, f"handrail-{month}")


@router.get("/{name}.xlsx")
def spreadsheet(name: str, request: Request, source: From) -> Response:
    try:
        sections = _sections(source, name, request)
    except RefusedError as refused:
        return _refused(refused)
    if not sections:
        return _missing()
    return _spreadsheet(source, f"Handrail: {KINDS[name].title}", sections, f"handrail-{name}")


@router.get("/{name}/{part}.csv")
def table_as_csv(name: str, part: str, request: Request, source: From) -> Response:
    try:
        found = [section for section in _sections(source, name, request) if section.part == part]
    except RefusedError as refused:
        return _refused(refused)
    if not found:
        return _missing()
    made_up = source.tables.made_up()
    return _download(
        exports.as_csv(found[0], made_up), "text/csv; charset=utf-8", f"handrail-{name}-{part}.csv", made_up
    )


def _sections(source: Source, name: str, request: Request) -> tuple[Section, ...]:
    kind = KINDS.get(name)
    chosen = choose(source.tables, kind, request.query_params) if kind else None
    return tuple(sections_of(source, kind, chosen.query)) if kind and chosen else ()


def _refused(refused: RefusedError) -> Response:
    return Response("".join(f"{problem.message}.\n" for problem in refused.problems), 422, media_type="text/plain")


def _missing() -> Response:
    return Response("There is no such table.\n", 404, media_type="text/plain")


def _spreadsheet(source: Source, title: str, sections: tuple[Section, ...], name: str) -> Response:
    made_up = source.tables.made_up()
    return _download(exports.as_spreadsheet(title, sections, made_up), SPREADSHEET, f"{name}.xlsx", made_up)


def _download(body: str | bytes, media_type: str, name: str, made_up: str | None) -> Response:
    name = f"made-up-{name}" if made_up else name
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
