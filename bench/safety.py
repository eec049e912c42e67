"""What an assessment costs beyond encoding the text, and that it grows in line with the length. Prints figures; asserts nothing.

Run: uv run python -m bench.safety
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from bot.nlu.encoder import FloatArray
from bot.safety.assess import Assessor
from bot.safety.classifier import FILE, SignClassifier
from bot.safety.encoder import risk_encoder
from bot.safety.wordlist import read_words

SHORT = "can't sleep, in debt and don't see the point of living"
SENTENCE = "the rota changed again and nobody said anything so we all came in for the early. "


TIMES = 25


class TimedEncoder:
    """The encoder, and how many milliseconds it was at work since `spent` was last set to 0."""

    def __init__(self, data: Path) -> None:
        self._encoder = risk_encoder(data)
        self.spent = 0.0

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """As the encoder's own."""
        started = time.perf_counter()
        try:
            return self._encoder.encode(texts)
        finally:
            self.spent += (time.perf_counter() - started) * 1000


def main() -> None:
    data = Path("data")
    encoder = TimedEncoder(data)
    assessor = Assessor(read_words(data), SignClassifier.load(data / "safety" / FILE), encoder.encode)
    cases = {"a sentence": SHORT}
    for characters in (250, 500, 1000, 2000):
        cases[f"{characters} characters"] = (SENTENCE * 40)[: characters - 20] + " i want to die"
    cases["2,000 without a space"] = "k" * 2000
    cases["2,000 of one pattern's words"] = ("want to " * 400)[:2000]
    print(f"{'text':32} {'whole':>9} {'encoding':>9} {'beyond':>9}   ms, median of {TIMES}")
    for name, text in cases.items():
        wholes, encodings = [], []
        for _ in range(TIMES):
            encoder.spent, started = 0.0, time.perf_counter()
            assessor.assess(text)
            wholes.append((time.perf_counter() - started) * 1000)
            encodings.append(encoder.spent)
        beyond = [whole - encoding for whole, encoding in zip(wholes, encodings, strict=True)]
        whole, encoding, rest = (statistics.median(taken) for taken in (wholes, encodings, beyond))
        print(f"{name:32} {whole:9.2f} {encoding:9.2f} {rest:9.2f}")


if __name__ == "__main__":
    main()
