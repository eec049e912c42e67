"""`handrail chat` as people meet it: on a real terminal, on a narrow one, with piped input, and with odd bytes."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterable
from fcntl import ioctl
from pathlib import Path

import pytest
from rich.console import Console

from bot.channels.terminal import chat_in_terminal
from bot.sessions import SessionStore
from cli.service import Service

HANDRAIL = str(Path(sys.executable).with_name("handrail"))
CLEARED = "\x1b[2J\x1b[3J\x1b[H"


def talk(service: Service, lines: Iterable[str], width: int = 80, sessions: SessionStore | None = None) -> str:
    """What is printed while `lines` are typed; each prompt shows as '>>>'."""
    printed, waiting = io.StringIO(), iter(lines)

    def read() -> str:
        printed.write("\n>>>\n")
        line = next(waiting, None)
        if line is None:
            raise EOFError
        return line

    console = Console(file=printed, width=width, highlight=False)
    chat_in_terminal(service.conversation, sessions if sessions is not None else SessionStore(), console, read)
    return printed.getvalue()


def choices_at_start(service: Service) -> str:
    choices = service.conversation.safe.greeting().choices
    return "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))


def turns(printed: str) -> list[str]:
    return printed.split(">>>")


def test_it_greets_says_what_can_be_typed_and_offers_choices(service: Service) -> None:
    first = turns(talk(service, []))[0]
    assert "Hello" in first and choices_at_start(service) in first
    for command in ("/help", "/menu", "/privacy", "/erase", "/quit"):
        assert command in first


def test_a_number_chooses_and_one_that_is_not_there_is_said_to_be_so(service: Service) -> None:
    said = turns(talk(service, ["how do i get physio", "1", "77", "0", "2"]))
    assert "Who will know?" in said[2] and "Answer:" in said[2]
    for number in (3, 4):
        assert "no choice with that number" in said[number] and "1. What happens next?" in said[number]
    assert "cost" in said[5]


def test_a_number_to_ring_is_not_taken_for_a_choice(service: Service) -> None:
    assert "no choice with that number" not in turns(talk(service, ["999"]))[1]


@pytest.mark.parametrize("word", ["/quit", "quit", "EXIT", "/stop", " /Quit "])
def test_leaving_forgets(service: Service, word: str) -> None:
    sessions = SessionStore()
    printed = talk(service, ["how do i get physio", word, "never read"], sessions=sessions)
    assert len(turns(printed)) == 3 and "forgotten this conversation" in printed and len(sessions) == 0


def test_commands_like_those_on_telegram(service: Service) -> None:
    said = turns(talk(service, ["/help", "/menu", "/privacy", "how do i get physio", "/erase", "will my manager know"]))
    assert "116 123" in said[1] and "Occupational health" in said[2] and "I keep nothing" in said[3]
    assert "forgotten" in said[5] and "Hello" in said[5]
    assert "physio" not in said[6].lower()


def test_a_message_that_cannot_be_taken_leaves_the_choices_as_they_are(service: Service) -> None:
    said = turns(talk(service, ["how do i get physio", "", "the heating is off. " * 200, "1"]))
    assert "no message" in said[2] and "too long" in said[3] and "1. Who will know?" in said[3]
    assert "Answer:" in said[4]


def test_after_a_quiet_while_the_old_choices_are_not_taken(service: Service) -> None:
    def slowly() -> Iterable[str]:
        yield "how do i get physio"
        time.sleep(0.4)
        yield "1"

    said = turns(talk(service, slowly(), sessions=SessionStore(idle_seconds=0.2)))
    assert "wiped" in said[2] and choices_at_start(service) in said[2] and "physio" not in said[2].lower()


@pytest.mark.parametrize("width", [20, 32])
def test_a_narrow_window_wraps_between_words_and_sets_cards_in(service: Service, width: int) -> None:
    said = talk(service, ["cut a lad down on Tuesday and I can't get it out of my head", "/menu"], width)
    assert max(len(line.rstrip()) for line in said.splitlines()) <= width
    assert "\n  Who" in said and re.search(r"\n\d+\. \S.*\n {3}\S", said)


def test_odd_bytes_and_a_reader_that_goes_away_do_no_harm(service: Service) -> None:
    typed = b"\xff\xfe\x00 how do i get physio caf\xe9\n/help\n"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([HANDRAIL, "chat"], input=typed, capture_output=True, timeout=120, env=environment)
    assert done.returncode == 0 and b"116 123" in done.stdout and b"Traceback" not in done.stderr
    gone = subprocess.run(
        ["sh", "-c", f"yes '/help' | head -300 | {HANDRAIL} chat | head -1"], capture_output=True, timeout=120
    )
    assert b"Traceback" not in gone.stderr and b"Exception" not in gone.stderr


def _as_from_a_launcher() -> None:
    """The terminal is the process's own; Ctrl+C comes switched off, as from a shell's background job."""
    ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Window:
    """`handrail chat` on a terminal of its own."""

    def __init__(self, columns: int = 80) -> None:
        self.main, child = pty.openpty()
        ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [HANDRAIL, "chat"], stdin=child, stdout=child, stderr=child, env=environment, start_new_session=True,
            preexec_fn=_as_from_a_launcher,
        )  # fmt: skip
        os.close(child)

    def types(self, text: str) -> None:
        os.write(self.main, text.encode())

    def shows(self, words: str, seconds: float = 90) -> str:
        """All that came since the last call, once `words` are in it."""
        found, until = "", time.monotonic() + seconds
        while words not in found:
            assert time.monotonic() < until, found
            if select.select([self.main], [], [], 0.2)[0]:
                try:
                    found += os.read(self.main, 65536).decode("utf-8", "replace")
                except OSError:
                    assert words in found, found
        return found

    def interrupted(self, shown: str) -> str:
        """Ctrl+C until `shown` is there: Python's readline loses one that comes between its prompt and its wait for a key."""
        for _ in range(9):
            self.types("\x03")
            with contextlib.suppress(AssertionError):
                return self.shows(shown, seconds=10)
        return self.shows(shown)

    def ends(self) -> int:
        return self.process.wait(timeout=30)


def test_a_real_terminal_erases_the_screen_and_ctrl_c_leaves_kindly(service: Service) -> None:
    window = Window()
    window.shows("\n> ")
    window.types("how do i get physio\n")
    assert "Who will know" in window.shows("Get help now")
    window.types("/erase\n")
    assert CLEARED in window.shows("Get help now")
    window.types("half a mess")
    window.shows("half a mess")
    assert "forgotten this conversation" in window.interrupted("Take care.")
    assert window.ends() == 0
