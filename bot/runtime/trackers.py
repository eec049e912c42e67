"""Rasa trackers that live in memory only, and not for long.

Rasa's own in-memory store keeps every conversation for ever. This one forgets after the idle time, and keeps the last events
only, so that a long conversation does not get slower turn by turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

MAX_EVENTS = 60


class ExpiringTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Holds serialised trackers until they have been idle for `idle_seconds`."""

    def __init__(self, idle_seconds: float) -> None:
        super().__init__(Domain.empty(), None)
        self._idle_seconds = idle_seconds
        self._held: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    async def save(self, tracker: DialogueStateTracker) -> None:
        serialised = self.serialise_tracker(tracker)
        with self._lock:
            self._sweep()
            self._held[tracker.sender_id] = (time.monotonic(), serialised)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        with self._lock:
            self._sweep()
            held = self._held.get(sender_id)
        return self.deserialise_tracker(sender_id, held[1]) if held else None

    async def keys(self) -> Iterable[str]:
        with self._lock:
            return list(self._held)

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        return DialogueStateTracker(sender_id, self.domain.slots, max_event_history=MAX_EVENTS)

    def forget(self, sender_id: str) -> None:
        with self._lock:
            self._held.pop(sender_id, None)

    def sweep(self) -> None:
        """Remove what has been idle too long, without waiting for the next message."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        oldest = time.monotonic() - self._idle_seconds
        for sender_id in [key for key, (used, _) in self._held.items() if used < oldest]:
            del self._held[sender_id]
