"""The classifier is the same after it was saved and read, and reads one text as it learnt it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.safety import load_assessor
from bot.safety.classifier import SignClassifier, features_of
from bot.safety.encoder import FILE as ENCODER
from bot.safety.encoder import digest_of_encoder, risk_encoder

FILE = Path("data/safety/classifier.npz")


def test_saving_and_reading_changes_nothing_that_matters(tmp_path: Path) -> None:
    before = SignClassifier.load(FILE)
    before.save(tmp_path / "again.npz")
    after = SignClassifier.load(tmp_path / "again.npz")
    vectors = risk_encoder(Path("data")).encode(["i want to die", "how do i get physio"])
    assert after.digest == before.digest
    assert np.abs(after.risk.chances(vectors) - before.risk.chances(vectors)).max() < 0.01


def test_kinds_and_subjects_are_read_as_they_were_learnt() -> None:
    classifier = SignClassifier.load(FILE)
    unit = "lad on my caseload says he wants to die"
    vector = risk_encoder(Path("data")).encode([unit])
    row = features_of([unit], vector).toarray()[0]
    for head, found in (
        (classifier.kind, classifier.read([unit], vector).kinds),
        (classifier.subject, classifier.read([unit], vector).subjects),
    ):
        scores = row @ head.weights + head.offset
        expected = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        assert list(found.values()) == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("content", [b"", b"not a file of numbers", FILE.read_bytes()[:2000]])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "classifier.npz"
    damaged.write_bytes(content)
    with pytest.raises((OSError, KeyError, ValueError)):
        SignClassifier.load(damaged)


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_without_a_readable_encoder_the_patterns_still_answer(tmp_path: Path, content: bytes | None) -> None:
    shutil.copytree("data/safety", tmp_path / "safety")
    encoder = tmp_path / "safety" / ENCODER
    encoder.unlink() if content is None else encoder.write_bytes(content)
    assessor = load_assessor(tmp_path)
    assert assessor.assess("i am going to kill myself").urgent
    assert not assessor.assess("how do i get physio").found


def test_the_encoder_is_the_one_that_its_checksum_names() -> None:
    digest = hashlib.sha256((Path("data/safety") / ENCODER).read_bytes()).hexdigest()
    assert digest == digest_of_encoder(Path("data"))
