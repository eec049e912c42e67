"""Where sign-ins are kept: in the memory of one process, or in a Redis that replicas share. Both forget by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import redis.asyncio
from redis.exceptions import RedisError

Clock = Callable[[], float]


class StoreAwayError(Exception):
    """The store cannot be reached."""


class Store(Protocol):
    """Bytes by key, each for some seconds. Every method raises StoreAwayError when the store cannot be reached."""

    async def put(self, key: str, value: bytes, seconds: float) -> None: ...

    async def get(self, key: str) -> bytes | None: ...

    async def claim(self, key: str, seconds: float) -> bool:
        """Whether this caller is the first to claim `key`, of all replicas."""

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        """Put only where there is a value, so that what was dropped meanwhile stays dropped."""

    async def keep(self, key: str, seconds: float) -> None:
        """Let what is there last that long from now."""

    async def take(self, key: str) -> bytes | None:
        """Get and drop in one step: of several callers only one is given the value."""

    async def drop(self, key: str) -> None: ...


class MemoryStore:
    """For one process. At most `most` values: the oldest makes room."""

    def __init__(self, clock: Clock = time.time, most: int = 10_000) -> None:
        self._clock, self._most = clock, most
        self._values: dict[str, tuple[float, bytes]] = {}

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        self._sweep()
        self._values.pop(key, None)
        while len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[key] = (self._clock() + seconds, value)

    async def get(self, key: str) -> bytes | None:
        until, value = self._values.get(key, (0.0, b""))
        if until > self._clock():
            return value
        self._values.pop(key, None)
        return None

    async def claim(self, key: str, seconds: float) -> bool:
        if await self.get(key) is not None:
            return False
        await self.put(key, b"1", seconds)
        return True

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        if await self.get(key) is None:
            return False
        self._values[key] = (self._clock() + seconds, value)
        return True

    async def keep(self, key: str, seconds: float) -> None:
        value = await self.get(key)
        if value is not None:
            self._values[key] = (self._clock() + seconds, value)

    async def take(self, key: str) -> bytes | None:
        value = await self.get(key)
        self._values.pop(key, None)
        return value

    async def drop(self, key: str) -> None:
        self._values.pop(key, None)

    def _sweep(self) -> None:
        now = self._clock()
        for key in [key for key, (until, _) in self._values.items() if until <= now]:
            del self._values[key]


class RedisStore:
    """For replicas. Keys are hashes and values are encrypted before they come here."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        await self._ask("SET", key, value, "PX", _milliseconds(seconds))

    async def get(self, key: str) -> bytes | None:
        return await self._bytes("GET", key)

    async def claim(self, key: str, seconds: float) -> bool:
        return await self._ask("SET", key, b"1", "NX", "PX", _milliseconds(seconds)) is not None

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        return await self._ask("SET", key, value, "XX", "PX", _milliseconds(seconds)) is not None

    async def keep(self, key: str, seconds: float) -> None:
        await self._ask("PEXPIRE", key, _milliseconds(seconds))

    async def take(self, key: str) -> bytes | None:
        return await self._bytes("GETDEL", key)

    async def drop(self, key: str) -> None:
        await self._ask("DEL", key)

    async def _bytes(self, *command: str) -> bytes | None:
        answer = await self._ask(*command)
        return answer if isinstance(answer, bytes) else None

    async def _ask(self, *command: str | bytes | int) -> object:
        try:
            answer: object = await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]
            return answer
        except (RedisError, OSError) as error:
            raise StoreAwayError(type(error).__name__) from None


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
