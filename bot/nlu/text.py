"""Text as the classifier reads it, and how a long message is cut into parts."""

from __future__ import annotations

import itertools
import re
import unicodedata

_SPACES = re.compile(r"\s+")
_REPEATS = re.compile(r"(\w)\1{2,}")
_SENTENCE_END = re.compile(
    r"(?<=[.!?;\n])\s+|\s+(?=but |and also |plus |also )|,\s+(?=i |im |i'm |my |can |what |who |how )"
)
LONG_MESSAGE_WORDS = 22
_CLAUSE_END = re.compile(r"[.!?;,\n]+\s*|\s+(?:and|plus|also|but|&)\s+")
MOST_CLAUSES = 6


def normalise(text: str) -> str:
    """Lower case, straight quotes, no letter more than twice in a row, single spaces."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'").lower()
    return _SPACES.sub(" ", _REPEATS.sub(r"\1\1", text)).strip()


def parts_of(text: str, max_parts: int = 24) -> list[str]:
    """The whole text first and, when it is long, its sentences and pairs of neighbouring sentences after it."""
    words = text.split()
    if len(words) <= LONG_MESSAGE_WORDS:
        return [text]
    sentences = [part.strip() for part in _SENTENCE_END.split(text) if len(part.split()) >= 3]
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(sentences)]
    return list(dict.fromkeys([text, *(sentences + pairs)[:max_parts]]))


def clauses_of(text: str) -> list[str]:
    """The clauses of a message that names several things, three words or more each; none when it is a single one."""
    clauses = [clause.strip() for clause in _CLAUSE_END.split(text) if len(clause.split()) >= 3]
    return clauses[:MOST_CLAUSES] if len(clauses) > 1 else []
