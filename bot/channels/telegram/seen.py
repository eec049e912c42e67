"""Answers each update once. Telegram's own numbering of updates is all that is remembered: it says nothing about a person."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from bot.channels.telegram.election import keep_lock

logger = logging.getLogger("handrail.telegram")
MOST_REMEMBERED = 10_000
DAY = 24 * 60 * 60
LOCK_SECONDS = 15.0
REST_SECONDS = 10.0


class InOrder:
    """A lock for each key, for as long as somebody holds or awaits it: those who ask first go first."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            yield


class Remembered:
    """The last `most` keys that were noted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def note(self, key: str) -> bool:
        """Whether `key` is new; it no longer is after this."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return True


class Seen(Protocol):
    """Lets an update be answered by one and only one."""

    def once(self, number: int) -> AbstractAsyncContextManager[bool]:
        """Gives whether update `number` has still to be answered; waits while it is being answered elsewhere.

        It counts as answered when the block ends without an error.
        """


class SeenHere:
    """For one process."""

    def __init__(self) -> None:
        self._done = Remembered(MOST_REMEMBERED)
        self._in_order = InOrder()

    @contextlib.asynccontextmanager
    async def once(self, number: int) -> AsyncIterator[bool]:
        async with self._in_order.turn(str(number)):
            fresh = str(number) not in self._done
            yield fresh
            self._done.note(str(number))


class SeenTogether:
    """For replicas that share a Redis; while it is away, each of them for itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._here = SeenHere()
        self._rest_until = 0.0

    @contextlib.asynccontextmanager
    async def once(self, number: int) -> AsyncIterator[bool]:
        async with self._here.once(number) as fresh:
            if not fresh:
                yield False
                return
            async with self._elsewhere(number) as fresh:
                yield fresh

    @contextlib.asynccontextmanager
    async def _elsewhere(self, number: int) -> AsyncIterator[bool]:
        lock = self._redis.lock(
            f"handrail:telegram:doing:{number}", timeout=LOCK_SECONDS, sleep=0.2, thread_local=False
        )
        done = f"handrail:telegram:done:{number}"
        if not await self._try(lock.acquire):
            yield True
            return
        renewing = asyncio.create_task(keep_lock(lock, LOCK_SECONDS))
        try:
            yield not await self._try(lambda: self._redis.exists(done))
            await self._try(lambda: self._redis.set(done, "", ex=DAY))
        finally:
            renewing.cancel()
            await self._try(lock.release)

    async def _try(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What Redis answers, or None while it is away: then it is left alone for a few seconds."""
        if time.monotonic() < self._rest_until:
            return None
        try:
            return await ask()
        except LockError:
            return None
        except (RedisError, OSError) as error:
            logger.warning("telegram_seen_not_shared kind=%s", type(error).__name__)
            self._rest_until = time.monotonic() + REST_SECONDS
            return None
