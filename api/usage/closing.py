"""Closes periods that are over: noise on every cell, once, and the exact counts deleted in the same transaction."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.database.engine import truncate_write_ahead_log
from api.usage.models import PUBLISHED, Cell, PeriodState, PublishedCell
from api.usage.noise import discrete_laplace
from api.usage.periods import Cadence, Period
from api.usage.rules import Rules
from api.usage.tables import TableId

logger = logging.getLogger("handrail.usage")
GRACE = timedelta(minutes=15)
"""How long after its end a period stays open, so that every process can add what it still holds."""


def close_ended(engine: Engine, now: datetime, rules: Rules) -> list[tuple[TableId, Period]]:
    """Close every period that is over, delete figures kept long enough; gives what this call closed.

    Any number of processes may call it at once: each period is closed once. Raises SQLAlchemyError when the database is away.
    """
    closed = [one for one in _ended(engine, now) if close_period(engine, *one, rules)]
    delete_old(engine, now, rules)
    if closed:
        erase_residue(engine)
    return closed


def close_period(
    engine: Engine, table: TableId, period: Period, rules: Rules, noise: Callable[[], int] | None = None
) -> bool:
    """Close one period in one transaction; False when it is closed already or was never counted in."""
    noise = noise or functools.partial(discrete_laplace, rules.epsilon)
    with Session(engine) as session, session.begin():
        closed = select(PeriodState.closed).where(
            PeriodState.table_id == table.value, PeriodState.period == str(period)
        )
        if session.scalar(closed.with_for_update()) is not False:
            return False
        _publish(session, table, period, noise)
        _delete_exact(session, table, period)
        session.execute(
            update(PeriodState)
            .where(PeriodState.table_id == table.value, PeriodState.period == str(period))
            .values(closed=True)
        )
    return True


def delete_old(engine: Engine, now: datetime, rules: Rules) -> None:
    """Delete the published figures of periods that ended longer ago than the retention."""
    today = now.date()
    months = today.year * 12 + today.month - 1 - rules.retention_months
    oldest = date(months // 12, months % 12 + 1, 1)
    with Session(engine) as session, session.begin():
        for cadence in Cadence:
            tables = [table.value for table in TableId if table.cadence is cadence]
            before = str(Period.of_day(oldest, cadence))
            for model in (PublishedCell, PeriodState):
                old = delete(model).where(model.table_id.in_(tables), model.period < before)
                session.execute(old if model is PublishedCell else old.where(PeriodState.closed))


def erase_residue(engine: Engine) -> None:
    """Make the database rewrite where exact counts were, in key order. What remains in PostgreSQL's log and backups: see docs/usage.md."""
    truncate_write_ahead_log(engine)
    if engine.dialect.name != "postgresql":
        return
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CLUSTER usage_cell USING usage_cell_pkey"))
    except SQLAlchemyError as error:
        logger.warning("usage_cells_not_rewritten kind=%s", type(error).__name__)


def _ended(engine: Engine, now: datetime) -> list[tuple[TableId, Period]]:
    states = select(PeriodState.table_id, PeriodState.period).where(~PeriodState.closed)
    with Session(engine) as session:
        found = [(TableId(table), Period.parse(period)) for table, period in session.execute(states)]
    return sorted(one for one in found if one[1].has_ended(now - GRACE))


def _publish(session: Session, table: TableId, period: Period, noise: Callable[[], int]) -> None:
    exact = select(Cell.group, Cell.item, Cell.n).where(Cell.table_id == table.value, Cell.period == str(period))
    noised = [
        {"table_id": table.value, "period": str(period), "area": group, "item": item, "noised": n + noise()}
        for group, item, n in session.execute(exact.order_by(Cell.group, Cell.item))
    ]
    if noised:
        session.execute(insert(PUBLISHED), noised)


def _delete_exact(session: Session, table: TableId, period: Period) -> None:
    session.execute(delete(Cell).where(Cell.table_id == table.value, Cell.period == str(period)))
