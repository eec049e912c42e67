"""Conversations in memory: made by the server, found by token, gone after 30 idle minutes."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field

from bot.once import Once
from bot.safety import Kind

IDLE_SECONDS = 30 * 60
MAX_OFFERED = 400


@dataclass
class Session:
    """One conversation. `key` is a hash of the token: the token itself is not kept. `careful` after a sign of risk.

    `site`, `counted` and `between` are for anonymous counts: where the page says it is shown, in which cells the conversation has
    been counted already, and the needs that the last reply asked to choose between.
    `keyboard` names the last choices shown, and `shown` holds their payloads in order: for channels whose buttons carry a place. `once` answers
    the same request once.
    """

    key: str
    used: float
    offered: set[str] = field(default_factory=set)
    careful: bool = False
    kind: Kind | None = None
    keyboard: str = ""
    shown: list[str] = field(default_factory=list)
    site: str | None = None
    counted: set[str] = field(default_factory=set)
    between: list[str] = field(default_factory=list)
    once: Once = field(default_factory=Once)

    def offer(self, payloads: list[str]) -> None:
        if len(self.offered) < MAX_OFFERED:
            self.offered.update(payloads)


class SessionStore:
    """All sessions of this process."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS, most: int = 20_000) -> None:
        self._idle_seconds = idle_seconds
        self._most = most
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def create(self) -> tuple[str, Session]:
        """A new session and its token. Raises MemoryError when there are too many."""
        token = secrets.token_urlsafe(32)
        return token, self.for_name(token)

    def for_name(self, name: str) -> Session:
        """The session of `name`, made when there is none: for channels that bring their own sender names."""
        key = self._key(name)
        with self._lock:
            self._sweep()
            if key not in self._sessions:
                if len(self._sessions) >= self._most:
                    raise MemoryError("too many conversations")
                self._sessions[key] = Session(key, time.monotonic())
            self._sessions[key].used = time.monotonic()
            return self._sessions[key]

    def find(self, token: str) -> Session | None:
        """The session of `token`, or None when it is unknown or has expired."""
        with self._lock:
            self._sweep()
            session = self._sessions.get(self._key(token))
            if session:
                session.used = time.monotonic()
            return session

    def forget(self, token: str) -> Session | None:
        """Remove the session of `token` and return it."""
        with self._lock:
            return self._sessions.pop(self._key(token), None)

    def sweep(self) -> None:
        """Remove what has been idle too long, without waiting for the next message."""
        with self._lock:
            self._sweep()

    def __len__(self) -> int:
        return len(self._sessions)

    @staticmethod
    def _key(token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

    def _sweep(self) -> None:
        oldest = time.monotonic() - self._idle_seconds
        for key in [key for key, session in self._sessions.items() if session.used < oldest]:
            del self._sessions[key]
