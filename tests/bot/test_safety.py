"""Risk is seen in the words people use, about the right person, and idiom does not set it off."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.safety import load_assessor

ASSESSOR = load_assessor(Path("data"))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("i want to die", "self"),
        ("I WANT TO DIE!!!", "self"),
        ("dont want to be here anymore", "self"),
        ("everyone would be better off without me", "self"),
        ("thinking of topping myself", "self"),
        ("k i l l myself", "self"),
        ("can't sleep, in debt and don't see the point of living", "self"),
        ("ive been cutting myself again", "self"),
        ("i want to k1ll mys3lf", "self"),
        ("thinking of \u0435nding my l\u0456fe", "self"),
        ("im such a burden to my family", "self"),
        ("dont care if i wake up tomorrow", "self"),
        ("how many tablets would it take to die", "self"),
        ("i see no future for me", "self"),
        ("i cant go on with this", "self"),
        ("tired of living like this", "self"),
        ("sick of living with this in my head", "self"),
        ("nearly killed my self last week", "self"),
        ("want to blow my brains out", "self"),
        ("ive started burning myself", "self"),
        ("goodbye world", "self"),
        ("i cut myself on purpose", "self"),
        ("ive been hurting myself at night", "self"),
        ("want to end my pain with pills", "self"),
        ("prisoner just got slashed on the threes", "custody"),
        ("prisoner on my wing says hes going to hang himself", "custody"),
        ("hes cut up again on the twos", "custody"),
        ("lad on my caseload says he's done", "probation"),
        ("my colleague told me she wants to end it all", "colleague"),
        ("my son is self harming", "family"),
    ],
)
def test_risk_is_seen_and_about_whom(text: str, subject: str) -> None:
    risk = ASSESSOR.assess(text)
    assert risk.found and risk.subject.value == subject


@pytest.mark.parametrize(
    "text",
    [
        "this job is killing me",
        "dying for a brew",
        "i could murder the rota",
        "where is the ACCT guidance",
        "suicide awareness training for my team",
        "my dad died by suicide last year",
        "cut a lad down on Tuesday and I can't get it out of my head",
        "jumped on the 2s landing",
        "cant face another late",
        "what do they do in the daycare",
        "got jumped on the 2s landing and now i freeze",
        "bad night on B wing, one of mine got slashed and i cant stop shaking",
        "tired of living in hotels",
        "my officer cant go on leave",
        "i can carry on using it after i leave",
        "burnt myself on the kettle",
        "hurt myself lifting a box",
        "i've had 2 lates, 1 early and 3 nights!",
        "",
        "\x00\ud800 🙂",
    ],
)
def test_everyday_talk_is_not_risk(text: str) -> None:
    assert not ASSESSOR.assess(text).found


def test_risk_at_the_end_of_a_long_message_is_seen() -> None:
    assert ASSESSOR.assess("the rota changed again and nobody said. " * 45 + "i want to kill myself").found
