"""Prints a conversation on Telegram as its reader sees it: `uv run python -m tests.channels.transcript [sentence ...]`.

A sentence in [square brackets] presses the button of that label.
"""

from __future__ import annotations

import sys
import textwrap

from bot.channels.telegram.runner import Telegram
from bot.sessions import SessionStore
from cli.service import start_service
from tests.channels.bot_api import BotApi, Shown
from tests.channels.conftest import answering, settings_for
from tests.channels.people import MEDIA, Person

USUAL = [
    "/start",
    "cut a lad down on Tuesday and I can't get it out of my head",
    "[Who will know?]",
    "/privacy",
    "/erase",
]


def drawn(shown: Shown) -> str:
    lines = [line for text in shown.text.splitlines() for line in textwrap.wrap(text, 68) or [""]]
    rows = ["   ".join(f"[ {label} ]" for label, _ in row) for row in shown.keyboard]
    return "\n".join(f"  | {line}" for line in [*lines, *([""] if rows else []), *rows])


def main() -> None:
    service = start_service()
    with BotApi().serving() as api:
        settings = settings_for(api, telegram_intranet="https://intranet.example/handrail")
        with answering(Telegram(settings, service.conversation, SessionStore())):
            somebody = Person(api)
            for sentence in sys.argv[1:] or USUAL:
                print(f"\n> {sentence}")
                if sentence.startswith("["):
                    somebody.presses(sentence.strip("[]"))
                elif sentence in MEDIA:
                    somebody.sends(sentence)
                else:
                    somebody.types(sentence)
                toasts = len(api.bot.toasts)
                print("\n\n".join(drawn(one) for one in somebody.hears_all()))
                print("\n".join(f"  ( {toast} )" for toast in api.bot.toasts[toasts:]))


if __name__ == "__main__":
    main()
