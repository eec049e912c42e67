"""The guided finder: who is it for, what is it about, and then the service. Choices only, so it works on every channel."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from actions.compose import Composer, load_composer
from bot.directory import Directory, Strict
from bot.reply import Choice, Reply
from bot.safe_answers import FIND, HELP_NOW, MENU
from bot.yaml_files import DataFileError, line_of, problem, read_yaml, validated


class About(Strict):
    """What it is about, in a person's words, and the service or topic that this leads to."""

    label: str
    to: str


class Who(Strict):
    """Who it is for."""

    id: Annotated[str, Field(pattern=r"^find-[a-z]+$")]
    label: str
    about: Annotated[list[About], Field(min_length=1, max_length=16)]


class FinderFile(Strict):
    finder: Annotated[list[Who], Field(min_length=1)]


def finder_reply(composer: Composer, finder: Mapping[str, Who], intent: str) -> Reply:
    """The finder's step for `intent`: 'find' asks who it is for, 'find-...' what it is about."""
    who = finder.get(intent)
    if who is None:
        choices = [Choice(label=one.label, payload=f"/{one.id}") for one in finder.values()]
        paragraphs = composer.wording.paragraphs("find")
        return Reply(paragraphs=paragraphs, choices=[*choices, MENU, HELP_NOW], answers=["find"])
    choices = [Choice(label=about.label, payload=f"/{about.to}") for about in who.about]
    back = FIND.model_copy(update={"label": "Someone else"})
    paragraphs = composer.wording.paragraphs("find:about")
    return Reply(paragraphs=paragraphs, choices=[*choices, back, MENU, HELP_NOW], answers=["find", intent])


@functools.lru_cache(maxsize=4)
def load_finder(data: Path) -> Mapping[str, Who]:
    """Read data/finder.yml, by id. Raises DataFileError when it leads to what is not in the directory."""
    file = data / "finder.yml"
    root = read_yaml(file)
    read = validated(FinderFile, root, file, root, [])
    directory: Directory = load_composer(data).directory
    problems = [
        problem(
            file,
            line_of(root, ["finder", place, "about", at]),
            f"'{about.to}' is no service or topic",
            "use the id of a service, or of a service and a topic such as eap-personal-money",
        )
        for place, who in enumerate(read.finder)
        for at, about in enumerate(who.about)
        if directory.find(about.to) is None
    ]
    if problems:
        raise DataFileError(problems)
    return {who.id: who for who in read.finder}
