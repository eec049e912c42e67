"""Conversations on Telegram are counted as such, with no site."""

from __future__ import annotations

from pathlib import Path

from api.usage.catalogue import load_catalogue
from api.usage.recorder import UsageRecorder
from bot.channels.telegram.runner import Telegram
from bot.sessions import SessionStore
from cli.service import Service
from tests.channels.bot_api import BotApi
from tests.channels.conftest import answering, settings_for
from tests.channels.people import Person
from tests.usage.counts import exact


def test_telegram_is_a_channel_of_its_own(
    api: BotApi, service: Service, sessions: SessionStore, tmp_path: Path
) -> None:
    usage = UsageRecorder(f"sqlite:///{tmp_path}/u.db", load_catalogue(service.settings.data))
    with answering(Telegram(settings_for(api), service.conversation, sessions, usage.record)):
        somebody = Person(api)
        shown = somebody.asks("what is trim")
        somebody.presses("What does it cost?", shown)
        somebody.hears_all()
    usage.close()
    counts = {(table, group, item): n for (table, _, group, item), n in exact(f"sqlite:///{tmp_path}/u.db").items()}
    assert counts == {
        ("sessions-by-site", "not-stated", "not-stated"): 1,
        ("topics-by-region", "not-stated", "on-site"): 1,
        ("topics-by-region", "not-stated", "on-site/trim"): 1,
        ("outcomes", "national", "answered"): 1,
        ("channels", "national", "telegram"): 1,
    }
