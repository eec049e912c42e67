"""Rasa graph component: which intent a message has, with calibrated confidence, and whether that is sure enough.

A long message is read whole and in parts; the strongest part speaks for it, so that a need at the end of a long story is found.
A message that names two needs in clauses of their own also gets the entity `also_needed`.
Being sure is about the *answer*: intents whose answers hold one another's services (trauma, TRiM) count together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.directory import load_directory
from bot.nlu.encoder import FloatArray, shared_encoder
from bot.nlu.intent_model import IntentModel, train_intent_model
from bot.nlu.text import clauses_of, normalise, parts_of

FALLBACK_INTENT = "nlu_fallback"
ALSO_NEEDED = "also_needed"
MODEL_FILE = "intent_model.joblib"
# A person in distress who is answered with a farewell has been turned away, so these need more certainty.
PLEASANTRIES = {"goodbye", "thank", "greet", "helped", "affirm", "deny"}
NOT_A_NEED = PLEASANTRIES | {"out-of-scope", "not-helped"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class StaffIntentClassifier(GraphComponent, IntentClassifier):
    """Trains and serves `IntentModel`. Below `threshold` the intent is `nlu_fallback`; the ranking stays real intents."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._together: NDArray[np.bool_] | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "threshold": 0.45,
            "small_talk_threshold": 0.6,
            "ranking_length": 10,
            "directory": "data",
            "part_weight": 0.85,
            "also_threshold": 0.7,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StaffIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> StaffIntentClassifier:
        import joblib

        with model_storage.read_from(resource) as folder:
            model = joblib.load(Path(folder) / MODEL_FILE)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        import joblib

        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [normalise(example.get(TEXT)) for example in examples]
        vectors = np.stack([_sentence_vector(example) for example in examples])
        self._model = train_intent_model(texts, vectors, [example.get(INTENT) for example in examples])
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._model, Path(folder) / MODEL_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT) and self._model is not None:
                self._classify(message, self._model)
        return messages

    def _classify(self, message: Message, model: IntentModel) -> None:
        probabilities = self._read(normalise(message.get(TEXT)), _sentence_vector(message), model)
        order = np.argsort(-probabilities)
        ranking = [
            {"name": model.intents[index], "confidence": float(probabilities[index])}
            for index in order[: self._config["ranking_length"]]
        ]
        best = int(order[0])
        sure = float(probabilities[self._answers_together(model)[best]].sum())
        intent = {"name": model.intents[best], "confidence": min(sure, 1.0)}
        needed = "small_talk_threshold" if model.intents[best] in PLEASANTRIES else "threshold"
        if sure < self._config[needed]:
            intent = {"name": FALLBACK_INTENT, "confidence": min(sure, 1.0)}
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        if intent["name"] != FALLBACK_INTENT and (also := self._also_needed(message.get(TEXT), best, model)):
            mark = {"entity": ALSO_NEEDED, "value": also, "start": 0, "end": len(message.get(TEXT))}
            message.set(ENTITIES, [*message.get(ENTITIES, []), mark], add_to_output=True)

    def _read(self, text: str, vector: FloatArray, model: IntentModel) -> NDArray[np.float64]:
        parts = parts_of(text)
        whole = model.probabilities([text], vector[None, :])[0]
        if len(parts) == 1:
            return np.asarray(whole)
        rows = model.probabilities(parts[1:], shared_encoder().encode(parts[1:]))
        needs = np.array([intent not in NOT_A_NEED for intent in model.intents])
        strongest = max(rows, key=lambda row: float(np.where(needs, row, 0).max()), default=whole)
        weight = self._config["part_weight"]
        if float(np.where(needs, strongest, 0).max()) * weight > float(whole.max()):
            return np.asarray(strongest)
        return whole

    def _also_needed(self, text: str, best: int, model: IntentModel) -> str | None:
        """The need that a clause of `text` surely names and the answer to intent number `best` does not serve, or None."""
        directory = load_directory(Path(self._config["directory"]))
        clauses = clauses_of(normalise(text))
        if not clauses or directory.find(model.intents[best]) is None:
            return None
        together = self._answers_together(model)
        found: list[tuple[float, str]] = []
        for row in model.probabilities(clauses, shared_encoder().encode(clauses)):
            intent = int(np.argmax(row))
            sure = float(row[together[intent]].sum())
            served = together[best, intent] or together[intent, best]
            if sure >= self._config["also_threshold"] and not served and directory.find(model.intents[intent]):
                found.append((sure, model.intents[intent]))
        return max(found)[1] if found else None

    def _answers_together(self, model: IntentModel) -> NDArray[np.bool_]:
        """Boolean matrix: [i, j] is True when the answer to intent i also serves a person who meant intent j."""
        if self._together is None:
            directory = load_directory(Path(self._config["directory"]))
            answers = [directory.services_in_answer(intent) for intent in model.intents]
            size = len(model.intents)
            self._together = np.eye(size, dtype=bool)
            for i in range(size):
                for j in range(size):
                    if i != j and answers[j] and answers[j][0] in answers[i]:
                        self._together[i, j] = True
        return self._together


def _sentence_vector(message: Message) -> FloatArray:
    """The vector that SentenceFeaturizer put on the message. Raises ValueError when config.yml leaves it out."""
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise ValueError("StaffIntentClassifier needs SentenceFeaturizer before it in config.yml")
    vector: FloatArray = sentence.features[0]
    return vector
