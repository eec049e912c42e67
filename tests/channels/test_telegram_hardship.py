"""Telegram when things go wrong: floods, too many requests, a bad network, crashes, twins, and several replicas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.channels.telegram.runner import Telegram
from bot.sessions import SessionStore
from cli.service import Service, telegram_of
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.conftest import answering, settings_for
from tests.channels.people import Person
from tests.channels.processes import RedisServer, handrail, redis_in, wait_until

AT_RISK = "there is no point me being alive any more"
PHYSIO, TRIM = "how do i get physio", "what is trim"
READY = "Handrail answers on Telegram"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_in(tmp_path / "redis") as server:
        yield server


def words_of(person: Person) -> str:
    return "\n".join(one.text for one in person.messages)


def settings_of_process(api: BotApi, folder: Path) -> dict[str, str]:
    return {
        "HANDRAIL_TELEGRAM_TOKEN": TOKEN,
        "HANDRAIL_TELEGRAM_API": api.address,
        "HANDRAIL_DATABASE_URL": f"sqlite:///{folder}/usage.db",
    }


# Too many requests and a bad network


def test_a_storm_of_429_delays_answers_and_loses_none(bot: BotApi) -> None:
    people = [Person(bot) for _ in range(6)]
    bot.fail("sendMessage", "429", 9)
    for person in people:
        person.types(PHYSIO)
    bot.settle()
    assert bot.bot.calls["sendMessage"] >= 9 + 6
    for person in people:
        assert "physio" in words_of(person).lower() and len(person.messages) == 1


def test_one_chat_that_must_wait_does_not_hold_up_another(bot: BotApi) -> None:
    slow, quick = Person(bot), Person(bot)
    bot.fail("sendMessage", "429", 1, retry_after=4)
    slow.types(PHYSIO)
    wait_until(lambda: bot.bot.calls["sendMessage"] > 0)
    quick.types(AT_RISK)
    assert "116 123" in quick.hears().text
    assert slow.messages == []
    bot.settle()
    assert "physio" in words_of(slow).lower()


@pytest.mark.parametrize("kind", ["502", "drop"])
def test_an_answer_that_did_not_get_through_is_sent_again(somebody: Person, kind: str) -> None:
    somebody.api.fail("sendMessage", kind, 3)
    somebody.types(PHYSIO)
    shown = somebody.hears_all()
    assert len(shown) == 1 and "physio" in shown[0].text.lower()


def test_an_answer_whose_receipt_was_lost_is_sent_again_rather_than_never(somebody: Person) -> None:
    somebody.api.fail("sendMessage", "lost", 1)
    somebody.types(AT_RISK)
    assert all("116 123" in one.text for one in somebody.hears_all()) and somebody.messages


@pytest.mark.parametrize("kind", ["429", "502", "drop"])
def test_polling_goes_on_after_errors(somebody: Person, kind: str) -> None:
    somebody.asks("/start")
    somebody.api.fail("getUpdates", kind, 3)
    assert "physio" in somebody.asks(PHYSIO).text.lower()


def test_updates_that_come_twice_are_answered_once(somebody: Person) -> None:
    somebody.asks("/start")
    somebody.api.fail("getUpdates", "lost", 2)
    for text in (PHYSIO, TRIM):
        somebody.types(text)
    assert len(somebody.hears_all()) == 2


def test_telegram_away_for_a_while_and_back(api: BotApi, service: Service, sessions: SessionStore) -> None:
    with answering(Telegram(settings_for(api), service.conversation, sessions)):
        somebody = Person(api)
        somebody.asks(PHYSIO)
        port = int(api.address.rpartition(":")[2])
        api.stop()
        somebody.types("will my manager know")
        with api.serving(port):
            api.settle()
        assert "manager" in somebody.messages[-1].text.lower()


def test_starting_while_telegram_says_wait_or_is_broken(api: BotApi, service: Service, sessions: SessionStore) -> None:
    for method, kind in (("getMe", "502"), ("getMe", "429"), ("setMyCommands", "429"), ("deleteWebhook", "429")):
        api.fail(method, kind, 1)
    with answering(Telegram(settings_for(api), service.conversation, sessions)):
        assert "physio" in Person(api).asks(PHYSIO).text.lower()


def test_a_wrong_token_is_said_once_in_the_log_without_the_token(
    api: BotApi, service: Service, sessions: SessionStore, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = TOKEN.replace("AAF", "AAG")
    settings = settings_for(api).model_copy(update={"telegram_token": SecretStr(wrong)})
    with answering(Telegram(settings, service.conversation, sessions)) as telegram:
        telegram.wait_until_ended()
    assert "telegram_off" in caplog.text and "HANDRAIL_TELEGRAM_TOKEN" in caplog.text
    assert wrong not in caplog.text and wrong.partition(":")[2] not in caplog.text


def test_a_line_end_after_the_token_and_a_slash_after_the_address_do_no_harm(api: BotApi, service: Service) -> None:
    more = {"telegram_token": SecretStr(f"{TOKEN}\n"), "telegram_api": f"{api.address}/"}
    with answering(Telegram(settings_for(api).model_copy(update=more), service.conversation, SessionStore())):
        assert Person(api).asks("/start").text


def test_without_a_token_there_is_no_telegram(service: Service) -> None:
    assert service.settings.telegram_token is None and telegram_of(service) is None


# Floods


def test_a_flood_is_slowed_down_but_danger_in_it_is_still_answered(bot: BotApi) -> None:
    flooder, other = Person(bot), Person(bot)
    for _ in range(60):
        flooder.types("what does it cost")
    flooder.types(AT_RISK)
    other.types(PHYSIO)
    assert "physio" in other.hears().text.lower()
    bot.settle()
    slower = [one for one in flooder.messages if "faster than I can answer" in one.text]
    assert len(slower) == 1 and slower[0].labels == ["Get help now"]
    assert len(flooder.messages) <= 20 + 1 + 1
    assert "116 123" in flooder.messages[-1].text
    flooder.presses("Get help now")
    assert "116 123" in flooder.hears_all()[-1].text


def test_many_people_at_once_are_each_answered_in_their_own_conversation(bot: BotApi) -> None:
    people = [Person(bot) for _ in range(120)]
    for number, person in enumerate(people):
        person.types(PHYSIO if number % 2 else TRIM)
    for person in people:
        person.types("is it confidential")
    bot.settle(180)
    for number, person in enumerate(people):
        assert len(person.messages) == 2
        assert ("physio" if number % 2 else "trim") in person.messages[1].text.lower()


# Crashes and restarts


def test_a_crash_in_mid_conversation_loses_no_message(api: BotApi, tmp_path: Path) -> None:
    settings, somebody = settings_of_process(api, tmp_path), Person(api)
    with handrail("telegram", output=tmp_path / "first.log", **settings) as running:
        running.waits_for(READY)
        old = somebody.asks(PHYSIO)
        api.fail("sendMessage", "502", 10_000)
        calls = api.bot.calls["sendMessage"]
        somebody.types("will my manager know")
        wait_until(lambda: api.bot.calls["sendMessage"] > calls)
        polls = api.bot.calls["getUpdates"]
        wait_until(lambda: api.bot.calls["getUpdates"] > polls + 2)
        running.kill()
    api.faults.clear()
    with handrail("telegram", output=tmp_path / "second.log", **settings) as running:
        running.waits_for(READY)
        again = somebody.hears_all()[0].text
        assert "no longer have what we wrote before" in again and "manager" in again.lower()
        somebody.presses("What does it cost?", old)
        assert somebody.hears_all() == [] and "expired" in (api.bot.toasts or [""])[-1]
        assert "physio" in somebody.asks(PHYSIO).text.lower()


def test_stopping_answers_what_was_taken_and_starting_again_repeats_nothing(
    api: BotApi, service: Service, sessions: SessionStore
) -> None:
    somebody = Person(api)
    with answering(Telegram(settings_for(api), service.conversation, sessions)):
        somebody.types(PHYSIO)
        somebody.hears()
    with answering(Telegram(settings_for(api), service.conversation, SessionStore())):
        assert "TRiM" in somebody.asks(TRIM).text
    assert len(somebody.messages) == 2


# Several replicas


def test_two_that_poll_with_one_token_and_no_redis_lose_no_message(api: BotApi, service: Service) -> None:
    """They may answer one twice: an update is confirmed after its answer, and only Redis tells the other that it is being answered."""
    first, second = (Telegram(settings_for(api), service.conversation, SessionStore()) for _ in range(2))
    somebody = Person(api)
    with answering(first):
        somebody.asks("/start")
        with answering(second):
            for text in (PHYSIO, TRIM, PHYSIO, TRIM):
                somebody.types(text)
            texts = [shown.text for shown in somebody.hears_all()]
            assert sum("physio" in text for text in texts) >= 2 and sum("TRiM" in text for text in texts) >= 2


def replicas(api: BotApi, service: Service, redis: RedisServer, count: int) -> list[Telegram]:
    settings = settings_for(api, redis_url=SecretStr(redis.url))
    return [Telegram(settings, service.conversation, SessionStore()) for _ in range(count)]


def test_of_replicas_that_share_a_redis_one_polls_and_another_takes_over(
    api: BotApi, service: Service, redis: RedisServer
) -> None:
    first, second, third = replicas(api, service, redis, 3)
    somebody = Person(api)
    with answering(second):
        with answering(first), answering(third):
            assert "physio" in somebody.asks(PHYSIO).text.lower()
            assert "manager" in somebody.asks("will my manager know").text.lower()
        assert "TRiM" in somebody.asks(TRIM).text
    assert len(somebody.messages) == 3 and api.bot.conflicts == 0


def test_when_redis_dies_whoever_polls_goes_on(api: BotApi, service: Service, redis: RedisServer) -> None:
    first, second = replicas(api, service, redis, 2)
    somebody = Person(api)
    with answering(first), answering(second):
        somebody.asks(PHYSIO)
        redis.kill()
        assert "manager" in somebody.asks("will my manager know").text.lower()
        redis.start()
        assert "TRiM" in somebody.asks(TRIM).text
    assert len(somebody.messages) == 3


def test_starting_without_a_redis_that_answers_still_answers(api: BotApi, service: Service, redis: RedisServer) -> None:
    redis.kill()
    (only,) = replicas(api, service, redis, 1)
    only._election._lease = 0.5  # type: ignore[attr-defined]
    with answering(only):
        assert "116 123" in Person(api).asks(AT_RISK).text
