"""The words and patterns of data/safety, checked when they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.safety.patterns import PatternError, token_pattern, with_forms
from bot.safety.risk import Kind, Subject
from bot.yaml_files import DataFileError, line_of, problem, read_yaml, validated

Strength = Literal["emergency", "high", "likely", "concern", "mention"]
Signs = dict[Kind, dict[Strength, list[str]]]
Chance = Annotated[float, Field(gt=0, lt=1)]


class RiskWords(BaseModel):
    """What data/safety/risk.yml and its Welsh companion hold."""

    model_config = ConfigDict(extra="forbid")
    forms: dict[str, list[str]] = {}
    writer: Signs
    other: Signs
    not_a_sign: list[str]
    reassurance: list[str] = []
    not_reassurance: list[str] = []
    subjects: dict[Subject, list[str]] = {}
    now: list[str] = []
    negation: set[str] = set()
    not_negated_by: set[str] = set()
    often_misspelt: list[str] = []
    spellings: dict[str, str] = {}
    sure: Chance = 0.9
    in_doubt: Chance = 0.6
    mentioned: Chance = 0.25
    ruled_out: Chance = 0.005

    def signs(self) -> Iterator[tuple[str, str]]:
        """(label, line) of each sign; the label is person, kind and level."""
        for person, kinds in (("self", self.writer), ("other", self.other)):
            for kind, levels in kinds.items():
                for level, lines in levels.items():
                    for line in lines:
                        yield f"{person} {kind.value} {level}", line


FILES = ("risk.yml", "risk-cymraeg.yml")


def read_words(data: Path) -> RiskWords:
    """The words of data/safety, in both languages. Raises DataFileError with file, line and cure when one is wrong."""
    found = [_read(data / "safety" / name) for name in FILES]
    joined = found[0]
    for more in found[1:]:
        joined = joined.model_copy(
            update={
                "forms": {**joined.forms, **more.forms},
                "writer": _together(joined.writer, more.writer),
                "other": _together(joined.other, more.other),
                "not_a_sign": [*joined.not_a_sign, *more.not_a_sign],
                "reassurance": [*joined.reassurance, *more.reassurance],
                "subjects": {
                    subject: [*phrases, *more.subjects.get(subject, [])] for subject, phrases in joined.subjects.items()
                },
            }
        )
    return joined


def _together(one: Signs, other: Signs) -> Signs:
    kinds = list(dict.fromkeys([*one, *other]))
    return {
        kind: {
            level: [*one.get(kind, {}).get(level, []), *other.get(kind, {}).get(level, [])]
            for level in dict.fromkeys([*one.get(kind, {}), *other.get(kind, {})])
        }
        for kind in kinds
    }


def _read(file: Path) -> RiskWords:
    root = read_yaml(file)
    words = validated(RiskWords, root, file, root, [])
    problems = []
    for path, line in _lines(words):
        try:
            token_pattern(with_forms(line, words.forms))
        except PatternError as error:
            where = line_of(root, path)
            problems.append(problem(file, where, f"'{line}' is not a pattern: {error}", "correct the line"))
    if problems:
        raise DataFileError(problems)
    return words


def _lines(words: RiskWords) -> Iterator[tuple[list[str | int], str]]:
    for name, kinds in (("writer", words.writer), ("other", words.other)):
        for kind, levels in kinds.items():
            for level, lines in levels.items():
                for index, line in enumerate(lines):
                    yield [name, kind.value, level, index], line
    for name, plain_lines in (
        ("not_a_sign", words.not_a_sign),
        ("reassurance", words.reassurance),
        ("not_reassurance", words.not_reassurance),
    ):
        for index, line in enumerate(plain_lines):
            yield [name, index], line
