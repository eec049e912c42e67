"""Writes counts to the database: cells first, then sums, in key order, each batch once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.database.engine import open_engine, truncate_write_ahead_log
from api.database.migrate import migrate
from api.usage.catalogue import Catalogue, CellKey
from api.usage.models import MADE_UP, Cell, Flush, Note, PeriodState
from api.usage.periods import Cadence, Period
from api.usage.tables import TableId

KEY = ["table_id", "period", "area", "item"]


class UsageStore:
    """The exact counts of open periods. Every method raises SQLAlchemyError when the database is away, and then changed nothing."""

    def __init__(self, url: str, catalogue: Catalogue) -> None:
        """Opens the database and brings its schema up to date."""
        self.engine: Engine = open_engine(url)
        migrate(self.engine)
        with Session(self.engine) as session:
            self.made_up = session.get(Note, MADE_UP) is not None
            """Whether it holds made-up figures: nothing real may then be added."""
        self._catalogue = catalogue
        self._seeded: set[tuple[TableId, Period]] = set()
        self._insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert

    def seed(self, periods: Iterable[tuple[TableId, Period]]) -> None:
        """Make every cell of these periods, at zero, where they are not there yet and the period is still open."""
        missing = sorted({*periods} - self._seeded, key=lambda one: (one[0].value, str(one[1])))
        if not missing:
            return
        with Session(self.engine) as session, session.begin():
            for table, period in missing:
                row = self._insert(PeriodState).values(table_id=table.value, period=str(period), closed=False)
                session.execute(row.on_conflict_do_nothing())
                if self._is_open(session, table, period):
                    cells = [
                        {"table_id": table.value, "period": str(period), "group": group, "item": item, "n": 0}
                        for group, item in sorted(self._catalogue.cells[table])
                    ]
                    session.execute(self._insert(Cell).on_conflict_do_nothing(), cells)
        self._seeded.update(missing)

    def add(self, replica: str, seq: int, now: datetime, counts: Mapping[CellKey, int]) -> bool:
        """Add batch number `seq` of a process; False when it had been added before. Counts of closed periods are dropped."""
        guard = self._insert(Flush).values(replica=replica, seq=seq, week=str(Period.containing(now, Cadence.WEEK)))
        guard = guard.on_conflict_do_update(
            index_elements=["replica"],
            set_={"seq": guard.excluded.seq, "week": guard.excluded.week},
            where=Flush.seq < guard.excluded.seq,
        )
        with Session(self.engine) as session, session.begin():
            if session.scalar(guard.returning(Flush.replica)) is None:
                return False
            periods = sorted({(key.table, key.period) for key in counts}, key=lambda one: (one[0].value, str(one[1])))
            still_open = {one for one in periods if self._is_open(session, *one)}
            cells = [
                {"table_id": key.table.value, "period": str(key.period), "group": key.group, "item": key.item, "n": n}
                for key, n in sorted(counts.items(), key=lambda one: one[0].sort_key())
                if (key.table, key.period) in still_open
            ]
            if cells:
                row = self._insert(Cell)
                session.execute(
                    row.on_conflict_do_update(index_elements=KEY, set_={"n": Cell.n + row.excluded.n}), cells
                )
        truncate_write_ahead_log(self.engine)
        return True

    def forget(self, replica: str) -> None:
        """Remove the guard of a process that has added its last batch."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(Flush).where(Flush.replica == replica))
        truncate_write_ahead_log(self.engine)

    def forget_ended(self, now: datetime) -> None:
        """Remove the guards of processes that ended without saying so: they have added nothing since the week before last."""
        before = str(Period.containing(now, Cadence.WEEK).previous())
        with Session(self.engine) as session, session.begin():
            session.execute(delete(Flush).where(Flush.week < before))

    def dispose(self) -> None:
        self.engine.dispose()

    @staticmethod
    def _is_open(session: Session, table: TableId, period: Period) -> bool:
        """Whether a period is still counted in; PostgreSQL keeps it so until the end of the transaction, SQLite has one writer."""
        closed = select(PeriodState.closed).where(
            PeriodState.table_id == table.value, PeriodState.period == str(period)
        )
        return session.scalar(closed.with_for_update(read=True)) is False
