"""Learns the classifier from the examples. Needs scikit-learn; answering people does not."""

from __future__ import annotations

import zlib
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
ADDED_WEIGHT = 30.0
SAMPLED = 8


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
    added: Sequence[Example] = (),
    sampled: int = SAMPLED,
) -> SignClassifier:
    """A classifier of one in `sampled` of the `examples` and `everyday` sentences, and of all that were `added` since the encoder was tuned.

    The encoder was tuned on the examples, so a part of them shows where danger lies in its vectors; reading all would take a quarter of an
    hour. Of a text at risk only the whole is known to say so; of any other text, every sentence is known not to. The same sentences give
    the same classifier.
    """
    examples = [example for example in examples if _in_sample(example.text, sampled)]
    everyday = [phrase for phrase in everyday if _in_sample(phrase, sampled)]
    rows = _rows([*examples, *added], everyday, reader, first_added=len(examples))
    examples = [*examples, *added]
    vectors = encode(rows.units)
    risk = _risk_line(vectors, rows)
    positive = [row for row, at_risk in enumerate(rows.at_risk) if at_risk]
    groups = [examples[rows.owner[row]].group for row in positive]
    features = features_of([rows.units[row] for row in positive], vectors[positive])
    kind = _head(features, [str(group.kind) for group in groups])
    subject = _head(features, [str(group.subject) for group in groups])
    return SignClassifier(risk, kind, subject, digest)


def _in_sample(text: str, sampled: int) -> bool:
    return zlib.crc32(text.encode()) % sampled == 0


def _rows(examples: Sequence[Example], everyday: Sequence[str], reader: PlainReader, first_added: int) -> _Rows:
    rows = _Rows([], [], [], [])
    for owner, example in enumerate(examples):
        plain = reader.read(example.text)
        whole = " ".join(plain.words)
        weight = DOUBT_WEIGHT if example.group.tier == "doubt" else 1.0
        weight *= ADDED_WEIGHT if owner >= first_added else 1.0
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
