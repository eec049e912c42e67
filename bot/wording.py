"""The assistant's own sentences, from data/wording.yml."""

from __future__ import annotations

import functools
from pathlib import Path

from bot.yaml_files import DataFileError, line_of, plain, problem, read_yaml

REQUIRED = (
    "greeting", "thanks", "goodbye", "affirm", "deny", "helped", "not-helped", "menu", "restart", "out-of-scope", "clarify",
    "fallback", "fallback-again", "apology", "no-service", "question:privacy", "question:bot", "question:capabilities",
    "talk-to-human", "oh-or-eap", "find", "find:about", "risk:self", "risk:unknown", "risk:colleague", "risk:custody", "risk:probation",
    "risk:family", "risk:violence", "risk:medical", "risk:after",
    "telegram:kept", "telegram:intranet", "telegram:again", "telegram:commands", "telegram:erased", "telegram:stopped",
    "telegram:edited", "telegram:expired", "telegram:group", "telegram:slower", "telegram:broken", "telegram:sticker",
    "telegram:voice", "telegram:video", "telegram:photo", "telegram:file", "telegram:contact", "telegram:location",
    "telegram:other",
    "terminal:welcome", "terminal:number", "terminal:again", "terminal:erased", "terminal:left",
)  # fmt: skip


class Wording:
    """Looks up what is said, as paragraphs."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self._sentences = sentences

    def paragraphs(self, key: str) -> list[str]:
        """The paragraphs under `key`. Raises KeyError for a key that is not in the file."""
        return [" ".join(block.split()) for block in self._sentences[key].split("\n\n") if block.strip()]


@functools.lru_cache(maxsize=4)
def load_wording(data: Path) -> Wording:
    """Read data/wording.yml. Raises DataFileError when something that is needed is missing or empty."""
    file = data / "wording.yml"
    root = read_yaml(file)
    if not isinstance(root, dict):
        raise DataFileError([problem(file, 1, "there are no sentences", "put the file back from version control")])
    problems = [
        problem(file, line_of(root, [key]), f"'{key}' is missing or empty", f"add '{key}: |' and a sentence below it")
        for key in REQUIRED
        if not isinstance(root.get(key), str) or not root[key].strip()
    ]
    if problems:
        raise DataFileError(problems)
    return Wording(plain(root))
