"""Measures understanding on the sentences of tests/understanding, which are never trained on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.conversation import Message
from bot.yaml_files import read_yaml, validated
from cli.service import Service


class Example(BaseModel):
    """A sentence, and the ids of which at least one must be in the reply."""

    model_config = ConfigDict(extra="forbid")
    text: str
    accept: list[str]


@dataclass
class Result:
    """How many reached an acceptable answer, overall and by what was expected."""

    right: int = 0
    total: int = 0
    clarified: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        return self.right / self.total if self.total else 0.0

    def as_text(self, worst: int = 12) -> str:
        lines = [
            f"{self.right} of {self.total} sentences reached an acceptable answer: {self.accuracy:.1%}",
            f"of the others, {self.clarified} were asked to choose between likely needs",
            "",
            "Confused most often (expected -> answered):",
            *(f"  {count:3}  {wanted} -> {got}" for (wanted, got), count in self.confused.most_common(worst)),
            "",
            "Worst (missed of asked):",
            *(f"  {self.missed[name]:3} of {self.asked[name]:3}  {name}" for name, _ in self.missed.most_common(worst)),
        ]
        return "\n".join(lines)


def read_examples(folder: Path) -> list[Example]:
    """All sentences of the folder. Raises DataFileError when a file is wrong."""
    examples = []
    for file in sorted(folder.glob("*.yml")):
        root = read_yaml(file)
        examples += [validated(Example, entry, file, root, [index]) for index, entry in enumerate(root)]
    return examples


def evaluate_understanding(service: Service, folder: Path) -> Result:
    """Put each sentence to the live conversation, in a session of its own."""
    result = Result()
    for example in read_examples(folder):
        token, session = service.sessions.create()
        outcome = service.conversation.receive(session, Message(text=example.text))
        service.conversation.forget(session)
        service.sessions.forget(token)
        wanted = example.accept[0]
        answers = outcome.reply.answers
        result.total += 1
        result.asked[wanted] += 1
        if set(answers) & set(example.accept):
            result.right += 1
            continue
        got = answers[0] if answers else "nothing"
        result.clarified += got == "clarify"
        result.missed[wanted] += 1
        result.confused[(wanted, got)] += 1
        result.wrong.append((example.text, wanted, got))
    return result
