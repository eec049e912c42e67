"""`assess(text) -> Risk`: signs in the words, and a classifier for what no pattern foresaw, joined by one rule.

The rule: the most urgent sign that stands decides; where no sign stands, the classifier may say `high` when it is sure and
`concern` when it is in doubt. `not_a_sign` lines explain away a sign; a sign that the classifier rules out is still a `concern`,
unless its line is only `likely` or a `mention`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.tokens import Doc

from bot.nlu.encoder import FloatArray
from bot.safety.classifier import FILE, Reading, SignClassifier
from bot.safety.encoder import risk_encoder
from bot.safety.once import RecentRisks
from bot.safety.patterns import Match, PatternSet, places_of, with_forms
from bot.safety.risk import LEVELS, NO_RISK, Kind, Risk, RiskLevel, Subject
from bot.safety.text import LONGEST_UNIT, PlainReader, PlainText
from bot.safety.wordlist import RiskWords, read_words

logger = logging.getLogger("handrail.safety")
OTHERS = {"he", "she", "hes", "shes", "his", "her", "him", "himself", "herself", "they", "theyre", "themselves", "them", "their"}  # fmt: skip
WRITER = {"i", "im", "ive", "myself", "me", "id", "ill", "fi", "dwi"}
NEGATION_REACH = 3
ABOUT_ONESELF = {"me", "myself", "mine", "its me", "about me", "its about me", "im the one", "it is me", "me mate"}


@dataclass(frozen=True)
class Sign:
    """A pattern that stands: about the writer or another, its kind and level."""

    about_writer: bool
    kind: Kind
    level: RiskLevel


class Assessor:
    """Holds the compiled patterns and the classifier. `assess` is deterministic and never raises on any text."""

    def __init__(
        self,
        words: RiskWords,
        classifier: SignClassifier | None = None,
        encode: Callable[[Sequence[str]], FloatArray] | None = None,
    ) -> None:
        self._nlp = spacy.blank("en")
        forms = words.forms
        signs = [(label, with_forms(line, forms)) for label, line in words.signs()]
        excuses = [("not", with_forms(line, forms)) for line in words.not_a_sign]
        calming = [("calm", with_forms(line, forms)) for line in words.reassurance]
        calming += [("not", with_forms(line, forms)) for line in words.not_reassurance]
        self._signs = PatternSet(self._nlp, signs)
        self._excuses = PatternSet(self._nlp, excuses)
        self._calming = PatternSet(self._nlp, calming)
        vocabulary = self._signs.words | self._excuses.words
        self.reader = PlainReader(vocabulary, words.often_misspelt, words.spellings)
        self._subjects = PatternSet(
            self._nlp, [(name, phrase) for name, phrases in words.subjects.items() for phrase in phrases]
        )
        self._subject_order = list(words.subjects)
        self._words = words
        self._classifier = classifier
        self._encode = encode
        self._recent = RecentRisks()
        self._failures = 0

    def assess_once(self, text: str) -> Risk:
        """As `assess`, without reading again a text that was just read."""
        key = self._recent.key_of(text)
        found = self._recent.get(key)
        if found is None:
            failures = self._failures
            found = self.assess(text)
            if failures == self._failures:
                self._recent.keep(key, found)
        return found

    def assess(self, text: str) -> Risk:
        """The risk that `text` speaks of."""
        plain = self.reader.read(text)
        if not plain.words:
            return NO_RISK
        doc = self._doc(plain)
        places = places_of(plain.words)
        reading = self._read(plain)
        excuses = self._excused(doc, places, plain)
        signs = self._standing(doc, places, plain, reading, excuses)
        if reading and excuses and reading.kind is Kind.ASSAULT:
            reading = None  # an incident that is told as over needs support after it, not an alarm
        level = max((sign.level for sign in signs), key=LEVELS.index, default=RiskLevel.NONE)
        if reading:
            level = max(level, self._level_of(reading), key=LEVELS.index)
        if level is RiskLevel.NONE:
            return NO_RISK
        kind = self._kind(signs, reading)
        subject = self._subject(signs, reading, plain, doc)
        return Risk(level, subject, kind)

    def chance(self, text: str) -> float:
        """The chance of risk that the classifier alone gives `text`, 0 to 1; 0 without a classifier."""
        reading = self._read(self.reader.read(text))
        return reading.risk if reading else 0.0

    def sign_in_words(self, text: str) -> bool:
        """Whether a pattern stands in `text`, whatever the classifier says."""
        plain = self.reader.read(text)
        doc, places = self._doc(plain), places_of(plain.words)
        return bool(self._standing(doc, places, plain, None, self._excused(doc, places, plain)))

    def reassures(self, text: str) -> bool | None:
        """Whether `text` says that all is well, as people do after being asked; False when it says the opposite, else None."""
        plain = self.reader.read(text)
        found = {match.label for match in self._calming.find(self._doc(plain), places_of(plain.words))}
        if not found or len(plain.words) > 12:
            return None
        return found == {"calm"}

    def names_subject(self, text: str) -> Subject:
        """Whom a short answer to "who is it about?" names; UNKNOWN when it names nobody."""
        plain = self.reader.read(text)
        if len(plain.words) > 12:
            return Subject.UNKNOWN
        if " ".join(plain.words) in ABOUT_ONESELF:
            return Subject.SELF
        return self._named(self._doc(plain), places_of(plain.words))

    def _doc(self, plain: PlainText) -> Doc:
        return Doc(self._nlp.vocab, words=plain.words or [" "])

    def _read(self, plain: PlainText) -> Reading | None:
        if self._classifier is None or self._encode is None:
            return None
        units = plain.units()
        try:
            return self._classifier.read(units, self._encode(units))
        except Exception as error:  # the patterns alone still answer
            self._failures += 1
            logger.error("risk_classifier_failed kind=%s", type(error).__name__)
            return None

    def _level_of(self, reading: Reading) -> RiskLevel:
        if reading.risk >= self._words.sure:
            return RiskLevel.HIGH
        return RiskLevel.CONCERN if reading.risk >= self._words.in_doubt else RiskLevel.NONE

    def _excused(self, doc: Doc, places: dict[str, list[int]], plain: PlainText) -> list[Match]:
        """Where `not_a_sign` lines stand, each within one sentence."""
        found = self._excuses.find(doc, places)
        return [one for one in found if plain.sentence_of[one.start] == plain.sentence_of[one.end - 1]]

    def _standing(
        self,
        doc: Doc,
        places: dict[str, list[int]],
        plain: PlainText,
        reading: Reading | None,
        excuses: Sequence[Match],
    ) -> list[Sign]:
        """The signs that no `not_a_sign` line explains; one that is denied ("not going to kill myself") is a concern.

        So is one that the classifier rules out where it stands, unless its line is only `likely`: then it does not stand. A mere mention
        stands only where the classifier leaves room for it. Without a classifier all stand.
        """
        signs = []
        for match in self._signs.find(doc, places):
            if any(match.overlaps(excuse) for excuse in excuses):
                continue
            person, kind, strength = match.label.split(" ")
            chance = reading.risk_of(" ".join(plain.words[match.start : match.end])) if reading else 1.0
            ruled_out = self._ruled_out(chance, match, plain)
            if (strength == "mention" and chance < self._words.mentioned) or (strength == "likely" and ruled_out):
                continue
            weak = strength in ("mention", "likely")
            found = RiskLevel.HIGH if weak else RiskLevel(strength)
            if self._denied(match, plain) or ruled_out or (weak and chance < self._words.in_doubt):
                found = RiskLevel.CONCERN
            elif found is RiskLevel.HIGH and self._now(match, plain):
                found = RiskLevel.EMERGENCY
            signs.append(Sign(person == "self", Kind(kind), found))
        return signs

    def _ruled_out(self, chance: float, match: Match, plain: PlainText) -> bool:
        """Whether the classifier sees no danger; in a run-on it may not see a few words among many, so there it rules out nothing."""
        length = plain.sentence_of.count(plain.sentence_of[match.start])
        return chance < self._words.ruled_out and length <= LONGEST_UNIT

    def _denied(self, match: Match, plain: PlainText) -> bool:
        sentence = plain.sentence_of[match.start]
        start = max(0, match.start - NEGATION_REACH)
        before = [
            word
            for word, number in zip(
                plain.words[start : match.start], plain.sentence_of[start : match.start], strict=True
            )
            if number == sentence
        ]
        return bool(self._words.negation & set(before)) and not (self._words.not_negated_by & set(before))

    def _now(self, match: Match, plain: PlainText) -> bool:
        sentence = plain.sentence_of[match.start]
        around = " ".join(
            word for word, number in zip(plain.words, plain.sentence_of, strict=True) if number == sentence
        )
        padded = f" {around} "
        return any(f" {phrase} " in padded for phrase in self._words.now)

    def _kind(self, signs: list[Sign], reading: Reading | None) -> Kind:
        if signs:
            most = max(signs, key=lambda sign: LEVELS.index(sign.level))
            alike = {sign.kind for sign in signs if sign.level is most.level}
            if reading and len(alike) > 1:
                return Kind(max(alike, key=lambda kind: (reading.kinds.get(kind.value, 0), kind.value)))
            return most.kind
        assert reading is not None
        return reading.kind

    def _subject(self, signs: list[Sign], reading: Reading | None, plain: PlainText, doc: Doc) -> Subject:
        """Who is in danger: words that name somebody first, then the classifier, then how the signs were put."""
        present = set(plain.words)
        named = self._named(doc, places_of(plain.words))
        of_another = bool(OTHERS & present)
        about_writer = [sign for sign in signs if sign.about_writer]
        about_other = [sign for sign in signs if not sign.about_writer]
        if reading:
            chances = dict(reading.subjects)
            if named is not Subject.UNKNOWN:
                chances[named.value] = chances.get(named.value, 0) + (0.55 if of_another or about_other else 0.2)
            if about_writer and not about_other:
                chances["self"] = chances.get("self", 0) + 0.35
            if about_other and not about_writer:
                chances["self"] = chances.get("self", 0) * 0.3
            if not of_another and not about_other and WRITER & present:
                chances["self"] = chances.get("self", 0) + 0.2
            return Subject(max(chances, key=lambda name: chances[name]))
        if about_other and (named is not Subject.UNKNOWN or not about_writer):
            if named is Subject.UNKNOWN and WRITER & present and not of_another:
                return Subject.SELF
            return named
        return named if named is not Subject.UNKNOWN and of_another else Subject.SELF

    def _named(self, doc: Doc, places: dict[str, list[int]]) -> Subject:
        named = {match.label for match in self._subjects.find(doc, places)}
        return next((Subject(name) for name in self._subject_order if name in named), Subject.UNKNOWN)


@functools.lru_cache(maxsize=4)
def load_assessor(data: Path) -> Assessor:
    """The assessor of data/safety. Raises DataFileError when a pattern file is wrong.

    Without a readable classifier or encoder it works from the patterns alone, and says so once in the log.
    """
    words = read_words(data)
    try:
        return Assessor(words, SignClassifier.load(data / "safety" / FILE), risk_encoder(data).encode)
    except Exception as error:
        logger.error("risk_classifier_missing kind=%s", type(error).__name__)
        return Assessor(words)
