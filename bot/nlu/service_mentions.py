"""Rasa graph component: services that a message names, by the aliases of the directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher

from bot.directory import Directory, load_directory

MENTION = "service_mention"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ServiceMentions(GraphComponent, EntityExtractorMixin):
    """Adds an entity `service_mention` whose value is the service id; the longest alias wins."""

    def __init__(self, directory: Directory) -> None:
        self._nlp = spacy.blank("en")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        for service in directory.services.values():
            phrases = [service.name, *service.aliases]
            self._matcher.add(service.id, [self._nlp.make_doc(phrase) for phrase in phrases])

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
    ) -> ServiceMentions:
        return cls(load_directory(Path(config["directory"])))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            doc = self._nlp.make_doc(text)
            spans = spacy.util.filter_spans(self._matcher(doc, as_spans=True))
            found = [
                {"entity": MENTION, "value": span.label_, "start": span.start_char, "end": span.end_char}
                for span in spans
            ]
            if found:
                message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages
