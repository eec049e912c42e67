"""Many processes on real databases: nothing is counted twice, and what is lost is bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from api.database.engine import open_engine
from api.usage.catalogue import Catalogue
from api.usage.models import Cell, PeriodState, PublishedCell
from api.usage.recorder import UsageRecorder
from api.usage.tables import TableId
from tests.usage.counts import exact
from tests.usage.people import a_session, signposted


def run(name: str, address: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.usage.processes", name, address]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.splitlines()[-1]))


def counted_at(address: str, site: str) -> int:
    return sum(n for (_, _, _, item), n in exact(address, TableId.SESSIONS_BY_SITE).items() if item == site)


def test_eight_processes_with_lost_answers_count_exactly(database: str) -> None:
    result = run("eight", database)
    assert result["statuses"] == [0] * 8 and result["other_failures"] == 0
    assert result["lost"] > 60, "answers must really have been lost for this test to mean anything"
    assert {site: counted_at(database, site) for site in result["counted"]} == result["counted"]
    assert sum(result["counted"].values()) == 8 * 50 * 3


def test_a_killed_process_loses_at_most_one_interval_and_counts_nothing_twice(database: str) -> None:
    result = run("killed", database)
    found = counted_at(database, "ashby")
    assert sum(result["added"]) <= found <= sum(result["counted"])
    assert all(counted - added <= 2 * 20 for counted, added in zip(result["counted"], result["added"], strict=True))
    assert sum(result["added"]) > 0


def published(address: str) -> int:
    with Transaction(open_engine(address)) as session:
        return session.scalar(select(func.count()).select_from(PublishedCell)) or 0


def closed_states(address: str) -> list[bool]:
    with Transaction(open_engine(address)) as session:
        return list(session.scalars(select(PeriodState.closed)))


def cells(address: str) -> int:
    with Transaction(open_engine(address)) as session:
        return session.scalar(select(func.count()).select_from(Cell)) or 0


def test_many_closers_close_each_period_once(
    database: str, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    use(database, catalogue, clock)
    before = cells(database)
    result = run("close_at_once", database)
    assert result["statuses"] == [0] * 6
    assert sorted(result["closed"]) == sorted(
        f"{table.value} {'2026-W48' if table is TableId.SESSIONS_BY_SITE else '2026-11'}" for table in TableId
    )
    assert (published(database), cells(database)) == (before, 0)


def test_a_kill_between_noise_and_delete_leaves_neither(
    database: str, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    use(database, catalogue, clock)
    before = exact(database)
    assert run("killed_closing", database)["signal"] == 9
    assert exact(database) == before and before
    assert published(database) == 0 and not any(closed_states(database))


def test_kills_at_any_moment_leave_each_period_exact_or_noised_and_never_both(
    database: str, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    use(database, catalogue, clock)
    before = cells(database)
    assert run("killed_at_random", database)["kills"] > 0
    assert (published(database), cells(database)) == (before, 0)
    assert all(closed_states(database))


def use(database: str, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
    usage = UsageRecorder(database, catalogue, now=clock)
    for _ in range(30):
        usage.record(a_session("ashby"), signposted(), "web")
    usage.close()
