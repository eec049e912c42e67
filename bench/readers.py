"""How far two readers, who did not see the labels, agree with them and with each other on the test sentences. Prints figures.

Run: uv run python -m bench.readers
"""

from __future__ import annotations

from pathlib import Path

from sklearn.metrics import cohen_kappa_score

from bot.safety.examples import read_example_file
from cli.readings import Reading, Readings

FOLDER = Path("tests/safety")
GROUPS = (("explicit", "explicit"), ("oblique", "oblique"), ("all at risk", ""))


def main() -> None:
    readings = Readings(FOLDER)
    for file in sorted(FOLDER.glob("*.yml")):
        read = [(example, readings.of(file.stem, example.text)) for example in read_example_file(file)]
        pairs = [(example, reading) for example, reading in read if reading]
        print(f"{file.name}: {len(pairs)} sentences read twice")
        for title, tier in GROUPS:
            rows = [row for example, row in pairs if example.at_risk and tier in ("", example.group.tier)]
            print(f"  {title + ', read as at risk':32} {_at_risk(rows)}")
        print(f"  {'look-alikes, read as at risk':32} {_at_risk([row for e, row in pairs if not e.at_risk])}")
        who = [(row.first_who, e) for e, row in pairs if e.at_risk and row.first == "y"]
        who += [(row.second_who, e) for e, row in pairs if e.at_risk and row.second == "y"]
        print(f"  {'who, read as labelled':32} {sum(named == e.group.subject for named, e in who) / len(who):6.1%}")
        kappa = cohen_kappa_score([row.first for _, row in pairs], [row.second for _, row in pairs])
        print(f"  {'agreement beyond chance (kappa)':32} {kappa:6.2f}")


def _at_risk(rows: list[Reading]) -> str:
    first, second = sum(row.first == "y" for row in rows), sum(row.second == "y" for row in rows)
    return f"{first / len(rows):6.1%} and {second / len(rows):6.1%}"


if __name__ == "__main__":
    main()
