"""Anonymous counts for operators: how many turns a week, by outcome and channel. No topic, no site, no session, no text.

Counts by topic and site come with disclosure control; until then they are not kept at all. Counted in memory and added to the
database at intervals, so that the database never shows the order or the time of a turn. If the database is away, counting waits.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, Integer, String, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

logger = logging.getLogger("handrail.usage")
OUTCOMES = ("answered", "clarified", "not-understood", "menu", "out-of-scope", "risk", "failed")
CHANNELS = ("web", "rest", "telegram")


class Base(DeclarativeBase):
    pass


class TurnCount(Base):
    """How many turns of a week had an outcome on a channel."""

    __tablename__ = "turn_count"
    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    turns: Mapped[int] = mapped_column(Integer, nullable=False)


def open_database(url: str) -> Engine:
    """The engine with its table. SQLite overwrites deleted bytes. Raises SQLAlchemyError when it cannot be reached."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=ON"))
    Base.metadata.create_all(engine)
    return engine


def outcome_of(answers: list[str], risk: bool) -> str:
    """The outcome of a turn, from the ids of its answer."""
    if risk:
        return "risk"
    for answer, outcome in (
        ("clarify", "clarified"),
        ("fallback", "not-understood"),
        ("apology", "failed"),
        ("menu", "menu"),
        ("out-of-scope", "out-of-scope"),
    ):
        if answer in answers:
            return outcome
    return "answered"


class UsageRecorder:
    """Counts in memory; `flush` adds to the database, every `interval` seconds once started, and on `close`."""

    def __init__(self, url: str, interval: float = 60) -> None:
        self._url = url
        self._interval = interval
        self._engine: Engine | None = None
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="handrail-usage", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def count(self, answers: list[str], risk: bool, channel: str) -> None:
        """Count one turn."""
        year, week, _ = datetime.now(UTC).isocalendar()
        with self._lock:
            self._counts[(f"{year}-W{week:02}", outcome_of(answers, risk), channel)] += 1

    def flush(self) -> None:
        """Add what was counted to the database; keeps it for the next time when the database is away."""
        with self._lock:
            counted, self._counts = self._counts, Counter()
        if not counted:
            return
        try:
            self._engine = self._engine or open_database(self._url)
            insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
            with Session(self._engine) as session, session.begin():
                for (week, outcome, channel), turns in sorted(counted.items()):
                    row = insert(TurnCount).values(week=week, outcome=outcome, channel=channel, turns=turns)
                    session.execute(
                        row.on_conflict_do_update(
                            index_elements=["week", "outcome", "channel"],
                            set_={"turns": TurnCount.turns + row.excluded.turns},
                        )
                    )
        except (SQLAlchemyError, OSError) as error:
            logger.error("usage_not_written kind=%s", type(error).__name__)
            with self._lock:
                self._counts.update(counted)

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self.flush()


def read_counts(url: str) -> list[tuple[str, str, str, int]]:
    """Rows of (week, outcome, channel, turns), in order."""
    with Session(open_database(url)) as session:
        rows = session.scalars(select(TurnCount).order_by(TurnCount.week, TurnCount.outcome, TurnCount.channel))
        return [(row.week, row.outcome, row.channel, row.turns) for row in rows]
