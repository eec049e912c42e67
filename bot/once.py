"""Answers the same request once: a message that is sent again, because its answer was lost, gets the answer it had."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from bot.reply import Reply


class KeyReusedError(ValueError):
    """The key came before with another message."""


@dataclass(frozen=True)
class _Asked:
    key: str
    digest: bytes
    answer: Future[Reply]


class Once:
    """The last answer of one conversation and the key it was asked with. In memory, for as long as the conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: _Asked | None = None

    def answer(self, key: str, message: str, make: Callable[[], Reply]) -> Reply:
        """The reply of `make`, or the one that was made for `key` before; whoever comes while it is being made waits for it.

        Raises KeyReusedError when `key` came with another message, and whatever `make` raises (then nothing is remembered).
        """
        digest = hashlib.sha256(message.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            last = self._last
            known = last is not None and last.key == key
            asked = last if last is not None and known else _Asked(key, digest, Future())
            self._last = asked
        if asked.digest != digest:
            raise KeyReusedError
        if known:
            return asked.answer.result()
        try:
            asked.answer.set_result(make())
        except BaseException as error:
            asked.answer.set_exception(error)
            with self._lock:
                if self._last is asked:
                    self._last = None
        return asked.answer.result()
