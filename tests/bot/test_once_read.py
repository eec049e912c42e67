"""A message is read for risk once a turn, although two parts of the service ask; no text is held for that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.conversation import Message
from bot.safety import load_assessor
from bot.safety.assess import Assessor
from bot.safety.classifier import SignClassifier
from bot.safety.once import KEPT, RecentRisks
from bot.safety.risk import Kind, Risk, RiskLevel, Subject
from bot.safety.wordlist import read_words
from bot.sessions import SessionStore
from cli.service import Service

DATA = Path("data")
AT_RISK = Risk(RiskLevel.HIGH, Subject.SELF, Kind.SUICIDE)


def test_a_turn_encodes_the_message_for_risk_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assessor, encoded = service.conversation.assessor, []
    encode = assessor._encode
    assert encode is not None

    def counting(units: Sequence[str]) -> np.ndarray:
        encoded.append(list(units))
        return encode(units)

    monkeypatch.setattr(assessor, "_encode", counting)
    _, session = (store := SessionStore()).create()
    said = service.conversation.receive(session, Message(text="the vending machine by the gate ate my pound again"))
    assert said.reply.choices and len(encoded) == 1 and len(store) == 1


def test_what_is_kept_is_the_newest_and_holds_no_text() -> None:
    recent, words = RecentRisks(), "nobody would know if i went tonight"
    for number in range(KEPT + 1):
        recent.keep(recent.key_of(f"{words} {number}"), AT_RISK)
    assert recent.get(recent.key_of(f"{words} 0")) is None
    assert recent.get(recent.key_of(f"{words} {KEPT}")) == AT_RISK
    assert len(recent._found) == KEPT
    assert not any(words.encode() in key for key in recent._found)
    assert RecentRisks().key_of(words) != recent.key_of(words)


def test_an_answer_without_the_classifier_is_not_kept() -> None:
    broken = [True]
    whole = load_assessor(DATA)

    def encode(units: Sequence[str]) -> np.ndarray:
        if broken[0]:
            raise RuntimeError
        assert whole._encode is not None
        return whole._encode(units)

    assessor = Assessor(read_words(DATA), SignClassifier.load(DATA / "safety" / "classifier.npz"), encode)
    oblique = "everyone would breathe easier if i just wasnt here any more"
    first = assessor.assess_once(oblique)
    broken[0] = False
    assert assessor.assess_once(oblique) == whole.assess(oblique)
    assert assessor.assess_once(oblique).found >= first.found
