"""Lets one of several replicas poll: Telegram gives updates to one poller at a time. The lock is redis-py's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError

logger = logging.getLogger("handrail.telegram")
LEASE_SECONDS = 15.0
STAND_ASIDE_SECONDS = 20.0
Work = Callable[[], Awaitable[None]]


class Election(Protocol):
    async def work(self, work: Work) -> None:
        """Do `work` whenever it is this process's turn, until cancelled. Work that returns found somebody else at it."""


class Alone:
    """One process. When another one polls with the same token, it stands aside for a while."""

    async def work(self, work: Work) -> None:
        while True:
            await work()
            await asyncio.sleep(STAND_ASIDE_SECONDS * random.uniform(1, 2))


class Elected:
    """The replica that holds the lock works; the lock passes on when it stops, or a lease after it died.

    While Redis is away whoever works goes on, and when nobody is known to work the others do after two leases: Telegram itself
    then refuses a second poller.
    """

    def __init__(self, redis: Redis, lease: float = LEASE_SECONDS) -> None:
        self._redis = redis
        self._lease = lease

    async def work(self, work: Work) -> None:
        reached = time.monotonic()
        while True:
            lock = self._redis.lock("handrail:telegram:poller", timeout=self._lease, blocking=False, thread_local=False)
            try:
                won = await lock.acquire()
                reached = time.monotonic()
            except (RedisError, OSError) as error:
                logger.warning("telegram_election_away kind=%s", type(error).__name__)
                won = False
            if won:
                await self._work_while_held(lock, work)
            elif time.monotonic() - reached > 2 * self._lease:
                await self._work_until_redis_is_back(work)
                reached = time.monotonic()
            await asyncio.sleep(self._lease / 5 * random.uniform(0.8, 1.2))

    async def _work_while_held(self, lock: Lock, work: Work) -> None:
        logger.info("telegram_polls_here")
        try:
            await first_of(work(), keep_lock(lock, self._lease))
        finally:
            with contextlib.suppress(LockError, RedisError, OSError):
                await lock.release()
        logger.info("telegram_polls_elsewhere")

    async def _work_until_redis_is_back(self, work: Work) -> None:
        async def back() -> None:
            while True:
                await asyncio.sleep(self._lease)
                with contextlib.suppress(RedisError, OSError):
                    await self._redis.ping()
                    return

        await first_of(work(), back())


async def keep_lock(lock: Lock, seconds: float) -> None:
    """Renew `lock` for as long as it is ours. A Redis that is away does not make it somebody else's."""
    while True:
        await asyncio.sleep(seconds / 3)
        try:
            await lock.reacquire()
        except LockError:
            return
        except (RedisError, OSError):
            continue


async def first_of(*parts: Awaitable[object]) -> None:
    """Run `parts` until one of them ends, and stop the others. Raises what that one raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def open_redis(url: str) -> Redis:
    """A client that gives up quickly: nobody waits long for a Redis that is away."""
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))
