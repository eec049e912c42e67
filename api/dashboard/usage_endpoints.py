"""The same tables as JSON, for programs: /usage/tables. The same sums, rounding and refusals as the pages."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.dashboard.source import From, Source
from api.schemas import Problem
from api.sign_in import Role, require
from api.usage.published import (
    By,
    QueryError,
    Row,
    UnknownFilterError,
    UnknownTableError,
    parse_query,
    parse_table,
)
from api.usage.published import Query as Question
from api.usage.tables import TableId

PARAMETERS = ("from", "to", "by", "region", "item")
PAGE_SIZE, MOST_PAGE_SIZE = 100, 1000
router = APIRouter(prefix="/usage", tags=["usage"], dependencies=[Depends(require(Role.MANAGER, api=True))])
ERRORS: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not changed since the ETag that was sent."},
    401: {"model": Problem, "description": "Nobody is signed in."},
    403: {"model": Problem, "description": "The person signed in is not a manager."},
    404: {"model": Problem, "description": "There is no such table."},
    422: {
        "model": Problem,
        "description": "The question is not answered: an open period, or an unknown or second filter.",
    },
}


class Named(BaseModel):
    """An id to filter by, and its name."""

    id: str
    name: str


class TableEntry(BaseModel):
    """A published table."""

    id: TableId
    address: str
    cadence: str = Field(description="week or month")
    adds_up: bool = Field(description="Whether a session is in one cell only. If not, every total keeps the item.")
    first: str | None = Field(description="Oldest closed period, such as 2026-W40 or 2026-10")
    last: str | None = Field(description="Newest closed period")
    regions: list[Named]


class TableList(BaseModel):
    made_up: str | None = Field(description="What to say when the figures are made up, else null")
    tables: list[TableEntry]


class TableRow(BaseModel):
    """A figure. What was added over is null. `value` is null when the figure is fewer than `fewer_than`."""

    period: str | None
    region: Named | None
    item: Named | None
    value: int | None
    shown: str
    margin: int = Field(description="The true figure is within this many of the one shown, 95 times in 100")


class TableAnswer(BaseModel):
    """One page of a table's rows."""

    table: TableId
    made_up: str | None
    from_: str = Field(serialization_alias="from")
    to: str
    by: By
    region: str | None
    item: str | None
    fewer_than: int
    page: int
    pages: int
    page_size: int
    rows_in_all: int
    next: str | None = Field(description="Address of the next page")
    rows: list[TableRow]


class UsageProblem(Exception):
    """An error of the usage API: a status, a code and words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def add_usage_api(app: FastAPI) -> None:
    """Add /usage/tables and /usage/tables/{table} over `app.state.published`."""
    app.include_router(router)

    @app.exception_handler(UsageProblem)
    async def usage_problem(request: Request, error: UsageProblem) -> JSONResponse:
        return JSONResponse({"error": error.code, "message": error.message}, error.status)


@router.get("/tables", response_model=TableList, responses={code: ERRORS[code] for code in (304, 401, 403, 422)})
def list_tables(request: Request, source: From) -> Response:
    """The published tables, their closed periods, and their regions. `by=item` of a table gives its items."""
    if request.query_params:
        raise UsageProblem(422, UnknownFilterError.code, "The list of tables has no filters.")
    return _with_etag(
        request, TableList(made_up=source.tables.made_up(), tables=[_entry(source, one) for one in TableId])
    )


@router.get("/tables/{table}", response_model=TableAnswer, responses=ERRORS)
def read_table(
    table: str,
    request: Request,
    source: From,
    from_: str | None = Query(None, alias="from", description="First period. The newest one when not given."),
    to: str | None = Query(None, description="Last period"),
    by: str | None = Query(None, description=f"What to give totals for: {', '.join(By)}"),
    region: str | None = Query(None, description="One region. Not together with item."),
    item: str | None = Query(None, description="One site, topic, outcome and so on. Not together with region."),
    page: str | None = Query(None, description="Page of rows, from 1"),
    page_size: str | None = Query(None, description=f"Rows on a page, up to {MOST_PAGE_SIZE}"),
) -> Response:
    """Figures of a table: sums of noised cells of closed periods, rounded to 5, or "fewer than 10"."""
    try:
        question = _question(source, table, request)
        number, size = _whole(page, "page", 1, 9999), _whole(page_size, "page_size", PAGE_SIZE, MOST_PAGE_SIZE)
        rows = source.tables.answer(question)
    except UnknownTableError as error:
        raise UsageProblem(404, error.code, str(error)) from None
    except QueryError as error:
        raise UsageProblem(422, error.code, str(error)) from None
    pages = max(1, math.ceil(len(rows) / size))
    if number > pages:
        raise UsageProblem(422, "unknown-page", f"There are {pages} pages.")
    following = str(request.url.include_query_params(page=number + 1).replace(scheme="", netloc=""))
    answer = TableAnswer(
        table=question.table,
        made_up=source.tables.made_up(),
        from_=str(question.first),
        to=str(question.last),
        by=question.by,
        region=question.group,
        item=question.item,
        fewer_than=source.tables.rules.smallest_shown,
        page=number,
        pages=pages,
        page_size=size,
        rows_in_all=len(rows),
        next=following if number < pages else None,
        rows=[_row(source, question.table, row) for row in rows[(number - 1) * size : number * size]],
    )
    return _with_etag(request, answer)


def _question(source: Source, table: str, request: Request) -> Question:
    """The question of an address. Raises QueryError and UsageProblem."""
    known = parse_table(table)
    sent = request.query_params
    if unknown := set(sent) - {*PARAMETERS, "page", "page_size"}:
        words = f"There is no such filter ({len(unknown)} not known). Use {', '.join(PARAMETERS)}, page and page_size."
        raise UsageProblem(422, UnknownFilterError.code, words)
    if any(len(sent.getlist(name)) > 1 for name in sent):
        raise UsageProblem(422, "combined-filters", "Give each filter once.")
    fields = {"group" if name == "region" else name: text for name, text in sent.items() if name in PARAMETERS}
    return parse_query(source.tables, known, fields)


def _whole(text: str | None, name: str, default: int, most: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
        raise UsageProblem(422, f"unknown-{name.replace('_', '-')}", f"'{name}' is a whole number from 1 to {most}.")
    return int(text)


def _entry(source: Source, table: TableId) -> TableEntry:
    periods = source.tables.periods(table)
    return TableEntry(
        id=table,
        address=f"/usage/tables/{table}",
        cadence=table.cadence,
        adds_up=table.adds_up,
        first=str(periods[0]) if periods else None,
        last=str(periods[-1]) if periods else None,
        regions=[Named(id=one, name=source.labels.group(one)) for one in source.tables.groups(table)],
    )


def _row(source: Source, table: TableId, row: Row) -> TableRow:
    return TableRow(
        period=str(row.period) if row.period else None,
        region=Named(id=row.group, name=source.labels.group(row.group)) if row.group else None,
        item=Named(id=row.item, name=source.labels.item(table, row.item)) if row.item else None,
        value=row.figure.value,
        shown=str(row.figure),
        margin=source.tables.rules.margin(row.cells),
    )


def _with_etag(request: Request, answer: BaseModel) -> Response:
    """The answer, or 304 when the caller has it. Kept by nobody but the caller, and asked for again each time."""
    body = answer.model_dump_json(by_alias=True).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    sent = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if etag in sent or "*" in sent:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
