"""One reading for each message: the conversation and Rasa's component both ask for the risk of the same text."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict

from bot.safety.risk import Risk

KEPT = 32


class RecentRisks:
    """The risks of the last `KEPT` texts. The texts are not held: a key that never leaves this process turns each into a digest."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._found: OrderedDict[bytes, Risk] = OrderedDict()
        self._lock = threading.Lock()

    def key_of(self, text: str) -> bytes:
        """What stands for `text` here."""
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()

    def get(self, key: bytes) -> Risk | None:
        """The risk kept under `key`."""
        with self._lock:
            return self._found.get(key)

    def keep(self, key: bytes, risk: Risk) -> None:
        """Keep `risk` in place of the oldest."""
        with self._lock:
            self._found[key] = risk
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
