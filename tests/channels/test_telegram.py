"""What a person meets on Telegram, over real sockets against a stand-in of the Bot API."""

from __future__ import annotations

import time

import pytest

from bot.channels.telegram.runner import Telegram
from bot.conversation import Conversation
from bot.sessions import SessionStore
from cli.service import Service
from tests.channels.bot_api import BotApi
from tests.channels.conftest import answering, settings_for
from tests.channels.people import MEDIA, Person

AT_RISK = "there is no point me being alive any more"
KEPT = "Telegram does"


def test_a_first_message_says_what_telegram_keeps_and_names_the_intranet(
    api: BotApi, service: Service, sessions: SessionStore
) -> None:
    settings = settings_for(api, telegram_intranet="https://intranet.example/handrail")
    with answering(Telegram(settings, service.conversation, sessions)):
        somebody = Person(api)
        first = somebody.asks("/start")
        assert KEPT in first.text and "https://intranet.example/handrail" in first.text
        assert "Hello" in first.text and first.labels == ["Help me choose", "See everything", "Get help now"]
        assert KEPT not in somebody.asks("how do i get physio").text


def test_a_service_is_shown_in_bold_with_how_to_reach_it_and_who_will_know(somebody: Person) -> None:
    somebody.types("how do i get physio")
    shown = somebody.hears_all()
    text = "\n".join(one.text for one in shown)
    assert "physio" in text.lower() and "Who will know:" in text and "How to reach it:" in text
    assert "<b>Who will know:</b>" in "".join(one.source for one in shown)
    assert "Get help now" in shown[-1].labels


def test_buttons_are_two_in_a_row_where_labels_are_short_and_hold_no_text(somebody: Person) -> None:
    shown = somebody.asks("how do i get physio")
    assert any(len(row) == 2 for row in shown.keyboard) and all(len(row) <= 2 for row in shown.keyboard)
    for row in shown.keyboard:
        for label, data in row:
            assert (len(data) <= 20 and label.split()[0].lower() not in data.lower().split("-")) or data == "help-now"


def test_a_choice_is_answered_and_its_keyboard_is_spent(somebody: Person) -> None:
    shown = somebody.asks("how do i get physio")
    somebody.presses("What does it cost?", shown)
    answer = somebody.hears_all()[-1]
    assert "cost" in answer.text.lower()
    assert shown.labels == ["Get help now"]


def test_an_old_keyboard_says_that_it_has_expired_but_help_still_comes(somebody: Person) -> None:
    old = somebody.asks("how do i get physio")
    keyboard = old.keyboard
    somebody.asks("what is trim")
    somebody.presses("What does it cost?", old)
    assert somebody.hears_all() == []
    assert "expired" in somebody.api.bot.toasts[-1]
    old.keyboard = keyboard
    somebody.presses("Get help now", old)
    assert "116 123" in "".join(one.text for one in somebody.hears_all())


@pytest.mark.parametrize("data", ["", ".", "x.0", "help", "/trim", "é" * 30, "a.99999999999999999999", ".0"])
def test_made_up_button_data_does_nothing(somebody: Person, data: str) -> None:
    shown = somebody.asks("/start")
    somebody.presses_data(data, shown)
    assert somebody.hears_all() == [] and "expired" in somebody.api.bot.toasts[-1]


def test_help_shows_people_first_and_then_the_commands(somebody: Person) -> None:
    somebody.asks("/start")
    text = somebody.asks("/help").text
    assert "116 123" in text and text.index("116 123") < text.index("/erase")


def test_privacy_says_who_keeps_what(somebody: Person) -> None:
    somebody.asks("/start")
    text = somebody.asks("/privacy").text
    assert "I keep nothing about you" in text and KEPT in text
    assert KEPT in somebody.asks("is this private, who can read it").text


@pytest.mark.parametrize("command", ["/erase", "/stop", "/ERASE", "/stop@handrail_bot"])
def test_erase_and_stop_forget_the_conversation(somebody: Person, sessions: SessionStore, command: str) -> None:
    old = somebody.asks("how do i get physio")
    assert len(sessions) == 1
    text = somebody.asks(command).text
    assert "forgotten" in text and "delete the chat" in text
    assert len(sessions) == 0
    somebody.presses("What does it cost?", old)
    assert "no longer have what we wrote before" in somebody.hears_all()[-1].text


def test_start_again_forgets_what_was_before(somebody: Person) -> None:
    somebody.asks("how do i get physio")
    somebody.asks("/start")
    assert "physio" not in somebody.asks("what does it cost").text.lower()


def test_the_commands_are_listed_for_the_telegram_menu(somebody: Person) -> None:
    somebody.asks("/start")
    assert somebody.api.bot.commands == ["start", "help", "privacy", "erase", "stop"]


