"""Learns the classifier from the examples. Needs scikit-learn; answering people does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.nlu.encoder import FloatArray
from bot.safety.classifier import Head, RiskLine, SignClassifier, features_of
from bot.safety.examples import Example
from bot.safety.text import PlainReader

DOUBT_WEIGHT = 0.5
EVERYDAY_WEIGHT = 0.5


@dataclass
class _Rows:
    """Pieces of text to learn from; `owner` says which example (or everyday phrase) each came from."""

    units: list[str]
    at_risk: list[int]
    weights: list[float]
    owner: list[int]

    def add(self, unit: str, at_risk: bool, weight: float, owner: int) -> None:
        self.units.append(unit)
        self.at_risk.append(int(at_risk))
        self.weights.append(weight)
        self.owner.append(owner)


def learn(
    examples: Sequence[Example],
    everyday: Sequence[str],
    reader: PlainReader,
    encode: Callable[[Sequence[str]], FloatArray],
    digest: str = "",
) -> SignClassifier:
    """A classifier of `examples`, the same for the same examples. `everyday` are sentences that ask for services.

    Of a text at risk only the whole is known to say so; of any other text, every sentence is known not to.
    """
    rows = _rows(examples, everyday, reader)
    vectors = encode(rows.units)
    risk = _risk_line(vectors, rows)
    positive = [row for row, at_risk in enumerate(rows.at_risk) if at_risk]
    groups = [examples[rows.owner[row]].group for row in positive]
    features = features_of([rows.units[row] for row in positive], vectors[positive])
    kind = _head(features, [str(group.kind) for group in groups])
    subject = _head(features, [str(group.subject) for group in groups])
    return SignClassifier(risk, kind, subject, digest)


def _rows(examples: Sequence[Example], everyday: Sequence[str], reader: PlainReader) -> _Rows:
    rows = _Rows([], [], [], [])
    for owner, example in enumerate(examples):
        plain = reader.read(example.text)
        whole = " ".join(plain.words)
        weight = DOUBT_WEIGHT if example.group.tier == "doubt" else 1.0
        for unit in [whole] if example.at_risk else dict.fromkeys([*plain.units(), whole]):
            rows.add(unit, example.at_risk, weight, owner)
    for owner, phrase in enumerate(everyday, start=len(examples)):
        rows.add(" ".join(reader.read(phrase).words), False, EVERYDAY_WEIGHT, owner)
    return rows


def _risk_line(vectors: FloatArray, rows: _Rows) -> RiskLine:
    regression = LogisticRegression(C=1.0, max_iter=500, random_state=0)
    regression.fit(vectors, rows.at_risk, sample_weight=rows.weights)
    return RiskLine(regression.coef_[0].astype(np.float32), float(regression.intercept_[0]))


def _head(rows: object, labels: list[str]) -> Head:
    regression = LogisticRegression(C=12.0, max_iter=300, tol=1e-3, random_state=0)
    regression.fit(rows, labels)
    return Head(
        [str(name) for name in regression.classes_],
        np.ascontiguousarray(regression.coef_.T.astype(np.float32)),
        regression.intercept_.astype(np.float32),
    )
