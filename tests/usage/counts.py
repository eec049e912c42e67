"""Reads exact counts, as only a test may."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.database.engine import open_engine
from api.usage.models import Cell
from api.usage.tables import TableId


def exact(address: str | Engine, table: TableId | None = None) -> dict[tuple[str, str, str, str], int]:
    """The counts above zero, by (table, period, group, item)."""
    engine = open_engine(address) if isinstance(address, str) else address
    cells = select(Cell).where(Cell.n > 0)
    if table is not None:
        cells = cells.where(Cell.table_id == table.value)
    with Session(engine) as session:
        return {(cell.table_id, cell.period, cell.group, cell.item): cell.n for cell in session.scalars(cells)}
