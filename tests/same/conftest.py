"""The six channels over one engine and a clock that stands still, and the table of what each of them did."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from bot.channels.telegram.runner import Telegram
from bot.conversation import Conversation
from bot.sessions import SessionStore
from bot.yaml_files import plain, read_yaml
from cli.service import Service
from tests.channels.bot_api import BotApi
from tests.channels.conftest import answering, settings_for
from tests.same.channels import EngineTalk, HttpTalk, PageTalk, RestTalk, TelegramTalk, TerminalTalk

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
CHANNELS = ("engine", "http", "rest", "telegram", "terminal", "page")
CONVERSATIONS = plain(read_yaml(Path("tests/same/conversations.yml")))["conversations"]
_results: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def stopped_clock() -> Iterator[None]:
    """Whether a service is open may change at any minute, so all channels are asked at the same one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("actions.handlers.utc_now", lambda: NOW)
        yield


@pytest.fixture(scope="module")
def conversation(service: Service, stopped_clock: None) -> Conversation:
    one = service.conversation
    return Conversation(one.engine, one.assessor, one.safe, now=lambda: NOW, turn_seconds=30)


@pytest.fixture(scope="module")
def address(service: Service, conversation: Conversation, served: Callable[..., Any]) -> Iterator[str]:
    with served(create_app(conversation, SessionStore(), service.settings)) as found:
        yield found


@pytest.fixture(scope="module")
def telegram_api(conversation: Conversation) -> Iterator[BotApi]:
    with BotApi().serving() as api, answering(Telegram(settings_for(api), conversation, SessionStore())):
        yield api


@pytest.fixture(scope="module")
def new_talk(request: pytest.FixtureRequest, conversation: Conversation) -> Callable[[str], Any]:
    """A function that begins a conversation on the channel of a name."""
    senders = itertools.count()

    def begin(channel: str) -> Any:
        match channel:
            case "engine":
                return EngineTalk(conversation)
            case "http":
                return HttpTalk(request.getfixturevalue("address"))
            case "rest":
                return RestTalk(request.getfixturevalue("address"), f"same-{next(senders)}")
            case "telegram":
                return TelegramTalk(request.getfixturevalue("telegram_api"))
            case "terminal":
                return TerminalTalk(conversation)
            case _:
                return PageTalk(request.getfixturevalue("chromium"), request.getfixturevalue("address"))

    return begin


@pytest.fixture
def table() -> Callable[[str, str], contextlib.AbstractContextManager[None]]:
    """Notes how a conversation went on a channel, for the table at the end."""

    @contextlib.contextmanager
    def noting(title: str, channel: str) -> Iterator[None]:
        _results[title, channel] = "DIFFERS"
        yield
        _results[title, channel] = "same"

    return noting


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _results:
        return
    width = max(len(title) for title, _ in _results)
    terminalreporter.write_sep("=", f"the same conversations on {len(CHANNELS)} channels")
    terminalreporter.write_line(" " * width + "".join(f"  {channel:<8}" for channel in CHANNELS))
    for title in dict.fromkeys(title for title, _ in _results):
        cells = "".join(f"  {_results.get((title, channel), '-'):<8}" for channel in CHANNELS)
        terminalreporter.write_line(f"{title:<{width}}{cells}")
    same = sum(result == "same" for result in _results.values())
    terminalreporter.write_line(f"{same} of {len(_results)} are the same")
