"""Learns the classifier from the examples. Needs scikit-learn; answering people does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.nlu.encoder import shared_encoder
from bot.safety.classifier import Head, SignClassifier, features_of
from bot.safety.examples import Example
from bot.safety.text import PlainReader, PlainText

DOUBT_WEIGHT = 0.5


def learn(examples: Sequence[Example], reader: PlainReader, digest: str = "") -> SignClassifier:
    """A classifier of `examples`, the same for the same examples.

    A long post is at risk as a whole, but which of its sentences says so is not known: a first classifier finds the one.
    """
    texts = [reader.read(example.text) for example in examples]
    units, labels, owners = _first_units(examples, texts)
    vectors = shared_encoder().encode(units)
    first = _risk_head(units, vectors, labels, [1.0] * len(units))
    more: list[str] = []
    for index, (example, text) in enumerate(zip(examples, texts, strict=True)):
        if example.at_risk and len(text.units()) > 1:
            found = text.units()
            scores = first.scores(features_of(found, shared_encoder().encode(found)))[:, 0]
            more.append(found[int(np.argmax(scores))])
            labels.append(1)
            owners.append(index)
    units += more
    vectors = np.concatenate([vectors, shared_encoder().encode(more)]) if more else vectors
    weights = [DOUBT_WEIGHT if examples[owner].group.tier == "doubt" else 1.0 for owner in owners]
    risk = _risk_head(units, vectors, labels, weights)
    positive = [row for row, label in enumerate(labels) if label]
    groups = [examples[owners[row]].group for row in positive]
    rows = features_of([units[row] for row in positive], vectors[positive])
    kind = _head(rows, [str(group.kind) for group in groups], None)
    subject = _head(rows, [str(group.subject) for group in groups], None)
    return SignClassifier(risk, kind, subject, digest)


def _first_units(examples: Sequence[Example], texts: Sequence[PlainText]) -> tuple[list[str], list[int], list[int]]:
    """Whole texts that are at risk; every unit of those that are not."""
    units: list[str] = []
    labels: list[int] = []
    owners: list[int] = []
    for index, (example, text) in enumerate(zip(examples, texts, strict=True)):
        found = [" ".join(text.words)] if example.at_risk else [*text.units()]
        units += found
        labels += [int(example.at_risk)] * len(found)
        owners += [index] * len(found)
    return units, labels, owners


def _risk_head(units: list[str], vectors: np.ndarray, labels: list[int], weights: list[float]) -> Head:
    return _head(features_of(units, vectors), [str(label) for label in labels], weights)


def _head(rows: object, labels: list[str], weights: list[float] | None) -> Head:
    regression = LogisticRegression(C=12.0, max_iter=300, tol=1e-3, random_state=0)
    regression.fit(rows, labels, sample_weight=weights)
    names = [str(name) for name in regression.classes_]
    if len(names) == 2:
        names = names[1:]
    return Head(
        names,
        np.ascontiguousarray(regression.coef_.T.astype(np.float32)),
        regression.intercept_.astype(np.float32),
    )
