"""`assess(text) -> Risk`, decided from the words alone by spaCy matchers over the patterns in data/safety/risk.yml."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc

from bot.yaml_files import DataFileError, plain, problem, read_yaml

GAP_WORDS = 3
WINDOW_WORDS = 400
_NOT_WORDS = re.compile(r"[^a-z0-9 ]+")
_REPEATS = re.compile(r"(.)\1{2,}")
_LOOK_ALIKE = str.maketrans("@$!|013457\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456", "asiioieastaeopcyxi")
_SPLIT_SELF = re.compile(r"\b(my|your|him|her|them) self\b(?! harm| injur)")
_SPACED_OUT = re.compile(r"\b(?:[a-z] ){3,}[a-z]\b")


class RiskLevel(StrEnum):
    NONE = "none"
    CONCERN = "concern"
    HIGH = "high"
    EMERGENCY = "emergency"


class Subject(StrEnum):
    """Who may be in danger."""

    SELF = "self"
    COLLEAGUE = "colleague"
    CUSTODY = "custody"
    PROBATION = "probation"
    FAMILY = "family"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Risk:
    level: RiskLevel = RiskLevel.NONE
    subject: Subject = Subject.UNKNOWN
    kind: str | None = None

    @property
    def found(self) -> bool:
        return self.level is not RiskLevel.NONE


NO_RISK = Risk()


def _without_look_alikes(word: str) -> str:
    """`k1ll` as `kill`; a word without letters, and marks that end a word, stay what they are."""
    if not any(character.isalpha() for character in word):
        return word
    core = word.rstrip("!|.,?")
    return core.translate(_LOOK_ALIKE) + word[len(core) :]


def plain_words(text: str) -> str:
    """Lower-case words without apostrophes, marks, emoji, or letters three times in a row."""
    text = unicodedata.normalize("NFKD", text).lower().replace("'", "").replace("\u2019", "")
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = " ".join(_without_look_alikes(word) for word in text.split())
    text = _REPEATS.sub(r"\1", _NOT_WORDS.sub(" ", text))
    text = _SPLIT_SELF.sub(r"\1self", " ".join(text.split()))
    return _SPACED_OUT.sub(lambda found: found.group().replace(" ", ""), text)


def token_pattern(pattern: str) -> list[dict[str, Any]]:
    """A line of the patterns file as a spaCy token pattern."""
    tokens: list[dict[str, Any]] = []
    for word in pattern.split():
        if word == "*":
            tokens += [{"OP": "?"}] * GAP_WORDS
            continue
        words = [part for part in word.split("|") if part]
        token: dict[str, Any] = {"LOWER": {"IN": words}}
        if word.endswith("|"):
            token["OP"] = "?"
        tokens.append(token)
    return tokens


class Assessor:
    """Holds the compiled patterns. `assess` is deterministic and never raises on any text."""

    def __init__(self, patterns: dict[str, Any]) -> None:
        self._nlp = spacy.blank("en")
        self._signs = Matcher(self._nlp.vocab)
        for person in ("self", "other"):
            for kind, levels in patterns[person].items():
                for level, lines in levels.items():
                    self._signs.add(f"{person} {kind} {level}", [token_pattern(line) for line in lines])
        self._not_signs = Matcher(self._nlp.vocab)
        self._not_signs.add("not_a_sign", [token_pattern(line) for line in patterns["not_a_sign"]])
        self._subjects = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._subject_order = list(patterns["subjects"])
        for subject, phrases in patterns["subjects"].items():
            self._subjects.add(subject, [self._words(plain_words(phrase)) for phrase in phrases])

    def _words(self, words: str) -> Doc:
        return Doc(self._nlp.vocab, words=words.split() or [" "])

    def assess(self, text: str) -> Risk:
        """The risk that `text` speaks of."""
        doc = self._words(plain_words(text))
        harmless = [(start, end) for _, start, end in self._not_signs(doc)]
        signs: list[tuple[str, str, str]] = []
        for key, start, end in self._signs(doc):
            if any(start < stop and begin < end for begin, stop in harmless):
                continue
            person, kind, level = self._nlp.vocab.strings[key].split(" ")
            signs.append((person, kind, level))
        if not signs:
            return NO_RISK
        subject = self._named_subject(doc)
        about_writer = [sign for sign in signs if sign[0] == "self"]
        about_other = [sign for sign in signs if sign[0] == "other"]
        writer_words = {"i", "im", "ive", "myself", "me", "my", "id"} & {token.lower_ for token in doc}
        if about_other and (subject is not Subject.UNKNOWN or not about_writer):
            chosen = about_other[0]
            if subject is Subject.UNKNOWN and writer_words and not self._speaks_of_another(doc):
                subject = Subject.SELF
        else:
            chosen = about_writer[0] if about_writer else signs[0]
            subject = subject if subject is not Subject.UNKNOWN and self._speaks_of_another(doc) else Subject.SELF
        return Risk(RiskLevel(chosen[2]), subject, chosen[1])

    def _speaks_of_another(self, doc: Doc) -> bool:
        others = {"he", "she", "hes", "shes", "his", "her", "him", "himself", "herself", "they", "theyre", "themselves"}
        return bool(others & {token.lower_ for token in doc})

    def _named_subject(self, doc: Doc) -> Subject:
        named = {self._nlp.vocab.strings[key] for key, _, _ in self._subjects(doc)}
        for subject in self._subject_order:
            if subject in named:
                return Subject(subject)
        return Subject.UNKNOWN


@functools.lru_cache(maxsize=4)
def load_assessor(data: Path) -> Assessor:
    """The assessor for the patterns in `data/safety/risk.yml`. Raises DataFileError when the file is wrong."""
    file = data / "safety" / "risk.yml"
    patterns = plain(read_yaml(file))
    missing = {"self", "other", "not_a_sign", "subjects"} - set(patterns or {})
    if missing:
        what = f"there is no '{sorted(missing)[0]}'"
        raise DataFileError([problem(file, 1, what, "put that part back from version control")])
    unknown = set(patterns["subjects"]) - {subject.value for subject in Subject}
    if unknown:
        what = f"unknown subject '{sorted(unknown)[0]}'"
        raise DataFileError([problem(file, 1, what, "use family, colleague, probation or custody")])
    return Assessor(patterns)
