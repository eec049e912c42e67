"""What two readers, who did not see the labels, said of the test sentences and of the rows of the public sets: some signs are plain to everybody, some are not.

`readings.csv` beside the sets names each sentence by the start of its SHA-256; a verdict is y (someone may be in danger), n, or d (either).
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

FILE = "readings.csv"


@dataclass(frozen=True)
class Reading:
    """The verdict and the person named by each of two readers."""

    first: str
    first_who: str
    second: str
    second_who: str

    @property
    def both_see_danger(self) -> bool:
        return self.first == self.second == "y"

    @property
    def both_see_none(self) -> bool:
        return self.first == self.second == "n"


class Readings:
    """The readings of a folder of sets; none where the file is missing."""

    def __init__(self, folder: Path) -> None:
        self._found: dict[tuple[str, str], Reading] = {}
        file = folder / FILE
        if file.exists():
            with file.open(encoding="ascii", newline="") as lines:
                for row in csv.DictReader(lines):
                    reading = Reading(row["first"], row["first_who"], row["second"], row["second_who"])
                    self._found[row["set"], row["sentence"]] = reading

    def of(self, name: str, text: str) -> Reading | None:
        """The reading of a sentence of the set `name`."""
        return self._found.get((name, hashlib.sha256(text.encode()).hexdigest()[:12]))
