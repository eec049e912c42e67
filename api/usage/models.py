"""The tables of usage. No row stands for a session, a turn or a moment: only cells that were there before anything was counted."""

from __future__ import annotations

from typing import cast

from sqlalchemy import BigInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from api.database.engine import Base

MADE_UP = "made-up"
IN_KEY_ORDER = {"sqlite_with_rowid": False}


class PeriodState(Base):
    """Whether a period of a table is still counted in. It is locked while it is counted in or closed."""

    __tablename__ = "usage_period"
    __table_args__ = IN_KEY_ORDER
    table_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    closed: Mapped[bool] = mapped_column()


class Cell(Base):
    """The exact count of a cell of an open period. Deleted when the period closes; nothing shows it."""

    __tablename__ = "usage_cell"
    __table_args__ = IN_KEY_ORDER
    table_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    group: Mapped[str] = mapped_column("area", String(80), primary_key=True)
    item: Mapped[str] = mapped_column(String(160), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)


class PublishedCell(Base):
    """A cell of a closed period with its noise. It can be negative; everything shown is a sum of these."""

    __tablename__ = "usage_published"
    __table_args__ = IN_KEY_ORDER
    table_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    group: Mapped[str] = mapped_column("area", String(80), primary_key=True)
    item: Mapped[str] = mapped_column(String(160), primary_key=True)
    noised: Mapped[int] = mapped_column(BigInteger)


class Flush(Base):
    """The last batch of counts that a running process has added, so that no batch is added twice."""

    __tablename__ = "usage_flush"
    __table_args__ = IN_KEY_ORDER
    replica: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    week: Mapped[str] = mapped_column(String(8))


CELLS = cast(Table, Cell.__table__)
PUBLISHED = cast(Table, PublishedCell.__table__)
"""For writing thousands of rows at once; columns go by their names in the database."""


class Note(Base):
    """What is said of the whole database, such as that its figures are made up."""

    __tablename__ = "usage_note"
    __table_args__ = IN_KEY_ORDER
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
