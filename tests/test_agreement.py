"""Things that must agree: domain, actions, phrases, rules, directory, documents."""

from __future__ import annotations

import re
from collections import defaultdict
from math import ceil
from pathlib import Path

import typer

from actions.compose import QUESTIONS, SMALL_TALK
from actions.finder import load_finder
from actions.handlers import ACTIONS
from api.app import create_app
from api.telegram import ADDRESS as TELEGRAM_ADDRESS
from bot.directory import load_directory
from bot.safe_answers import WHO
from bot.safety.classifier import SignClassifier, digest_of
from bot.safety.examples import read_examples as read_safety_examples
from bot.settings import Settings
from bot.yaml_files import plain, read_yaml
from cli.evaluation import read_examples
from cli.main import app
from cli.service import WEBHOOK, Service

DOMAIN = plain(read_yaml(Path("domain.yml")))
DIRECTORY = load_directory(Path("data"))
WITHOUT_PHRASES = {"at-risk", "help-now", *(f"menu-{family}" for family in DIRECTORY.families)}
WITHOUT_PHRASES |= {"find", *load_finder(Path("data"))}
WITHOUT_PHRASES |= {choice.payload.removeprefix("/") for choice in WHO.values()}


def phrases() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted(Path("data/nlu").glob("*.yml")):
        for entry in plain(read_yaml(file))["nlu"]:
            lines = [line[2:].strip() for line in entry["examples"].splitlines() if line.startswith("- ")]
            found.setdefault(entry["intent"], []).extend(lines)
    return found


PHRASES = phrases()
SERVICE_INTENTS = set(DIRECTORY.services) | {
    f"{service.id}-{topic.id}" for service in DIRECTORY.services.values() for topic in service.topics
}


def test_every_action_of_the_domain_is_there() -> None:
    assert {action().name() for action in ACTIONS} == set(DOMAIN["actions"])


def test_every_intent_has_phrases_and_a_rule() -> None:
    assert set(PHRASES) == set(DOMAIN["intents"]) - WITHOUT_PHRASES
    rules = "\n".join(file.read_text() for file in Path("data/rules").glob("*.yml"))
    assert set(re.findall(r"intent: (\S+)", rules)) == set(DOMAIN["intents"]) | {"nlu_fallback"}


def test_every_service_and_topic_is_an_intent() -> None:
    assert set(DOMAIN["intents"]) >= SERVICE_INTENTS
    assert {*QUESTIONS, *SMALL_TALK} <= set(DOMAIN["intents"])


def test_there_are_enough_phrases() -> None:
    assert sum(map(len, PHRASES.values())) >= 3000
    assert {intent: len(PHRASES[intent]) for intent in SERVICE_INTENTS if len(PHRASES[intent]) < 40} == {}


def test_no_phrase_is_there_twice_or_is_in_the_test_set() -> None:
    trained = [phrase.lower() for lines in PHRASES.values() for phrase in lines]
    assert len(trained) == len(set(trained))
    held_out = [example.text.lower() for example in read_examples(Path("tests/understanding"))]
    assert len(held_out) >= 600
    assert set(trained) & set(held_out) == set()


def test_hardly_any_phrases_differ_by_one_word() -> None:
    twins = 0
    for lines in PHRASES.values():
        seen: set[tuple[str, ...]] = set()
        for line in lines:
            words = line.lower().split()
            masks = {(*words[:at], "*", *words[at + 1 :]) for at in range(len(words))} if len(words) > 3 else set()
            twins += bool(masks & seen)
            seen |= masks
    assert twins <= 0.02 * sum(map(len, PHRASES.values()))


def test_every_setting_and_command_is_documented() -> None:
    text = Path("docs/settings.md").read_text()
    for name in Settings.model_fields:
        assert f"`HANDRAIL_{name.upper()}`" in text
    group = typer.main.get_command(app)
    for name in group.commands:  # type: ignore[attr-defined]
        assert f"`handrail {name}" in text


def test_every_endpoint_is_documented(service: Service) -> None:
    text = Path("docs/settings.md").read_text()
    document = create_app(service.conversation, service.sessions, service.settings).openapi()
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in text


def test_the_telegram_page_names_every_warning_and_setting_that_is_telegrams() -> None:
    text = Path("docs/telegram.md").read_text()
    for name in Settings.model_fields:
        assert not name.startswith("telegram_") or name == "telegram_api" or f"HANDRAIL_{name.upper()}" in text
    code = "\n".join(file.read_text() for file in Path("bot/channels/telegram").glob("*.py"))
    for event in ("telegram_off", "telegram_polled_elsewhere", "telegram_not_delivered", "telegram_ready"):
        assert event in code and event in text
    assert WEBHOOK == TELEGRAM_ADDRESS and WEBHOOK in text


def test_links_between_documents_lead_somewhere() -> None:
    for file in [Path("README.md"), *Path("docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / link).exists(), f"{file}: {link}"


NEVER = re.compile(
    r"committed suicide|commit suicide|diagnos|\bcure[sd]?\b|we will fix|cheer up|guarantee", re.IGNORECASE
)


def test_nothing_is_said_that_must_never_be_said() -> None:
    texts = [Path("data/wording.yml").read_text(), *(file.read_text() for file in Path("data/services").glob("*.yml"))]
    assert [found.group() for text in texts for found in NEVER.finditer(text)] == []


def test_the_risk_classifier_was_learnt_from_the_examples_as_they_are() -> None:
    classifier = SignClassifier.load(Path("data/safety/classifier.npz"))
    assert classifier.digest == digest_of(Path("data")), "run: uv run handrail train"


NEAR = 0.75


def test_no_sentence_is_both_learnt_and_tested_nor_nearly_so() -> None:
    folders = (Path("data/safety/examples"), Path("data/safety/added"))
    learnt = [set_of_words(example.text) for folder in folders for example in read_safety_examples(folder)]
    tested = [set_of_words(example.text) for example in read_safety_examples(Path("tests/safety"))]
    where = defaultdict(list)
    for number, words in enumerate(tested):
        for word in words:
            where[word].append(number)
    near = []
    for words in learnt:
        # Who shares three quarters of the words shares one of the rarest quarter.
        rarest = sorted(words, key=lambda word: (len(where[word]), word))[: len(words) - ceil(NEAR * len(words)) + 1]
        alike = {number for word in rarest for number in where[word]}
        near += [
            " ".join(sorted(words))
            for number in alike
            if words == tested[number]
            or (len(words) >= 4 and len(words & tested[number]) / len(words | tested[number]) >= NEAR)
        ]
    assert near == []


def set_of_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", re.sub("['’]", "", text.casefold())))
