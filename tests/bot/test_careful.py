"""After a risk answer the conversation stays careful, whoever it is about, and nobody is turned away from what they came for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.conversation import Message
from bot.reply import Reply
from cli.service import Service

Say = Callable[..., Reply]


@pytest.fixture
def say(service: Service) -> Iterator[Say]:
    token, session = service.sessions.create()

    def receive(text: str | None = None, choice: str | None = None) -> Reply:
        return service.conversation.receive(session, Message(text=text, choice=choice)).reply

    yield receive
    service.conversation.forget(session)
    service.sessions.forget(token)


def first_choice(reply: Reply) -> str:
    return reply.choices[0].label


def test_one_no_does_not_end_it(say: Say) -> None:
    assert "risk:self" in say("i want to die").answers
    accepted = say("nah im fine honestly")
    assert "risk-accepted" in accepted.answers and first_choice(accepted) == "Get help now"
    later = say("how do i get physio for my back")
    assert "oh-physiotherapy" in later.answers and first_choice(later) == "Get help now"
    again = say("its no good, i dont want to be here anymore")
    assert "risk:self" in again.answers
    assert "risk-accepted" in say("no").answers
    assert "question:cost" in say("what does counselling cost").answers


def test_a_second_sign_counts_after_something_else_was_asked(say: Say) -> None:
    say("rota's changed, wife's left, honestly dont see the point of being here")
    assert "risk-accepted" in say("nah im fine, just having a moan").answers
    assert "eap-counselling" in say("how do i get counselling").answers
    assert "risk:self" in say("no its not fine. i wrote the kids letters").answers


def test_retirement_is_not_offered_to_someone_who_wants_to_die(say: Say) -> None:
    assert "/oh-ill-health-retirement" not in {choice.payload for choice in say("i want to die").choices}


def test_a_no_without_risk_is_only_a_no(say: Say) -> None:
    say("how do i get physio for my back")
    reply = say("no im fine")
    assert "risk-accepted" not in reply.answers


def test_starting_again_ends_the_careful_talk(say: Say) -> None:
    say("i want to die")
    say(choice="/start-again")
    assert first_choice(say("how do i get physio")) != "Get help now"


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "physio",
        "what does it cost",
        "thanks",
        "bye",
        "asdkjh qwe",
        "menu",
        "is it confidential",
        "i want to die",
    ],
)
def test_every_reply_offers_help(say: Say, text: str) -> None:
    assert any(choice.payload == "/help-now" for choice in say(text).choices)


def test_who_is_asked_once(say: Say) -> None:
    asked = say("someone said they want to end it all tonight")
    assert "risk:unknown" in asked.answers and "It is about me" in [choice.label for choice in asked.choices]
    told = say(choice="/risk-about-custody")
    assert "risk:custody" in told.answers and "ACCT" in told.as_text()
    assert "It is about me" not in [choice.label for choice in told.choices]


def test_who_can_be_typed(say: Say) -> None:
    say("someone said they want to end it all tonight")
    assert "risk:custody" in say("a lad on my wing").answers


def test_what_else_was_said_is_offered(say: Say) -> None:
    reply = say("can't sleep, drowning in debt and dont see the point of living")
    payloads = [choice.payload for choice in reply.choices]
    assert "risk:self" in reply.answers and "/eap-personal-money" in payloads


def test_someone_hit_at_home_gets_safe_ways_and_the_helplines(say: Say) -> None:
    text = say("my partner hits me").as_text()
    assert "0808 2000 247" in text and "Shift three times" in text and "999" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prisoner on my wing says hes going to hang himself", "Concern and Keep Safe"),
        ("bloke on my caseload says he will kill himself", "duty of care"),
        ("my colleague told me she wants to end it all", "stay with them"),
        ("my son is self harming", "Ask them straight"),
        ("ive taken all my tablets", "999"),
        ("hes not breathing", "999"),
    ],
)
def test_who_is_in_danger_changes_the_answer(say: Say, text: str, words: str) -> None:
    reply = say(text)
    assert words in reply.as_text() and "116 123" in reply.as_text()


def test_telling_the_assistant_is_not_reporting(say: Say) -> None:
    assert "is not reporting" in say("a prisoner on the twos says he will kill himself").as_text()


def test_a_doubt_is_asked_about_and_the_question_answered(say: Say) -> None:
    reply = say("i am not going to kill myself, i only want physio for my back")
    text = reply.as_text()
    assert "are you safe?" in text and "116 123" in text
    assert "oh-physiotherapy" in reply.answers and first_choice(reply) == "Get help now"


def test_no_to_are_you_safe_is_not_taken_for_all_well(say: Say) -> None:
    assert "are-you-safe" in say("i am not going to kill myself, i only want physio for my back").answers
    reply = say("no")
    assert "risk:self" in reply.answers and "risk-accepted" not in reply.answers


@pytest.mark.parametrize("text", ["yes", "yes im safe", "im fine thanks"])
def test_yes_to_are_you_safe_is_believed(say: Say, text: str) -> None:
    say("i am not going to kill myself, i only want physio for my back")
    assert "risk-accepted" in say(text).answers


@pytest.mark.parametrize("text", ["im not ok", "no im not fine", "no its not alright"])
def test_not_being_ok_is_never_taken_for_all_well(say: Say, text: str) -> None:
    say("i want to die")
    assert "risk-accepted" not in say(text).answers


def test_a_doubt_in_a_careful_talk_gets_the_full_answer(say: Say) -> None:
    say("i want to die")
    assert "are-you-safe" not in say("i cant do this anymore").answers
