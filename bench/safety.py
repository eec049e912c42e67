"""What an assessment costs beyond encoding the text, and that it grows in line with the length. Prints figures; asserts nothing.

Run: uv run python -m bench.safety
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bot.safety import load_assessor
from bot.safety.encoder import risk_encoder

SHORT = "can't sleep, in debt and don't see the point of living"
SENTENCE = "the rota changed again and nobody said anything so we all came in for the early. "


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Median of `times` runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    assessor = load_assessor(Path("data"))
    encoder = risk_encoder(Path("data"))
    cases = {"a sentence": SHORT}
    for characters in (250, 500, 1000, 2000):
        cases[f"{characters} characters"] = (SENTENCE * 40)[: characters - 20] + " i want to die"
    cases["2,000 without a space"] = "k" * 2000
    cases["2,000 of one pattern's words"] = ("want to " * 400)[:2000]
    print(f"{'text':32} {'whole':>9} {'encoding':>9} {'beyond':>9}   ms, median of 15")
    for name, text in cases.items():
        units = assessor.reader.read(text).units()
        whole = milliseconds(lambda text=text: assessor.assess(text), 15)  # type: ignore[misc]
        encoding = milliseconds(lambda units=units: encoder.encode(units), 15)  # type: ignore[misc]
        print(f"{name:32} {whole:9.2f} {encoding:9.2f} {max(whole - encoding, 0):9.2f}")


if __name__ == "__main__":
    main()
