"""What is never said to staff, in any wording, service, helpline or contact; and how easy the safe answers are to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import textstat
from ruamel.yaml import YAML

from actions.compose import load_composer, utc_now
from bot.safety import Kind, Risk, RiskLevel, Subject

FILES = [
    *Path("data/services").glob("*.yml"),
    *(Path("data") / name for name in ("wording.yml", "helplines.yml", "contacts.yml")),
]
NEVER = {
    "committed suicide": r"commit\w* suicide|successful suicide|failed (attempt|suicide)|suicide bid",
    "method": r"\b(noose|ligatur\w+|overdos\w+ on|slit\w*|hang yourself|cut yourself|jump\w* (off|from)|milligrams?|\d+ ?mg|doses?)\b",
    "diagnosis": r"you (have|are suffering from|may have|are) (depress\w+|ptsd|anxiety|bipolar|an? \w+ disorder)|your (score|diagnosis)\b",
    "promise": r"\b(we|i) (promise|guarantee)|will (cure|fix|make you better)|everything will be (fine|all right|ok)|you will feel better",
    "blame": r"you should have|your own fault|selfish|attention.seeking|snap out|man up|cheer up",
}
CHEERFUL = r"!|\bgreat\b|awesome|fantastic|no worries|happy to|yay|[\U0001f300-\U0001faff]"
SAFE = load_composer(Path("data")).safe


def strings(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings(value)]
    return [node] if isinstance(node, str) else []


TEXTS = [(file.name, text) for file in FILES for text in strings(YAML(typ="safe").load(file.read_text()))]


@pytest.mark.parametrize("name", NEVER)
def test_it_is_never_said(name: str) -> None:
    assert len(TEXTS) > 500
    assert [(file, text) for file, text in TEXTS if re.search(NEVER[name], text, re.IGNORECASE)] == []


def test_the_lint_would_see_each() -> None:
    said = ["he committed suicide", "take 10 mg", "you have depression", "we promise", "snap out of it"]
    for pattern, text in zip(NEVER.values(), said, strict=True):
        assert re.search(pattern, text, re.IGNORECASE)


RISKS = [
    Risk(level, subject, kind)
    for level in (RiskLevel.HIGH, RiskLevel.EMERGENCY)
    for subject in Subject
    for kind in Kind
]


@pytest.mark.parametrize("risk", RISKS, ids=lambda risk: f"{risk.level}-{risk.subject}-{risk.kind}")
def test_every_risk_answer_is_calm_and_reaches_a_person(risk: Risk) -> None:
    reply = SAFE.risk(risk, utc_now())
    words = "\n".join(reply.paragraphs)
    assert not re.search(CHEERFUL, words, re.IGNORECASE)
    assert {"emergency-999", "samaritans", "shout", "nhs-111-mental-health", "eap-helpline"} <= {
        card.id for card in reply.cards
    }
    assert "999" in words or "raise the alarm" in words
    assert textstat.flesch_kincaid_grade(words) + 5 <= 11, "reading age over 11"


@pytest.mark.parametrize("about", ["concern:self", "concern:other", "concern:at-home", "risk:accepted", "risk:who"])
def test_the_soft_answers_are_easy_to_read(about: str) -> None:
    words = "\n".join(SAFE.wording.paragraphs(about))
    assert not re.search(CHEERFUL, words, re.IGNORECASE)
    assert textstat.flesch_kincaid_grade(words) + 5 <= 11
