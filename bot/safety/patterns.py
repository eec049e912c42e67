"""Lines of words that a clinical lead can read, as spaCy token patterns, found in time that grows in line with the text.

In a line, `a|b` is either word, `a|` may be absent, `<kill>` is a word in all the forms that the file gives it, and `*` is up to
three words of any kind. spaCy's Matcher tries every pattern at every word; here a pattern is only tried near its rarest word,
because 2,000 characters took 22 ms otherwise (bench/safety.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

GAP_WORDS = 3
_FORMS = re.compile(r"<([a-z_-]+)>")


class PatternError(ValueError):
    """A line that cannot be a pattern; the text says why."""


@dataclass(frozen=True)
class Match:
    """A pattern with `label` matches words start to end (end not included)."""

    label: str
    start: int
    end: int

    def overlaps(self, other: Match) -> bool:
        return self.start < other.end and other.start < self.end


def with_forms(line: str, forms: Mapping[str, Sequence[str]]) -> str:
    """`line` with each <name> replaced by the forms of that word. Raises PatternError when there is none."""

    def expand(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in forms:
            raise PatternError(f"<{name}> is not among the forms")
        return "|".join(forms[name])

    return _FORMS.sub(expand, line)


def token_pattern(line: str) -> list[dict[str, Any]]:
    """A line as a spaCy token pattern. Raises PatternError when no word of it is required."""
    tokens: list[dict[str, Any]] = []
    for word in line.split():
        if word == "*":
            tokens += [{"OP": "?"}] * GAP_WORDS
            continue
        token: dict[str, Any] = {"ORTH": {"IN": [part for part in word.split("|") if part]}}
        if word.endswith("|"):
            token["OP"] = "?"
        tokens.append(token)
    if not any("OP" not in token for token in tokens):
        raise PatternError("no word of the line has to be there")
    return tokens


@dataclass(frozen=True)
class _Compiled:
    label: str
    length: int
    required: list[frozenset[str]]
    matcher: Matcher


class PatternSet:
    """Compiled lines. `find` gives every match."""

    def __init__(self, nlp: spacy.language.Language, lines: Iterable[tuple[str, str]]) -> None:
        self._nlp = nlp
        self._patterns: list[_Compiled] = []
        self._slots: dict[str, list[tuple[int, int]]] = {}
        for label, line in lines:
            self._add(label, token_pattern(line))

    @property
    def words(self) -> set[str]:
        return set(self._slots)

    def _add(self, label: str, tokens: list[dict[str, Any]]) -> None:
        matcher = Matcher(self._nlp.vocab)
        matcher.add(label, [tokens], greedy="LONGEST")
        required = [frozenset(token["ORTH"]["IN"]) for token in tokens if "OP" not in token]
        index = len(self._patterns)
        self._patterns.append(_Compiled(label, len(tokens), required, matcher))
        for slot, choices in enumerate(required):
            for word in choices:
                self._slots.setdefault(word, []).append((index, slot))

    def find(self, doc: Doc, places: Mapping[str, Sequence[int]]) -> list[Match]:
        """Every match in `doc`; `places` says at which positions each word stands."""
        seen: dict[int, dict[int, list[int]]] = {}
        for word, positions in places.items():
            for index, slot in self._slots.get(word, ()):
                seen.setdefault(index, {}).setdefault(slot, []).extend(positions)
        found: list[Match] = []
        for index, slots in seen.items():
            pattern = self._patterns[index]
            if len(slots) == len(pattern.required):
                rarest = min(slots.values(), key=len)
                for start, end in _around(rarest, pattern.length, len(doc)):
                    for _, begin, stop in pattern.matcher(doc[start:end]):
                        found.append(Match(pattern.label, start + begin, start + stop))
        return found


def _around(positions: list[int], reach: int, length: int) -> list[tuple[int, int]]:
    """Stretches that hold `reach` words on each side of the positions, merged where they overlap."""
    stretches: list[tuple[int, int]] = []
    for position in sorted(positions):
        start, end = max(0, position - reach), min(length, position + reach + 1)
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches


def places_of(words: Sequence[str]) -> dict[str, list[int]]:
    """Each word and the positions at which it stands."""
    places: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        places.setdefault(word, []).append(position)
    return places
