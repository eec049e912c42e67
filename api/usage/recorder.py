"""Counts turns in memory and adds them to the database at fixed intervals. Counting never breaks or slows a turn.

A session counts at most once in a cell: what it has counted in is remembered with the conversation, in memory, and ends with it.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alembic.util.exc import CommandError
from sqlalchemy.exc import SQLAlchemyError

from api.usage.catalogue import Catalogue, CellKey
from api.usage.closing import close_ended
from api.usage.periods import Period
from api.usage.reading import cells_of, offered_in
from api.usage.rules import Rules
from api.usage.store import UsageStore
from api.usage.tables import TableId
from bot.conversation import Outcome
from bot.sessions import Session

logger = logging.getLogger("handrail.usage")
MOST_CELLS = 100_000
KEPT_FOR = timedelta(days=7)
"""How long counts wait in memory for a database that is away. The guard of a batch is kept for longer than that."""


@dataclass(frozen=True)
class Batch:
    """What is added in one transaction. It keeps its number until it is known to have been added."""

    seq: int
    made: datetime
    counts: Counter[CellKey]


class UsageRecorder:
    """Counts in memory; a thread adds to the database every `interval` seconds from `start` to `close`, and closes periods."""

    def __init__(
        self,
        url: str,
        catalogue: Catalogue,
        rules: Rules | None = None,
        interval: float = 60,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = url
        self._catalogue = catalogue
        self._rules = rules or Rules()
        self._interval = interval
        self._now = now
        self._replica = secrets.token_hex(16)
        self._store: UsageStore | None = None
        self._counts: Counter[CellKey] = Counter()
        self._batch: Batch | None = None
        self._seq = 0
        self._counting = threading.Lock()
        self._flushing = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="handrail-usage", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def record(self, session: Session, outcome: Outcome, channel: str, choice: str | None = None) -> None:
        """Count one turn. `choice` is the payload that was chosen, None when something was typed. Raises nothing."""
        try:
            now = self._now()
            with self._counting:
                for table, group, item in cells_of(self._catalogue, session, outcome, channel, choice):
                    self._count(session, table, group, item, now)
                session.between = offered_in(outcome)
        except Exception as error:  # the person's answer matters more than the count
            logger.error("usage_not_counted kind=%s", type(error).__name__)

    def flush(self) -> bool:
        """Add what was counted to the database; when it is away, keep it for the next time. Says whether all was added."""
        with self._flushing:
            try:
                self._flush()
            except (SQLAlchemyError, OSError, CommandError) as error:
                logger.error("usage_not_written kind=%s", type(error).__name__)
                return False
        return True

    def close(self) -> None:
        """Stop the thread and add what is left. To be called once; later calls do nothing."""
        if self._stop.is_set():
            return
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        if self.flush() and self._store is not None:
            try:
                self._store.forget(self._replica)
                self._store.dispose()
            except SQLAlchemyError as error:
                logger.error("usage_not_closed kind=%s", type(error).__name__)

    def _count(self, session: Session, table: TableId, group: str, item: str, now: datetime) -> None:
        once = f"{table.value}:{item}"
        if once in session.counted or not self._catalogue.holds(table, group, item):
            return
        key = CellKey(table, Period.containing(now, table.cadence), group, item)
        if key in self._counts or len(self._counts) < MOST_CELLS:
            session.counted.add(once)
            self._counts[key] += 1

    def _flush(self) -> None:
        now = self._now()
        self._store = self._store or UsageStore(self._url, self._catalogue)
        if self._store.made_up:
            with self._counting:
                self._counts.clear()
            return
        if self._batch is not None:
            self._add(self._store, now)
        self._add(self._store, now)

    def _add(self, store: UsageStore, now: datetime) -> None:
        batch = self._taken(now)
        periods = {(key.table, key.period) for key in batch.counts}
        store.seed(periods | {(table, Period.containing(now, table.cadence)) for table in TableId})
        store.add(self._replica, batch.seq, now, batch.counts)
        self._batch = None

    def _taken(self, now: datetime) -> Batch:
        """The batch that is still to be added, else a new one of what was counted since. Both leave out what is too old."""
        if self._batch is not None and self._batch.made < now - KEPT_FOR:
            self._batch = None
        if self._batch is None:
            with self._counting:
                counted, self._counts = self._counts, Counter()
            recent = {key: n for key, n in counted.items() if not key.period.has_ended(now - KEPT_FOR)}
            self._seq += 1
            self._batch = Batch(self._seq, now, Counter(recent))
        return self._batch

    def _run(self) -> None:
        while True:
            if self.flush():
                self._close_periods()
            if self._stop.wait(self._interval):
                return

    def _close_periods(self) -> None:
        assert self._store is not None
        if self._store.made_up:
            return
        try:
            close_ended(self._store.engine, self._now(), self._rules)
            self._store.forget_ended(self._now())
        except (SQLAlchemyError, OSError) as error:
            logger.error("usage_not_closed kind=%s", type(error).__name__)
