"""The intent model: logistic regression over a sentence vector and character n-grams, with calibrated confidence.

Pure scikit-learn, no Rasa: the Rasa component and the evaluation both use it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.encoder import FloatArray

Matrix = NDArray[np.float64]


@dataclass
class IntentModel:
    """A trained model. `temperature` divides the scores so that a confidence of 0.8 is right about 8 times in 10."""

    vectorizer: TfidfVectorizer
    regression: LogisticRegression
    temperature: float
    vector_weight: float

    @property
    def intents(self) -> list[str]:
        return [str(label) for label in self.regression.classes_]

    @functools.cached_property
    def _weights(self) -> Matrix:
        """Shape (features, intents), row by row in memory: scikit-learn would copy the whole matrix on each sentence."""
        return np.ascontiguousarray(self.regression.coef_.T)

    def probabilities(self, texts: Sequence[str], vectors: FloatArray) -> Matrix:
        """Calibrated probabilities, shape (len(texts), len(intents)); rows sum to 1."""
        scores = self._features(texts, vectors) @ self._weights + self.regression.intercept_
        probabilities: Matrix = softmax(scores / self.temperature, axis=1)
        return probabilities

    def _features(self, texts: Sequence[str], vectors: FloatArray) -> csr_matrix:
        return _features(self.vectorizer, texts, vectors, self.vector_weight)


def _features(
    vectorizer: TfidfVectorizer, texts: Sequence[str], vectors: FloatArray, vector_weight: float
) -> csr_matrix:
    return csr_matrix(hstack([csr_matrix(vectors * vector_weight), vectorizer.transform(texts)]))


def train_intent_model(
    texts: Sequence[str],
    vectors: FloatArray,
    labels: Sequence[str],
    regularisation: float = 8.0,
    vector_weight: float = 1.6,
    folds: int = 3,
) -> IntentModel:
    """Fit on all phrases; the temperature comes from scores of phrases that the fold's model had not seen."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2, dtype=np.float32)
    vectorizer.fit(texts)
    features = _features(vectorizer, texts, vectors, vector_weight)
    targets = np.asarray(labels)

    def fit(rows: NDArray[np.int64]) -> LogisticRegression:
        regression = LogisticRegression(C=regularisation, max_iter=60, tol=1e-3, random_state=0)
        return regression.fit(features[rows], targets[rows])

    everything = np.arange(len(targets))
    regression = fit(everything)
    smallest_class = int(np.unique(targets, return_counts=True)[1].min())
    temperature = 1.0
    if smallest_class >= folds and len(regression.classes_) > 2:
        position = {label: index for index, label in enumerate(regression.classes_)}
        expected = np.array([position[label] for label in targets])
        scores = np.zeros((len(targets), len(regression.classes_)))
        for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=0).split(features, targets):
            scores[unseen] = fit(seen).decision_function(features[unseen])

        def negative_log_likelihood(log_temperature: float) -> float:
            log_probabilities = log_softmax(scores / np.exp(log_temperature), axis=1)
            return float(-log_probabilities[np.arange(len(expected)), expected].mean())

        temperature = float(np.exp(minimize_scalar(negative_log_likelihood, bounds=(-4, 3), method="bounded").x))
    return IntentModel(vectorizer, regression, temperature, vector_weight)
