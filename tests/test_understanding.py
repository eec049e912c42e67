"""At least 92% of the held-out sentences reach an acceptable answer."""

from __future__ import annotations

from pathlib import Path

from cli.evaluation import evaluate_understanding
from cli.service import Service


def test_held_out_sentences_reach_an_acceptable_answer(service: Service) -> None:
    result = evaluate_understanding(service, Path("tests/understanding"))
    assert result.accuracy >= 0.92, result.as_text()
