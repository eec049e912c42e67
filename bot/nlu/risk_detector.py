"""Rasa graph component: the safety assessment, so that Rasa's tools answer risk like the live service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.safety import load_assessor

RISK_INTENT = "at-risk"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskDetector(GraphComponent, IntentClassifier):
    """Sets the intent `at-risk` and the entities `risk_subject` and `risk_kind` on a message that shows risk. Comes last."""

    def __init__(self, data: Path) -> None:
        self._assessor = load_assessor(data)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"directory": "data"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RiskDetector:
        return cls(Path(config["directory"]))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            risk = self._assessor.assess(text)
            if not risk.found:
                continue
            message.set(INTENT, {"name": RISK_INTENT, "confidence": 1.0}, add_to_output=True)
            found = [{"entity": "risk_subject", "value": risk.subject.value, "start": 0, "end": len(text)}]
            if risk.kind:
                found.append({"entity": "risk_kind", "value": risk.kind, "start": 0, "end": len(text)})
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages
