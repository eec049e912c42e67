"""The table of how risk is seen counts what a small set of sentences gives, also where two readers agree."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cli.safety_evaluation import evaluate_safety

PLAIN = "i am going to kill myself tonight"
HINTED = "where do i park the minibus"
SET = f"""
- kind: suicide
  subject: self
  tier: explicit
  level: high
  examples: |
    - {PLAIN}
    - {HINTED}
- look_alike: everyday
  examples: |
    - how do i get physio
"""


def line_with(words: str, table: str) -> list[str]:
    return next(line for line in table.splitlines() if words in line).split()


def test_counts_and_what_two_readers_saw(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(SET)
    table = evaluate_safety(Path("data"), tmp_path)
    assert line_with("seen, by tier", table)[-8:-5] == ["1", "of", "2"]
    assert line_with("false alarms", table)[2:5] == ["0", "of", "1"]
    assert line_with("where two readers did too", table)[-1] == "none"
    rows = [f"mine,{hashlib.sha256(text.encode()).hexdigest()[:12]},{one},self,{two},self"
            for text, one, two in ((PLAIN, "y", "y"), (HINTED, "y", "d"))]  # fmt: skip
    (tmp_path / "readings.csv").write_text("\n".join(["set,sentence,first,first_who,second,second_who", *rows]))
    wrong = tmp_path / "wrong.txt"
    table = evaluate_safety(Path("data"), tmp_path, wrong=wrong)
    assert line_with("where two readers did too", table)[-8:-5] == ["1", "of", "1"]
    assert HINTED in wrong.read_text() and PLAIN not in wrong.read_text()


def test_all_sets_together_leave_out_the_challenge(tmp_path: Path) -> None:
    for name in ("one", "two", "challenge"):
        (tmp_path / f"{name}.yml").write_text(SET)
    table = evaluate_safety(Path("data"), tmp_path).partition("all of these but challenge.yml: 6 sentences")[2]
    assert line_with("seen, by tier", table)[-8:-5] == ["2", "of", "4"]
    assert line_with("idiom and everyday together", table)[4:7] == ["0", "of", "2"]
