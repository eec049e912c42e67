"""Anonymous counts on a real SQLite file."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from api.usage import UsageRecorder, open_database, read_counts


def test_turns_are_added_up_by_week_outcome_and_channel(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    for _ in range(2):
        usage = UsageRecorder(url)
        usage.count(["trim"], False, "web")
        usage.count(["clarify"], False, "web")
        usage.count(["trim"], True, "rest")
        usage.close()
    assert [row[1:] for row in read_counts(url)] == [
        ("answered", "web", 2),
        ("clarified", "web", 2),
        ("risk", "rest", 2),
    ]


def test_the_schema_holds_nothing_but_counts(tmp_path: Path) -> None:
    found = inspect(open_database(f"sqlite:///{tmp_path}/u.db"))
    columns = {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}
    assert columns == {"turn_count": {"week", "outcome", "channel", "turns"}}


def test_counting_survives_a_database_that_is_away(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    usage = UsageRecorder(f"sqlite:///{blocked}/u.db")
    usage.count(["trim"], False, "web")
    usage.flush()
    blocked.unlink()
    usage.flush()
    assert read_counts(f"sqlite:///{blocked}/u.db")[0][3] == 1
