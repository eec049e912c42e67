"""The guided finder: every path ends at the service it names, and a wrong path is found before anybody takes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from actions.finder import load_finder
from bot.conversation import Message
from bot.directory import load_directory
from bot.reply import Reply
from bot.yaml_files import DataFileError
from cli.service import Service

FINDER = load_finder(Path("data"))
PATHS = [(who.id, about.label, about.to) for who in FINDER.values() for about in who.about]


def take(service: Service, *payloads: str) -> list[Reply]:
    token, session = service.sessions.create()
    replies = [service.conversation.receive(session, Message(choice=payload)).reply for payload in payloads]
    service.conversation.forget(session)
    service.sessions.forget(token)
    return replies


@pytest.mark.parametrize("who", FINDER)
def test_each_person_is_offered_and_leads_to_what_it_is_about(service: Service, who: str) -> None:
    first, second = take(service, "/find", f"/{who}")
    assert f"/{who}" in [choice.payload for choice in first.choices]
    assert [choice.label for choice in second.choices][: len(FINDER[who].about)] == [
        about.label for about in FINDER[who].about
    ]
    for reply in (first, second):
        assert {"/menu", "/help-now"} <= {choice.payload for choice in reply.choices}
    assert "/find" in [choice.payload for choice in second.choices], "there is a way back"


@pytest.mark.parametrize(("who", "label", "to"), PATHS, ids=[f"{who}-{to}" for who, _, to in PATHS])
def test_each_path_ends_at_its_service(service: Service, who: str, label: str, to: str) -> None:
    found = load_directory(Path("data")).find(to)
    assert found is not None
    assert take(service, "/find", f"/{who}", f"/{to}")[-1].cards[0].id == found[0].id


def test_the_finder_is_offered_at_the_start_and_in_the_menu(service: Service) -> None:
    token, session = service.sessions.create()
    greeting = service.conversation.receive(session, Message(text="hello")).reply
    assert "/find" in [choice.payload for choice in greeting.choices]
    assert "/find" in [choice.payload for choice in take(service, "/menu")[0].choices]
    service.sessions.forget(token)


def test_a_path_to_nowhere_is_found_with_its_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree("data", data, ignore=shutil.ignore_patterns("nlu", "safety"))
    file = data / "finder.yml"
    file.write_text(file.read_text().replace("to: oh-sharps", "to: oh-zebra"))
    line = next(at for at, text in enumerate(file.read_text().splitlines(), 1) if "oh-zebra" in text)
    with pytest.raises(DataFileError) as raised:
        load_finder(data)
    assert f"finder.yml:{line}:" in str(raised.value) and "oh-zebra" in str(raised.value)
