"""The classifier is the same after it was saved and read, and reads one text as it learnt it."""

from __future__ import annotations

import functools
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.safety import Kind, RiskLevel, Subject, load_assessor
from bot.safety.classifier import Reading, SignClassifier, features_of
from bot.safety.encoder import EMBEDDINGS, FOLDER, LAYERS, MODEL, SUMS, TOKENIZER, risk_encoder
from bot.safety.examples import Example, Group, read_examples
from bot.safety.learning import learn

DATA = Path("data")
FILE = DATA / "safety" / "classifier.npz"
ENCODER = DATA / "safety" / FOLDER


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
@pytest.mark.parametrize("name", [MODEL, LAYERS, EMBEDDINGS, TOKENIZER, SUMS])
def test_without_a_readable_encoder_the_patterns_still_answer(
    tmp_path: Path, name: str, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    safety = tmp_path / "safety"
    safety.mkdir()
    for file in (*FILE.parent.glob("*.yml"), FILE):
        shutil.copy(file, safety)
    (safety / FOLDER).mkdir()
    for file in ENCODER.iterdir():
        (safety / FOLDER / file.name).symlink_to(file.resolve())
    damaged = safety / FOLDER / name
    damaged.unlink()
    if content is not None:
        damaged.write_bytes(content)
    assessor = load_assessor(tmp_path)
    assert "risk_classifier_missing" in caplog.text
    assert assessor.assess("i am going to kill myself").urgent
    assert not assessor.assess("how do i get physio").found


def test_the_encoder_is_the_one_that_its_checksums_name() -> None:
    lines = (ENCODER / SUMS).read_text().splitlines()
    said = dict(reversed(line.split("  ")) for line in lines)
    assert said == {
        name: hashlib.sha256((ENCODER / name).read_bytes()).hexdigest()
        for name in (MODEL, LAYERS, EMBEDDINGS, TOKENIZER)
    }


def test_no_file_of_the_encoder_is_too_large_for_the_usual_hosts_of_repositories() -> None:
    assert max(file.stat().st_size for file in ENCODER.iterdir()) < 100_000_000


def test_a_sentence_that_a_clinical_lead_adds_counts_among_thousands() -> None:
    """A code word that no example holds: "off to see the swans" is what they say on one wing before they harm themselves."""
    told, like = "im off to see the swans", "off to the swans"
    reader, encode = load_assessor(DATA).reader, functools.cache(lambda units: risk_encoder(DATA).encode(units))
    examples = read_examples(DATA / "safety" / "examples")
    group = Group(kind=Kind.SELF_HARM, subject=Subject.SELF, tier="oblique", level=RiskLevel.HIGH, examples="- ")
    before, after = (
        learn(examples, [], reader, lambda units: encode(tuple(units)), added=added, sampled=64)
        for added in ([], [Example(told, group)])
    )
    vectors = risk_encoder(DATA).encode([told, like])
    assert before.risk.chances(vectors).max() < 0.3 < after.risk.chances(vectors).max()
    assert (after.risk.chances(vectors) > before.risk.chances(vectors) + 0.1).all()


def test_words_are_weighed_by_the_sentence_that_they_stand_in() -> None:
    units = {"the leaflet says suicidal": 0.1, "it is by the door": 0.0, "see no way out": 0.9, "suicidal it is": 0.2}
    reading = Reading(0.9, {}, {}, units)
    assert (reading.risk_of("suicidal"), reading.risk_of("no way"), reading.risk_of("said in no unit")) == (
        0.2,
        0.9,
        0.9,
    )
