"""The schema, its migrations, and what the database's bytes still hold."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from api.database.engine import Base, open_engine
from api.database.migrate import migrate
from api.usage import closing
from api.usage.catalogue import Catalogue, CellKey
from api.usage.periods import Period
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.store import UsageStore
from api.usage.tables import NATIONAL, TableId
from tests.usage.conftest import postgres_database, postgres_tools
from tests.usage.people import a_session, a_turn, signposted
from tests.usage.world import LATER, NOW

ALLOWED = {
    "usage_period": {"table_id", "period", "closed"},
    "usage_cell": {"table_id", "period", "area", "item", "n"},
    "usage_published": {"table_id", "period", "area", "item", "noised"},
    "usage_flush": {"replica", "seq", "week"},
    "usage_note": {"name", "text"},
    "alembic_version": {"version_num"},
}
"""Every column there may be. Before adding one, show that it cannot tell one conversation from another, nor when it was."""


def test_the_schema_holds_only_what_is_allowed(database: str) -> None:
    engine = open_engine(database)
    migrate(engine)
    found = inspect(engine)
    usage = [name for name in found.get_table_names() if name.startswith("usage") or name in ALLOWED]
    assert {table: {column["name"] for column in found.get_columns(table)} for table in usage} == ALLOWED
    types = {str(column["type"]).split("(")[0] for table in usage for column in found.get_columns(table)}
    assert types <= {"VARCHAR", "BIGINT", "BOOLEAN"}, (
        "no times, no text without a limit, no numbers that count themselves up"
    )


def test_models_and_migrations_agree(database: str) -> None:
    engine = open_engine(database)
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [one for one in differences if one[0] != "remove_table"] == []


def test_the_exact_counts_of_the_version_before_are_deleted(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.execute("CREATE TABLE turn_count (week TEXT, outcome TEXT, channel TEXT, turns INT)")
        old.execute("INSERT INTO turn_count VALUES ('2026-W47', 'a-zebra-outcome', 'web', 3)")
    old.close()
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    closing.erase_residue(engine)
    assert not inspect(engine).has_table("turn_count")
    assert b"zebra" not in bytes_of(file)


def test_many_processes_may_migrate_at_once(database: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: migrate(open_engine(database)), range(8)))
    assert inspect(open_engine(database)).has_table("usage_cell")


def bytes_of(file: Path) -> bytes:
    """The file and what lies beside it: the write-ahead log and the journal."""
    return b"".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))


MARKED = 0x1122_3344_5566_7788
"""A count that is found again in the bytes of the file."""


def close_with_mark(file: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Count a marked number, close its period, and give the bytes that are left."""
    store = UsageStore(f"sqlite:///{file}", catalogue)
    period = Period.parse("2026-11")
    store.seed([(TableId.HELPED, period)])
    for seq in range(1, 4):
        store.add("replica", seq, NOW, {CellKey(TableId.HELPED, period, NATIONAL, "helped"): MARKED // 4})
    store.add("replica", 4, NOW, {CellKey(TableId.HELPED, period, NATIONAL, "helped"): MARKED - MARKED // 4 * 3})
    assert MARKED.to_bytes(8, "big") in bytes_of(file)
    monkeypatch.setattr(closing, "discrete_laplace", lambda _: 3)
    assert closing.close_ended(store.engine, LATER, Rules())
    return bytes_of(file)


def test_no_exact_count_is_left_in_the_file(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = close_with_mark(tmp_path / "u.db", catalogue, monkeypatch)
    assert MARKED.to_bytes(8, "big") not in left and (MARKED // 4 * 3).to_bytes(8, "big") not in left
    assert (MARKED + 3).to_bytes(8, "big") in left, "the noised count must be there"


def test_without_erasing_exact_counts_would_be_left(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: it does when the log is not emptied and deleted bytes are not overwritten."""

    def careless(engine: Engine) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete=OFF")

    monkeypatch.setattr("api.usage.store.truncate_write_ahead_log", careless)
    monkeypatch.setattr(closing, "truncate_write_ahead_log", careless)
    assert MARKED.to_bytes(8, "big") in close_with_mark(tmp_path / "u.db", catalogue, monkeypatch)


def test_the_pragmas_are_on(tmp_path: Path) -> None:
    with open_engine(f"sqlite:///{tmp_path}/u.db").connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("secure_delete", "journal_mode")
        }
    assert asked == {"secure_delete": 1, "journal_mode": "wal"}


def dump(address: str) -> str:
    """The logical dump, by the database's own means."""
    if address.startswith("sqlite"):
        with sqlite3.connect(address.removeprefix("sqlite:///")) as database:
            return "\n".join(database.iterdump())
    tools = postgres_tools()
    assert tools is not None
    found = subprocess.run([f"{tools}/pg_dump", "--inserts", address], check=True, capture_output=True, text=True)
    return "\n".join(line for line in found.stdout.splitlines() if "restrict " not in line)


def events() -> list[tuple[str | None, str]]:
    made = random.Random(5)
    return [(made.choice(["ashby", "elm", None]), made.choice(["trim", "oh-physiotherapy"])) for _ in range(60)]


def test_the_order_of_events_leaves_no_trace(
    database: str, catalogue: Catalogue, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.usage.recorder.secrets.token_hex", lambda _: "a-replica")
    dumps = set()
    engine = open_engine(database)
    for order in (1, 2, 3):
        shuffled = events()
        random.Random(order).shuffle(shuffled)
        usage = UsageRecorder(database, catalogue, now=clock)
        for site, intent in shuffled:
            usage.record(a_session(site), signposted(intent), "web")
            usage.record(a_session(site), a_turn("menu"), "telegram")
        usage.flush()
        dumps.add(dump(database))
        with engine.begin() as connection:
            for table in (*Base.metadata.tables, "alembic_version"):
                if table.startswith("usage") or table == "alembic_version":
                    connection.execute(text(f"DROP TABLE {table}"))
    assert len(dumps) == 1
    assert "INSERT" in dumps.pop()


def test_postgresql_rewrites_the_cells_when_a_period_closes(
    postgres: str, catalogue: Catalogue, clock: Callable[[], datetime]
) -> None:
    address = postgres_database(postgres)
    usage = UsageRecorder(address, catalogue, now=clock)
    for _ in range(3):
        usage.record(a_session("ashby"), signposted(), "web")
        usage.flush()
    engine = open_engine(address)

    def size() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_relation_size('usage_cell')")).scalar_one())

    assert size() > 0
    closing.close_ended(engine, LATER, Rules())
    assert size() == 0, "every cell is deleted, and so is its space"


def test_a_user_who_may_not_rewrite_the_cells_is_told(
    postgres: str, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    address = postgres_database(postgres)
    owner = UsageStore(address, catalogue)
    with owner.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS somebody"))
        connection.execute(text("CREATE ROLE somebody LOGIN"))
        connection.execute(text("GRANT SELECT, INSERT, UPDATE, DELETE ON usage_cell TO somebody"))
    closing.erase_residue(open_engine(address))
    assert "usage_cells_not_rewritten" not in caplog.text
    closing.erase_residue(open_engine(address.replace("handrail@", "somebody@")))
    assert "usage_cells_not_rewritten" in caplog.text
    with owner.engine.begin() as connection:
        connection.execute(text("DROP OWNED BY somebody"))
        connection.execute(text("DROP ROLE somebody"))
