"""Counts by cell, with disclosure control. The exact weekly counts of before are deleted: they have no noise."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("turn_count"):
        op.drop_table("turn_count")
    op.create_table(
        "usage_period", *_key("table_id", "period"), _column("closed", sa.Boolean()), sqlite_with_rowid=False
    )
    cell = ("table_id", "period", "area", "item")
    op.create_table("usage_cell", *_key(*cell), _column("n", sa.BigInteger()), sqlite_with_rowid=False)
    op.create_table("usage_published", *_key(*cell), _column("noised", sa.BigInteger()), sqlite_with_rowid=False)
    columns = [_column("seq", sa.BigInteger()), _column("week", sa.String(8))]
    op.create_table("usage_flush", *_key("replica"), *columns, sqlite_with_rowid=False)
    op.create_table("usage_note", *_key("name"), _column("text", sa.String(200)), sqlite_with_rowid=False)


LENGTHS = {"table_id": 30, "period": 8, "area": 80, "item": 160, "replica": 32, "name": 30}


def _key(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(LENGTHS[name]), primary_key=True) for name in names]


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
