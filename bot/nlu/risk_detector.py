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

from bot.safety import Subject, load_assessor

RISK_INTENT = "at-risk"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskDetector(GraphComponent, IntentClassifier):
    """Sets the entities `risk_level`, `risk_subject` and `risk_kind`, and for urgent risk the intent `at-risk`. Comes last.

    Also marks what may follow a risk answer: `reassurance` ("yes" for "I'm fine", "no" for "I'm not ok") and `about` (who is meant).
    """

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
            risk = self._assessor.assess_once(text)
            found: dict[str, str] = {}
            if risk.urgent:
                message.set(INTENT, {"name": RISK_INTENT, "confidence": 1.0}, add_to_output=True)
            if risk.found:
                found = {"risk_level": risk.level.value, "risk_subject": risk.subject.value}
                found["risk_kind"] = str(risk.kind)
            reassures = self._assessor.reassures(text)
            if not risk.urgent and reassures is not None:
                found["reassurance"] = "yes" if reassures else "no"
            about = self._assessor.names_subject(text)
            if about is not Subject.UNKNOWN:
                found["about"] = about.value
            if found:
                marks = [
                    {"entity": name, "value": value, "start": 0, "end": len(text)} for name, value in found.items()
                ]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *marks], add_to_output=True)
        return messages
