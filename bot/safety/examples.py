"""Example sentences that a clinical lead can read and add to: what the classifier learns from, and what it is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from bot.safety.risk import Kind, RiskLevel, Subject
from bot.yaml_files import read_yaml, validated

EXAMPLES, ADDED = "examples", "added"
Tier = Literal["explicit", "oblique", "self-harm", "means", "past", "denial", "doubt"]
LookAlike = Literal[
    "idiom", "everyday", "policy", "news", "grief", "incident", "low-mood", "care-question", "fiction", "work-task"
]


class Group(BaseModel):
    """Sentences of one sort: either at risk (kind, subject, tier, level) or a look-alike."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind | None = None
    subject: Subject | None = None
    tier: Tier | None = None
    level: RiskLevel | None = None
    look_alike: LookAlike | None = None
    language: Literal["en", "cy"] = "en"
    examples: str

    @model_validator(mode="after")
    def one_sort(self) -> Group:
        at_risk = [self.kind, self.subject, self.tier, self.level]
        if (self.look_alike is None) != all(at_risk) or (self.look_alike and any(at_risk)):
            raise ValueError("give either look_alike, or all of kind, subject, tier and level")
        return self


@dataclass(frozen=True)
class Example:
    """One sentence and what is true of it."""

    text: str
    group: Group

    @property
    def at_risk(self) -> bool:
        return self.group.look_alike is None


def read_examples(folder: Path) -> list[Example]:
    """All sentences of the folder's YAML files. Raises DataFileError when one is wrong."""
    return [example for file in sorted(folder.glob("*.yml")) for example in read_example_file(file)]


def read_example_file(file: Path) -> list[Example]:
    """The sentences of one file. Raises DataFileError when it is wrong."""
    root = read_yaml(file)
    found = []
    for index, entry in enumerate(root):
        group = validated(Group, entry, file, root, [index])
        lines = [line.strip() for line in group.examples.splitlines()]
        found += [Example(line.removeprefix("- ").strip(), group) for line in lines if line.startswith("- ")]
    return found
