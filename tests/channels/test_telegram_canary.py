"""Canaries: a unique string, chat ids and the token go through every kind of update and failure, and are found nowhere after."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.people import MEDIA, Person
from tests.channels.processes import RedisServer, Running, free_port, handrail, redis_in, wait_until

PHONE, LATITUDE, PLACE = "447700900123", "51.501364", "CanaryContact"
CANARY = f"zq{secrets.token_hex(8)}"
SENTENCES = [
    f"how do i get physio {CANARY}",
    f"there is no point me being alive any more {CANARY}",
    f"{CANARY}",
    f"/start {CANARY}",
    f"/help {CANARY}",
    f"/erase {CANARY}",
    f"/stop {CANARY}",
    f"/{CANARY} x",
    f"{CANARY} " * 180,
    f"<b>{CANARY}</b> & \x00 \ud83d {CANARY}",
]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_in(tmp_path / "redis") as server:
        yield server


def settings_in(folder: Path, api: BotApi, redis: RedisServer) -> dict[str, str]:
    """Settings under which all that a process can write is in `folder`, at the most talkative log level."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    return {
        "HANDRAIL_TELEGRAM_TOKEN": TOKEN,
        "HANDRAIL_TELEGRAM_API": api.address,
        "HANDRAIL_DATABASE_URL": f"sqlite:///{folder}/usage.db",
        "HANDRAIL_REDIS_URL": redis.url,
        "HANDRAIL_PORT": str(free_port()),
        "LOG_LEVEL": "DEBUG",
        "LOG_LEVEL_LIBRARIES": "DEBUG",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }


def sends_everything(person: Person) -> None:
    for sentence in SENTENCES:
        person.types(sentence)
    for what in MEDIA:
        person.sends(what, caption=CANARY)
    person.edits(text=f"how do i get physio {CANARY}")
    person.edits(location={"latitude": 51.501364, "longitude": -0.14, "live_period": 900})
    person.api.update(callback_query=pressed(person))
    person.membership("member", "kicked")
    person.api.update(message={"text": CANARY, "chat": {"id": person.id}})
    person.api.update(edited_message=CANARY)


def pressed(person: Person) -> dict[str, Any]:
    return {"id": CANARY, "from": person.user, "chat_instance": CANARY, "data": CANARY}


def held_by(redis: RedisServer) -> bytes:
    """All keys and values."""
    client = Redis.from_url(redis.url)
    found = b""
    for key in client.keys("*"):  # type: ignore[union-attr]
        found += key + b" " + (client.dump(key) or b"") + b"\n"  # type: ignore[operator]
    return found


def forbidden(*people: Person) -> list[bytes]:
    ids = [str(abs(person.id)) for person in people]
    secret = TOKEN.partition(":")[2]
    return [one.encode() for one in (CANARY, TOKEN, secret, *ids, PHONE, LATITUDE, PLACE, "CanaryName", "canary_user")]


def assert_nowhere(folder: Path, words: list[bytes], more: bytes = b"") -> None:
    """Raises AssertionError that names the files that hold a word, not the word."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    contents = {str(file.relative_to(folder)): file.read_bytes() for file in files} | {"redis": more}
    assert {name for name, content in contents.items() if any(word in content for word in words)} == set()


def files_of(folder: Path, pattern: str) -> list[Path]:
    return [file for file in folder.rglob(pattern) if file.stat().st_size]


def is_polling(running: Running, api: BotApi) -> None:
    running.waits_for("Handrail is ready")
    wait_until(lambda: api.bot.calls["getUpdates"] > 0)


def test_polled_updates_of_every_kind_and_every_failure_leave_nothing(
    api: BotApi, redis: RedisServer, tmp_path: Path
) -> None:
    people, group = [Person(api) for _ in range(3)], Person(api, "group")
    settings = settings_in(tmp_path, api, redis)
    with handrail("serve", output=tmp_path / "first.log", **settings) as running:
        is_polling(running, api)
        sends_everything(people[0])
        group.types(CANARY)
        api.settle()
        for method in ("sendMessage", "getUpdates", "answerCallbackQuery", "editMessageReplyMarkup"):
            for kind in ("429", "502", "drop", "lost"):
                api.fail(method, kind, 1)
        sends_everything(people[1])
        api.settle()
        held = held_by(redis)
        assert b"handrail:telegram" in held
        redis.kill()
        people[2].types(SENTENCES[0])
        api.settle()
        redis.start()
        api.fail("sendMessage", "502", 10_000)
        calls = api.bot.calls["sendMessage"]
        people[2].types(SENTENCES[1])
        wait_until(lambda: api.bot.calls["sendMessage"] > calls)
        running.kill()
    assert all(person.messages for person in people)
    assert "telegram" in (tmp_path / "first.log").read_text() and files_of(tmp_path, "*.db")
    assert files_of(tmp_path / "redis", "*.aof")
    assert_nowhere(tmp_path, forbidden(*people, group), held)


def test_the_webhook_and_forged_and_malformed_calls_leave_nothing(
    api: BotApi, redis: RedisServer, tmp_path: Path
) -> None:
    somebody, victim = Person(api), Person(api)
    settings = settings_in(tmp_path, api, redis)
    address = f"http://127.0.0.1:{settings['HANDRAIL_PORT']}/webhooks/telegram"
    settings["HANDRAIL_TELEGRAM_WEBHOOK"] = address
    settings["HANDRAIL_TURN_SECONDS"] = "0.11"
    with handrail("serve", output=tmp_path / "first.log", **settings) as running:
        running.waits_for("Handrail is ready")
        wait_until(lambda: bool(api.bot.webhook))
        right = api.bot.webhook["secret_token"]
        sends_everything(somebody)
        api.settle()
        malformed = [CANARY, f'{{"{CANARY}', f'{{"update_id": "{CANARY}"}}', json.dumps({"message": [CANARY]})]
        for secret in (right, "", CANARY, TOKEN):
            for content in (*malformed, json.dumps({"update_id": 9, "message": victim.message(text=CANARY)})[:-3]):
                answer = httpx.post(address, content=content, headers={"X-Telegram-Bot-Api-Secret-Token": secret})
                assert answer.status_code == (200 if secret == right else 403) and CANARY not in answer.text
        assert httpx.get(f"{address}/{CANARY}?{TOKEN}").status_code == 404
        held = held_by(redis)
        running.stop()
    assert somebody.messages and victim.messages == []
    assert "telegram_update_not_read" in (tmp_path / "first.log").read_text()
    assert_nowhere(tmp_path, [*forbidden(somebody, victim), right.encode()], held)


def test_a_token_that_telegram_does_not_know_is_not_repeated(api: BotApi, redis: RedisServer, tmp_path: Path) -> None:
    wrong = TOKEN.replace("AAF", "AAG")
    settings = {**settings_in(tmp_path, api, redis), "HANDRAIL_TELEGRAM_TOKEN": wrong}
    with handrail("telegram", output=tmp_path / "first.log", **settings) as running:
        running.waits_for("telegram_off")
    assert_nowhere(tmp_path, [wrong.encode(), wrong.partition(":")[2].encode()])


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "core").write_bytes(os.urandom(50) + CANARY.encode() + os.urandom(50))
    with pytest.raises(AssertionError) as raised:
        assert_nowhere(tmp_path, [CANARY.encode()])
    assert "deep/core" in str(raised.value)
