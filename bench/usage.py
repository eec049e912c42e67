"""Prints what counting costs, as shares within one run: `uv run python bench/usage.py`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import sessionmaker

from api.database.engine import open_engine
from api.usage.catalogue import load_catalogue
from api.usage.demo import demo_sites, fill
from api.usage.published import By, PublishedTables
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.store import UsageStore
from api.usage.tables import TableId
from bot.conversation import Outcome
from bot.reply import Reply
from bot.safety import Risk, load_assessor
from bot.sessions import Session


def seconds(work: Callable[[], object], times: int) -> float:
    """The average time of one call."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def main() -> None:
    data, sites = Path("data"), demo_sites(100)
    catalogue = load_catalogue(data, sites)
    assess = load_assessor(data).assess
    assess("warm up")
    reading = seconds(lambda: assess("my knee is knackered after a restraint, can i see a physio"), 100)
    turn = Outcome(Reply(answers=["trim"]), Risk(), "trim")
    with tempfile.TemporaryDirectory() as folder:
        usage = UsageRecorder(f"sqlite:///{folder}/u.db", catalogue)
        recording = seconds(lambda: usage.record(Session("", 0, site="alder-prison"), turn, "web"), 5_000)
        print(
            f"counting a turn takes {recording / reading:.3f} times reading it for risk ({recording * 1e6:.0f} microseconds)"
        )
        usage.flush()
        flushing = seconds(usage.flush, 20)
        usage.record(Session("", 0), turn, "web")
        print(f"adding to SQLite: {flushing * 1e3:.1f} ms each interval, in a thread of its own")
        usage.close()

        engine = UsageStore(f"sqlite:///{folder}/demo.db", catalogue).engine
        began = time.perf_counter()
        cells = fill(engine, catalogue, datetime.now(UTC), Rules())
        print(f"made-up database: {cells:,} cells in {time.perf_counter() - began:.1f} s")
        tables = PublishedTables(sessionmaker(open_engine(f"sqlite:///{folder}/demo.db")), sites)
        weeks = tables.periods(TableId.SESSIONS_BY_SITE)
        for by in (By.CELL, By.PERIOD, By.GROUP):
            taken = sorted(
                seconds(lambda by=by: tables.totals(TableId.SESSIONS_BY_SITE, weeks[0], weeks[-1], by), 1)
                for _ in range(40)
            )
            print(f"sessions by site, {len(weeks)} weeks, by {by}: p95 {taken[37] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
