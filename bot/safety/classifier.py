"""A small classifier over the vectors of the risk encoder: is there risk, of what kind, about whom.

Learnt from data/safety/examples and data/safety/added by `handrail train`; kept as one file of numbers, so that reading needs numpy only.
What was tried: docs/decisions/0005-risk-classifier.md, 0006-tuned-risk-encoder.md and 0013-larger-risk-encoder.md.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.nlu.encoder import FloatArray
from bot.safety.encoder import digest_of_encoder
from bot.safety.examples import ADDED, EXAMPLES
from bot.safety.risk import Kind

BUCKETS = 8192
LONGEST_SEQUENCE = 3
WORDS_WEIGHT = 0.7
FILE = "classifier.npz"
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """Of one text: the chance of risk of each unit, the highest of them, and the chances of each kind and subject there."""

    risk: float
    kinds: dict[str, float]
    subjects: dict[str, float]
    units: dict[str, float]

    def risk_of(self, words: str) -> float:
        """The highest chance among the units that hold `words`; of all, when none does."""
        holding = [chance for unit, chance in self.units.items() if f" {words} " in f" {unit} "]
        return max(holding, default=self.risk)

    @property
    def kind(self) -> Kind:
        """The likeliest kind."""
        return Kind(max(self.kinds, key=lambda name: self.kinds[name]))


@dataclass(frozen=True)
class Head:
    """Logistic regression: `weights` has shape (dimensions + BUCKETS, labels), `offset` (labels,)."""

    labels: list[str]
    weights: Matrix
    offset: Matrix


@dataclass(frozen=True)
class RiskLine:
    """Logistic regression of risk: `weights` has shape (dimensions,)."""

    weights: Matrix
    offset: float

    def chances(self, vectors: FloatArray) -> Matrix:
        """The chance of risk of each row of unit `vectors`, shape (rows,)."""
        found: Matrix = 1 / (1 + np.exp(-(vectors @ self.weights + self.offset)))
        return found


@dataclass(frozen=True)
class SignClassifier:
    """`digest` names the examples that it was learnt from."""

    risk: RiskLine
    kind: Head
    subject: Head
    digest: str

    def read(self, units: Sequence[str], vectors: FloatArray) -> Reading:
        """What the units of one text say; `vectors` has shape (len(units), dimensions)."""
        chances = self.risk.chances(vectors)
        worst = int(np.argmax(chances))
        buckets = np.array(sorted(_buckets(units[worst].split())))
        kinds, subjects = (_chances(head, vectors[worst], buckets) for head in (self.kind, self.subject))
        return Reading(float(chances[worst]), kinds, subjects, dict(zip(units, chances.tolist(), strict=True)))

    def save(self, file: Path) -> None:
        """Write to `file`."""
        arrays: dict[str, NDArray[np.generic]] = {
            "digest": np.array(self.digest),
            "risk_weights": self.risk.weights,
            "risk_offset": np.array(self.risk.offset),
        }
        for name, head in (("kind", self.kind), ("subject", self.subject)):
            arrays[f"{name}_labels"] = np.array(head.labels)
            arrays[f"{name}_weights"] = head.weights.astype(np.float16)
            arrays[f"{name}_offset"] = head.offset
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(".new.npz")
        np.savez_compressed(beside, **arrays)  # type: ignore[arg-type]
        beside.replace(file)

    @classmethod
    def load(cls, file: Path) -> SignClassifier:
        """Read from `file`. Raises OSError, KeyError or ValueError when it is missing or damaged."""
        try:
            return cls._load(file)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ValueError("the file is damaged") from error

    @classmethod
    def _load(cls, file: Path) -> SignClassifier:
        with np.load(file, allow_pickle=False) as stored:
            risk = RiskLine(stored["risk_weights"].astype(np.float32), float(stored["risk_offset"]))
            kind, subject = (
                Head(
                    [str(label) for label in stored[f"{name}_labels"]],
                    np.ascontiguousarray(stored[f"{name}_weights"].astype(np.float32)),
                    stored[f"{name}_offset"],
                )
                for name in ("kind", "subject")
            )
            return cls(risk, kind, subject, str(stored["digest"]))


def _chances(head: Head, vector: FloatArray, buckets: NDArray[np.int64]) -> dict[str, float]:
    """What `head` says of one unit: the same as over its row of `features_of`, without making the row."""
    width = len(vector)
    words = head.weights[width + buckets].sum(axis=0) * _weight_of_words(len(buckets))
    scores = vector @ head.weights[:width] + words + head.offset
    powers = np.exp(scores - scores.max())
    return {label: float(chance) for label, chance in zip(head.labels, powers / powers.sum(), strict=True)}


def _weight_of_words(count: int) -> float:
    return WORDS_WEIGHT / float(np.sqrt(max(count, 1)))


def features_of(units: Sequence[str], vectors: FloatArray) -> csr_matrix:
    """Shape (len(units), dimensions + BUCKETS): the vector, then which one to three words in a row are there."""
    width = vectors.shape[1]
    data: list[float] = []
    columns: list[int] = []
    starts = [0]
    for unit, vector in zip(units, vectors, strict=True):
        data += vector.tolist()
        columns += range(width)
        found = sorted(_buckets(unit.split()))
        data += [_weight_of_words(len(found))] * len(found)
        columns += [width + bucket for bucket in found]
        starts.append(len(columns))
    return csr_matrix((np.array(data, dtype=np.float32), columns, starts), shape=(len(units), width + BUCKETS))


def _buckets(words: list[str]) -> set[int]:
    words = ["^", *words, "$"]
    return {
        zlib.crc32(" ".join(words[start : start + length]).encode()) % BUCKETS
        for length in range(1, LONGEST_SEQUENCE + 1)
        for start in range(len(words) - length + 1)
    }


def digest_of(data: Path) -> str:
    """A short hash of what the classifier is learnt from: the example files, and which encoder reads them."""
    digest = hashlib.sha256(digest_of_encoder(data).encode())
    files = [file for folder in (EXAMPLES, ADDED) for file in sorted((data / "safety" / folder).glob("*.yml"))]
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
