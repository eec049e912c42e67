"""What a page's address asks for. Whatever is not published is refused, with the field it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import QueryParams

from api.dashboard.kinds import TOTALS, Kind
from api.usage.periods import Period
from api.usage.published import (
    By,
    CombinedFiltersError,
    OpenPeriodError,
    PublishedTables,
    Query,
    QueryError,
    UnknownPeriodError,
    parse_query,
)

FIELDS = ("from", "to", "region", "item", "page")
TO_QUERY = {"from": "from", "to": "to", "region": "group", "item": "item"}
LONGEST = 200


@dataclass(frozen=True)
class FieldProblem:
    """Why a field was refused. `field` is "" when it is not about one field of the form."""

    field: str
    message: str


class RefusedError(Exception):
    """The filters cannot be answered."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("refused")
        self.problems = problems


@dataclass(frozen=True)
class Chosen:
    """The question that a page's address asks (each part of the page adds what to give totals for), and the page of rows."""

    query: Query
    page: int = 1


def read_fields(parameters: QueryParams, allowed: tuple[str, ...]) -> dict[str, str]:
    """The fields that were filled in. Raises RefusedError for those that are not known or are there twice."""
    if set(parameters) - set(allowed):
        raise RefusedError(FieldProblem("", "This page does not have that filter. Choose from the filters below"))
    for field in allowed:
        if len(parameters.getlist(field)) > 1:
            raise RefusedError(FieldProblem(field, "Choose one only"))
    return {field: text for field, text in parameters.items() if text}


def choose(tables: PublishedTables, kind: Kind, parameters: QueryParams) -> Chosen | None:
    """What is asked of a page, or None when nothing is asked and there are no figures yet. Raises RefusedError."""
    allowed = tuple(
        field
        for field in FIELDS
        if not (field == "region" and not kind.has_regions)
        and not (field in ("item", "page") and not kind.can_choose_item)
    )
    fields = read_fields(parameters, allowed)
    periods = tables.periods(kind.table)
    if not periods and not fields:
        return None
    page = fields.pop("page", "1")
    if not page.isascii() or not page.isdigit() or len(page) > 4 or int(page) < 1:
        raise RefusedError(FieldProblem("", "There is no such page of rows"))
    try:
        query = parse_query(tables, kind.table, _for_query(kind, fields, periods))
        tables.answer(replace(query, by=By.ITEM))
    except QueryError as error:
        raise RefusedError(FieldProblem(_field_of(error, fields, periods), str(error).rstrip("."))) from None
    return Chosen(query, int(page))


def _for_query(kind: Kind, fields: Mapping[str, str], periods: list[Period]) -> dict[str, str]:
    """The same question in the words of `parse_query`; the newest periods when none is chosen."""
    asked = {TO_QUERY[field]: text[:LONGEST] for field, text in fields.items()}
    if periods and "from" not in asked:
        until = [period for period in periods if str(period) <= asked.get("to", str(periods[-1]))] or periods
        asked["from"] = str(until[-kind.shown :][0])
    return asked


def _field_of(error: QueryError, fields: Mapping[str, str], periods: list[Period]) -> str:
    if isinstance(error, UnknownPeriodError | OpenPeriodError):
        known = {str(period) for period in periods}
        return "to" if fields.get("from", "") in known and fields.get("to", "") not in known else "from"
    if isinstance(error, CombinedFiltersError):
        return "item"
    return "region" if "region" in fields else "item" if "item" in fields else ""


def choose_month(tables: PublishedTables, parameters: QueryParams) -> Period | None:
    """The month asked for, or the newest closed one; None when there is none yet. Raises RefusedError."""
    fields = read_fields(parameters, ("month",))
    months = tables.periods(TOTALS)
    if "month" not in fields:
        return months[-1] if months else None
    try:
        month = Period.parse(fields["month"])
        tables.totals(TOTALS, month, month, By.ALL)
    except QueryError as error:
        raise RefusedError(FieldProblem("month", str(error).rstrip("."))) from None
    except ValueError:
        raise RefusedError(FieldProblem("month", "Choose a month from the list")) from None
    return month
