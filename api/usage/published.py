"""Everything that anyone can see of usage: sums of stored, noised cells of closed periods, clamped, then rounded.

What a page, the API or an export needs:

    tables = PublishedTables(session_factory, sites, rules)
    tables.periods(TableId.SESSIONS_BY_SITE)                    # closed periods, oldest first
    tables.rows(TableId.SESSIONS_BY_SITE, first, last)          # every cell; also group="north-west" or item="some-site"
    tables.totals(TableId.SESSIONS_BY_SITE, first, last, By.PERIOD, group="north-west")   # uptake over time of a region
    tables.totals(TableId.TOPICS_BY_REGION, first, last, By.ITEM)                         # topics, all regions and months
    tables.made_up()                                            # None, or what to say above made-up figures

Each gives `Row(period, group, item, figure, cells)` in order of period, group and item. What was summed over is None.
`group` is a region (or "not-stated", "other-regions"; "national" in national tables), `item` is a site, topic, outcome, channel,
and so on: `sites.group_name`, `sites.row_name` and `labels` give names. `figure` prints as "1,235" or "fewer than 10";
`figure.value` is None for the latter. `rules.margin(row.cells)` says how far noise reaches.

`first` and `last` are periods that `periods` gives. At most one filter, `group` or `item`. In tables where a session can be in
several items, only sums that keep the item exist (`By.keeps_item`). Whatever else is asked for raises a `QueryError`.
`parse_query` makes a Query of an address's parameters and `answer` answers it, so that every door refuses the same things.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from api.database.engine import READ_ONLY
from api.usage.models import MADE_UP, Note, PeriodState, PublishedCell
from api.usage.periods import Period
from api.usage.rules import Figure, Rules
from api.usage.sites import Sites
from api.usage.tables import TableId


class By(StrEnum):
    """What a total is given for; the rest is summed over."""

    CELL = "cell"
    PERIOD = "period"
    GROUP = "group"
    ITEM = "item"
    PERIOD_AND_GROUP = "period-and-group"
    PERIOD_AND_ITEM = "period-and-item"
    GROUP_AND_ITEM = "group-and-item"
    ALL = "all"

    @property
    def keeps_period(self) -> bool:
        return self is By.CELL or "period" in self.value

    @property
    def keeps_group(self) -> bool:
        return self is By.CELL or "group" in self.value

    @property
    def keeps_item(self) -> bool:
        return self is By.CELL or "item" in self.value


class QueryError(ValueError):
    """What was asked for is not published. `code` is for programs, the text for people."""

    code = "not-published"


class UnknownTableError(QueryError):
    code = "unknown-table"


class UnknownPeriodError(QueryError):
    code = "unknown-period"


class OpenPeriodError(QueryError):
    """The period is still counted in."""

    code = "open-period"


class UnknownFilterError(QueryError):
    code = "unknown-filter"


class CombinedFiltersError(QueryError):
    code = "combined-filters"


class NotAddedError(QueryError):
    """A total over items that sessions share."""

    code = "not-added"


@dataclass(frozen=True)
class Query:
    """One question: a table, first and last period, what to give totals for, and at most one filter."""

    table: TableId
    first: Period
    last: Period
    by: By = By.CELL
    group: str | None = None
    item: str | None = None


@dataclass(frozen=True)
class Row:
    """A figure and what it is of. `cells` is how many noised cells it is the sum of."""

    period: Period | None
    group: str | None
    item: str | None
    figure: Figure
    cells: int


@dataclass(frozen=True)
class _Shape:
    """The closed periods of a table, and the groups and items in them."""

    periods: tuple[Period, ...]
    groups: tuple[str, ...]
    items: tuple[str, ...]


class PublishedTables:
    """Reads published tables. It never reads the exact counts of open periods."""

    def __init__(self, sessions: sessionmaker[Session], sites: Sites, rules: Rules | None = None) -> None:
        self._sessions = sessions
        self.sites = sites
        self.rules = rules or Rules()
        self._shapes: dict[TableId, _Shape] = {}

    def periods(self, table: TableId) -> list[Period]:
        """The closed periods of a table, oldest first."""
        return list(self._shape(table).periods)

    def groups(self, table: TableId) -> list[str]:
        """The groups (regions) of a table that there are figures of, in order of their ids."""
        return list(self._shape(table).groups)

    def items(self, table: TableId) -> list[str]:
        """The items of a table that there are figures of, in order of their ids."""
        return list(self._shape(table).items)

    def rows(
        self, table: TableId, first: Period, last: Period, group: str | None = None, item: str | None = None
    ) -> list[Row]:
        """Each cell of a table. Raises QueryError when it is not published."""
        return self.answer(Query(table, first, last, By.CELL, group, item))

    def totals(
        self, table: TableId, first: Period, last: Period, by: By, group: str | None = None, item: str | None = None
    ) -> list[Row]:
        """Sums of noised cells. Raises QueryError when such a sum is not published."""
        return self.answer(Query(table, first, last, by, group, item))

    def answer(self, query: Query) -> list[Row]:
        """The rows of a query. Raises QueryError when it is not published."""
        with self._reading() as session:
            self._check(query, self._shape_in(session, query.table))
            return self._rows(session, query)

    def _rows(self, session: Session, query: Query) -> list[Row]:
        kept = [
            column if is_kept else literal("")
            for column, is_kept in (
                (PublishedCell.period, query.by.keeps_period),
                (PublishedCell.group, query.by.keeps_group),
                (PublishedCell.item, query.by.keeps_item),
            )
        ]
        sums = select(*kept, func.sum(PublishedCell.noised), func.count()).where(
            PublishedCell.table_id == query.table.value,
            PublishedCell.period >= str(query.first),
            PublishedCell.period <= str(query.last),
        )
        if query.group is not None:
            sums = sums.where(PublishedCell.group == query.group)
        if query.item is not None:
            sums = sums.where(PublishedCell.item == query.item)
        columns = [column for column in kept if isinstance(column, InstrumentedAttribute)]
        found = sorted(map(tuple, session.execute(sums.group_by(*columns) if columns else sums)))
        return [
            Row(
                _period(period) if period else None,
                group or None,
                item or None,
                self.rules.figure(int(noised)),
                cells,
            )
            for period, group, item, noised, cells in found
        ]

    def accepted_queries(self, table: TableId) -> Iterator[Query]:
        """Every query that `answer` accepts for a table, each once."""
        periods = self.periods(table)
        filters: list[tuple[str | None, str | None]] = [(None, None)]
        filters += [(group, None) for group in self.groups(table)] + [(None, item) for item in self.items(table)]
        for start, first in enumerate(periods):
            for last in periods[start:]:
                for by in By:
                    if table.adds_up or by.keeps_item:
                        yield from (Query(table, first, last, by, group, item) for group, item in filters)

    def made_up(self) -> str | None:
        """What to say above the figures when they are made up, else None."""
        with self._reading() as session:
            return session.scalar(select(Note.text).where(Note.name == MADE_UP))

    def _check(self, query: Query, shape: _Shape) -> None:
        periods = shape.periods
        for period in (query.first, query.last):
            if period.cadence is not query.table.cadence:
                raise UnknownPeriodError(f"This table is by {query.table.cadence.value}.")
            if period not in periods:
                if not periods or period > periods[-1]:
                    raise OpenPeriodError(f"{period} has no figures yet. They are made when it is over.")
                raise UnknownPeriodError(f"There are no figures of {period}.")
        if query.first > query.last:
            raise UnknownPeriodError("The first period is after the last.")
        if query.group is not None and query.item is not None:
            raise CombinedFiltersError("Choose one filter only. Filters together could point at a few people.")
        if query.group is not None and query.group not in shape.groups:
            raise UnknownFilterError("There is no such region in this table.")
        if query.item is not None and query.item not in shape.items:
            raise UnknownFilterError("There is no such item in this table.")
        if not query.by.keeps_item and not query.table.adds_up:
            raise NotAddedError("One session can be in several of these, so they are not added up.")

    def _shape(self, table: TableId) -> _Shape:
        with self._reading() as session:
            return self._shape_in(session, table)

    def _shape_in(self, session: Session, table: TableId) -> _Shape:
        """What there is in a table. It changes only when a period closes or is deleted, so it is looked up again only then."""
        closed = select(PeriodState.period).where(PeriodState.table_id == table.value, PeriodState.closed)
        periods = tuple(sorted(map(_period, session.scalars(closed))))
        known = self._shapes.get(table)
        if known is None or known.periods != periods:
            pairs = select(PublishedCell.group, PublishedCell.item).where(PublishedCell.table_id == table.value)
            found = [tuple(pair) for pair in session.execute(pairs.distinct())]
            groups, items = sorted({group for group, _ in found}), sorted({item for _, item in found})
            known = self._shapes[table] = _Shape(periods, tuple(groups), tuple(items))
        return known

    def _reading(self) -> Session:
        session = self._sessions()
        session.connection(execution_options={READ_ONLY: True})
        return session


@functools.lru_cache(maxsize=1024)
def _period(text: str) -> Period:
    return Period.parse(text)


PARAMETERS = {"from": "first", "to": "last", "by": "by", "group": "group", "item": "item"}


def parse_table(text: str) -> TableId:
    """Raises UnknownTableError when there is no such table."""
    try:
        return TableId(text)
    except ValueError:
        raise UnknownTableError("There is no such table.") from None


def parse_query(tables: PublishedTables, table: TableId, parameters: Mapping[str, str]) -> Query:
    """A query from an address's parameters `from`, `to`, `by`, `group`, `item`; without periods it is the newest one.

    Raises QueryError for any other parameter and for values that are not known.
    """
    if unknown := set(parameters) - set(PARAMETERS):
        raise UnknownFilterError(f"There is no such filter. Use {', '.join(PARAMETERS)}; {len(unknown)} are not known.")
    periods = tables.periods(table)
    if not periods:
        raise OpenPeriodError("There are no figures yet. They are made when a period is over.")
    try:
        last = Period.parse(parameters["to"]) if "to" in parameters else periods[-1]
        first = Period.parse(parameters["from"]) if "from" in parameters else last
    except ValueError as error:
        raise UnknownPeriodError(f"The period is not known: {error}.") from None
    try:
        by = By(parameters.get("by", By.CELL))
    except ValueError:
        raise UnknownFilterError(f"'by' is one of {', '.join(By)}.") from None
    return Query(table, first, last, by, parameters.get("group"), parameters.get("item"))