@pytest.mark.parametrize("what", sorted(MEDIA))
def test_what_is_not_text_gets_a_sensible_answer(somebody: Person, what: str) -> None:
    somebody.asks("/start")
    somebody.sends(what)
    shown = somebody.hears_all()
    assert len(shown) == 1 and "Get help now" in shown[0].labels
    expected = {
        "location": "999",
        "venue": "999",
        "contact": "contact card",
        "voice": "recordings",
        "sticker": "sticker",
    }
    assert expected.get(what, "") in shown[0].text


def test_words_under_a_photo_are_read(somebody: Person) -> None:
    somebody.sends("photo", caption=AT_RISK)
    text = "".join(one.text for one in somebody.hears_all())
    assert "116 123" in text and text.index("116 123") < text.index("cannot see pictures")


def test_an_album_is_answered_once(somebody: Person) -> None:
    somebody.asks("/start")
    for _ in range(5):
        somebody.sends("photo", media_group_id="13579")
    assert len(somebody.hears_all()) == 1


def test_an_edited_message_is_answered_as_it_is_now(somebody: Person) -> None:
    somebody.asks("/start")
    somebody.edits(text="how do i get physio")
    text = somebody.hears_all()[-1].text
    assert "You changed a message" in text and "physio" in text.lower()


def test_a_live_location_that_moves_is_left_alone(somebody: Person) -> None:
    somebody.asks("/start")
    for _ in range(3):
        somebody.edits(location={"latitude": 51.5, "longitude": -0.1, "live_period": 900})
    assert somebody.hears_all() == []


@pytest.mark.parametrize("words", [AT_RISK, f"/start {AT_RISK}", f"/erase {AT_RISK}", f"/unknown {AT_RISK}"])
def test_danger_is_answered_first_in_any_message(somebody: Person, words: str) -> None:
    shown = somebody.asks(words)
    text = somebody.messages[0].text
    assert "116 123" in text and (KEPT not in text or text.index("116 123") < text.index(KEPT))
    assert shown.labels[0] == "Get help now"


def test_danger_in_an_edit_and_in_a_very_long_message_is_answered(somebody: Person) -> None:
    somebody.asks("/start")
    somebody.edits(text=AT_RISK)
    assert "116 123" in somebody.hears_all()[0].text
    long = "the rota changed again and the heating is off. " * 80 + AT_RISK
    assert len(long) > 3500 and "116 123" in "".join(one.text for one in (somebody.asks(long), *somebody.messages[-2:]))
    somebody.asks("/erase")
    assert "too long" in somebody.asks("the heating is off. " * 150).text


def test_danger_is_answered_when_the_engine_is_away(api: BotApi, broken: Conversation, sessions: SessionStore) -> None:
    with answering(Telegram(settings_for(api), broken, sessions)):
        somebody = Person(api)
        shown = somebody.asks(AT_RISK)
        assert "116 123" in somebody.messages[0].text and shown.labels[0] == "Get help now"
        other = Person(api)
        assert "Sorry" in other.asks("how do i get physio").text or "Sorry" in other.messages[0].text


def test_danger_is_answered_when_there_are_too_many_conversations(api: BotApi, service: Service) -> None:
    with answering(Telegram(settings_for(api), service.conversation, SessionStore(most=1))):
        Person(api).asks("/start")
        somebody = Person(api)
        somebody.asks(AT_RISK)
        assert "116 123" in somebody.messages[0].text


@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_a_group_gets_one_polite_refusal_and_is_left(bot: BotApi, sessions: SessionStore, kind: str) -> None:
    group = Person(bot, kind)
    group.membership("left", "member")
    group.types("hello")
    group.types("/start@handrail_bot")
    group.membership("member", "left")
    shown = group.hears_all()
    assert len(shown) == 1 and "private chat" in shown[0].text and shown[0].keyboard == []
    assert bot.bot.left == [group.id] and len(sessions) == 0
    bot.bot.blocked.clear()
    group.membership("left", "member")
    assert group.hears_all() == [] and bot.bot.left == [group.id] * 2


def test_a_channel_is_left_without_a_word(bot: BotApi) -> None:
    channel = Person(bot, "channel")
    channel.membership("left", "administrator")
    assert channel.hears_all() == [] and bot.bot.left == [channel.id]


def test_a_person_who_blocks_the_bot_is_forgotten(somebody: Person, sessions: SessionStore) -> None:
    somebody.asks("/start")
    assert len(sessions) == 1
    somebody.membership("member", "kicked")
    somebody.hears_all()
    assert len(sessions) == 0


def test_conversations_end_after_the_idle_time(api: BotApi, service: Service) -> None:
    sessions = SessionStore(idle_seconds=0.5)
    with answering(Telegram(settings_for(api), service.conversation, sessions)):
        somebody = Person(api)
        somebody.asks("how do i get physio")
        time.sleep(0.7)
        text = somebody.asks("what does it cost").text
        assert "no longer have what we wrote before" in "".join(one.text for one in somebody.messages)
        assert "physio" not in text.lower()
