"""Where sessions are kept: the same in memory and in a real Redis."""

from __future__ import annotations

import asyncio

import pytest

from api.sign_in.store import MemoryStore, RedisStore, Store, StoreAwayError
from tests.sign_in.serving import Clock, free_port


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else RedisStore(request.getfixturevalue("redis_url"))


def test_both_stores_keep_take_claim_and_forget(store: Store) -> None:
    async def use() -> None:
        assert await store.get("a") is None
        assert not await store.replace("a", b"0", 60), "what is not there cannot come back"
        await store.put("a", b"1", 60)
        assert await store.replace("a", b"2", 60) and await store.get("a") == b"2"
        await store.keep("a", 60)
        assert await store.take("a") == b"2" and await store.take("a") is None
        await store.keep("a", 60)
        assert await store.get("a") is None
        assert await store.claim("c", 60) and not await store.claim("c", 60)
        await store.put("d", b"1", 60)
        await store.drop("d")
        assert await store.get("d") is None
        await store.drop("c")

    asyncio.run(use())


def test_memory_holds_so_many_and_forgets_in_time() -> None:
    clock = Clock()
    store = MemoryStore(clock, most=3)

    async def use() -> None:
        for name in "abcd":
            await store.put(name, name.encode(), 60)
        assert [await store.get(name) for name in "abcd"] == [None, b"b", b"c", b"d"]
        clock.pass_minutes(1.1)
        assert [await store.get(name) for name in "bcd"] == [None, None, None]
        await store.put("b", b"", 60)
        await store.put("b", b"", 60)

    asyncio.run(use())


def test_a_store_that_is_away_says_so() -> None:
    with pytest.raises(StoreAwayError):
        asyncio.run(RedisStore(f"redis://127.0.0.1:{free_port()}/0").get("a"))
