"""Text as the safety part reads it: plain lower-case words in sentences, whatever was done to the letters."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"(?<=[.!?;\u2026])\s+|[\r\n]+")
_NOT_WORDS = re.compile(r"[^a-z0-9 ]+")
_REPEATS = re.compile(r"(.)\1{2,}")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff'\u2019\u2018`\u00b4]")
_LOOK_ALIKE = str.maketrans("@$!|013457\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456", "asiioieastaeopcyxi")
_SPLIT_SELF = re.compile(r"\b(my|your|him|her|them) (self|selves)\b(?! harm| injur)")
_SPACED_OUT = re.compile(r"\b(?:[a-z] ){3,}[a-z]\b")
LONGEST_UNIT = 26
MANY_WORDS = 10


@dataclass(frozen=True)
class PlainText:
    """`words` in order; `sentence_of[i]` is the number of the sentence that word i stands in."""

    words: list[str]
    sentence_of: list[int]

    @property
    def sentences(self) -> list[list[str]]:
        found: list[list[str]] = []
        last = -1
        for word, number in zip(self.words, self.sentence_of, strict=True):
            if number != last:
                found.append([])
                last = number
            found[-1].append(word)
        return found

    def units(self) -> list[str]:
        """What the classifier reads: each sentence, and each pair of neighbours, so that text added elsewhere changes neither.

        A run-on of more than 26 words is cut into overlapping stretches. What only repeats itself is read once: the classifier has
        learnt from nothing like it.
        """
        pieces = [piece for sentence in self.sentences for piece in _stretches(sentence)]
        joined = [" ".join(_said_once(piece)) for piece in pieces]
        pairs = [f"{one} {two}" for one, two in itertools.pairwise(joined) if set(one.split()) != set(two.split())]
        return list(dict.fromkeys(joined + pairs))


def _said_once(words: list[str]) -> list[str]:
    """`words` without repeats, where more than half of many are repeats."""
    once = list(dict.fromkeys(words))
    return once if len(words) >= MANY_WORDS and len(once) < len(words) / 2 else words


def _stretches(sentence: list[str]) -> list[list[str]]:
    if len(sentence) <= LONGEST_UNIT:
        return [sentence]
    step = LONGEST_UNIT // 2
    starts = range(0, len(sentence) - step, step)
    return [sentence[start : start + LONGEST_UNIT] for start in starts]


class PlainReader:
    """Reads text into plain words. `vocabulary` are the words of the patterns; `key_words` are those mended when misspelt."""

    def __init__(self, vocabulary: Iterable[str], key_words: Iterable[str], spellings: Mapping[str, str]) -> None:
        self._vocabulary = set(vocabulary)
        self._spellings = dict(spellings)
        self._near: dict[str, str] = {}
        for word in key_words:
            for variant in _one_letter_less(word):
                self._near.setdefault(variant, word)
        self._key_words = set(key_words)

    def read(self, text: str) -> PlainText:
        """The plain words of `text`. Never raises; cost grows in line with the length."""
        text = _UNSEEN.sub("", unicodedata.normalize("NFKD", text).lower())
        text = "".join(character for character in text if not unicodedata.combining(character))
        words: list[str] = []
        sentence_of: list[int] = []
        for number, sentence in enumerate(_SENTENCE_END.split(text)):
            for word in self._words(sentence):
                words.append(word)
                sentence_of.append(number)
        return PlainText(words, sentence_of)

    def _words(self, sentence: str) -> list[str]:
        sentence = " ".join(_without_look_alikes(word) for word in sentence.split())
        sentence = _REPEATS.sub(r"\1", _NOT_WORDS.sub(" ", sentence))
        sentence = _SPLIT_SELF.sub(r"\1\2", " ".join(sentence.split()))
        sentence = _SPACED_OUT.sub(lambda found: self._parted(found.group().replace(" ", "")), sentence)
        found: list[str] = []
        for word in sentence.split():
            found += self._mended(word).split()
        return found

    def _mended(self, word: str) -> str:
        """A known misspelling, or a word one letter away from a key word, as that word."""
        if word in self._spellings:
            return self._spellings[word]
        if word in self._vocabulary or len(word) < 5:
            return word
        near = self._near.get(word)
        if near is None:
            near = next((self._near[less] for less in _one_letter_less(word) if less in self._near), None)
        return word if near is None or near[0] != word[0] else near

    def _parted(self, letters: str) -> str:
        """`killmyself` as `kill myself` when the patterns' words make it up; else as it is."""
        best: list[list[str] | None] = [[], *([None] * len(letters))]
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 14), end):
                before = best[start]
                word = letters[start:end]
                if before is None or (word not in self._vocabulary and word not in ("i", "a")):
                    continue
                now = best[end]
                if now is None or len(before) + 1 < len(now):
                    best[end] = [*before, word]
        return " ".join(best[-1]) if best[-1] else letters


def _without_look_alikes(word: str) -> str:
    """`k1ll` as `kill`; a word without letters, and marks that end a word, stay what they are."""
    if (word.isascii() and word.isalpha()) or not any(character.isalpha() for character in word):
        return word
    core = word.rstrip("!|.,?;:")
    return core.translate(_LOOK_ALIKE) + " " * (len(core) < len(word))


def _one_letter_less(word: str) -> list[str]:
    """The word itself and each form of it that lacks one letter: two words that share a form are about one letter apart."""
    return [word, *(word[:index] + word[index + 1 :] for index in range(len(word)))] if len(word) >= 5 else [word]
