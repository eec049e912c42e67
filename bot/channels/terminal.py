"""Chat in the terminal: a number chooses, a command starts with a slash, anything else is a message."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from bot.conversation import Conversation, Message, MessageError
from bot.reply import OPEN_WORDS, Card, Choice, Reply
from bot.safe_answers import HELP_NOW, MENU
from bot.sessions import Session, SessionStore

WIDEST = 88
LEAVING = {"quit", "exit", "/quit", "/exit", "/stop"}
CHOOSING = {"/help": HELP_NOW.payload, "/menu": MENU.payload}
Read = Callable[[], str]


def open_terminal() -> Console:
    """A console for this process's own input and output: text that it cannot show or read is replaced, and never stops the chat.

    Ctrl+C at a terminal leaves, even where the program that opened the terminal had asked not to hear it.
    """
    if sys.stdin.isatty():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdin, sys.stdout):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  arrow keys work; what was typed is never written to a file
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    return console


def chat_in_terminal(
    conversation: Conversation, sessions: SessionStore, console: Console | None = None, read: Read | None = None
) -> None:
    """Talk until /quit, the end of the input, Ctrl+C or a closed pipe, then forget the conversation."""
    console = console or open_terminal()
    chat = TerminalChat(conversation, sessions, console)
    try:
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            chat.start()
            while chat.take((read or _reader(console))()):
                pass
    finally:
        chat.forget()
    chat.tell("terminal:left")


def _reader(console: Console) -> Read:
    def read() -> str:
        if sys.stdin.isatty():
            return input("\n> ")
        line = input()
        console.print(f"\n> {line}", markup=False)
        return line

    return read


class TerminalChat:
    """One conversation and the choices that its last reply showed."""

    def __init__(self, conversation: Conversation, sessions: SessionStore, console: Console) -> None:
        self._conversation = conversation
        self._sessions = sessions
        self._console = console
        self._wording = conversation.safe.wording
        self._token = ""
        self._choices: list[Choice] = []

    def start(self) -> None:
        """Begin a new conversation with the greeting."""
        self._token, _ = self._sessions.create()
        self.tell("terminal:welcome")
        self._show(self._conversation.safe.greeting())

    def take(self, line: str) -> bool:
        """Answer one line. False when the person wants to leave."""
        typed = line.strip()
        command = typed.lower()
        if command in LEAVING:
            return False
        session = self._sessions.find(self._token)
        if session is None:
            self._wiped()
            return True
        if command == "/erase":
            self._erase()
        elif command == "/privacy":
            self._show(Reply(paragraphs=self._wording.paragraphs("question:privacy"), choices=[MENU, HELP_NOW]))
        elif command in CHOOSING:
            self._converse(session, Message(choice=CHOOSING[command]))
        elif typed.isdecimal() and len(typed) <= 2:
            self._choose(session, int(typed))
        else:
            self._converse(session, Message(text=typed))
        return True

    def forget(self) -> None:
        """Forget the conversation."""
        if found := self._sessions.forget(self._token):
            self._conversation.forget(found)

    def tell(self, key: str) -> None:
        """Say the paragraphs of `key`."""
        with contextlib.suppress(BrokenPipeError):
            for paragraph in self._wording.paragraphs(key):
                self._print(Text(paragraph, style="dim"))

    def _choose(self, session: Session, number: int) -> None:
        if 0 < number <= len(self._choices):
            self._converse(session, Message(choice=self._choices[number - 1].payload))
        else:
            self.tell("terminal:number")
            self._list_choices()

    def _converse(self, session: Session, message: Message) -> None:
        try:
            reply = self._conversation.receive(session, message).reply
        except MessageError as error:
            reply = Reply(paragraphs=[str(error)], choices=self._choices)
        self._show(reply)

    def _erase(self) -> None:
        self.forget()
        if self._console.is_terminal:
            self._console.file.write("\033[2J\033[3J\033[H")
        with contextlib.suppress(ImportError):
            import readline

            readline.clear_history()
        self.tell("terminal:erased")
        self.start()

    def _wiped(self) -> None:
        self.tell("terminal:again")
        self.start()

    def _show(self, reply: Reply) -> None:
        self._choices = reply.choices
        for paragraph in reply.paragraphs:
            self._print(Text(paragraph))
        for card in reply.cards:
            self._print(Text(card.title + OPEN_WORDS[card.open_now], style="bold"))
            for line in _lines_of(card):
                self._hang("  ", line)
        self._list_choices()

    def _list_choices(self) -> None:
        self._console.print()
        width = len(str(len(self._choices)))
        for number, choice in enumerate(self._choices, 1):
            self._hang(f"{number:>{width}}. ", Text(choice.label))

    def _print(self, paragraph: Text) -> None:
        self._console.print()
        self._console.print(paragraph)

    def _hang(self, start: str, text: Text) -> None:
        """Print `text` after `start`, its other lines set in as far."""
        for part in text.wrap(self._console, max(10, self._console.width - len(start))):
            part.rstrip()
            self._console.print(Text(start) + part, soft_wrap=True)
            start = " " * len(start)


def _lines_of(card: Card) -> list[Text]:
    lines = [Text(card.summary)]
    lines += [Text.assemble((f"{row.label}: ", "bold"), row.text) for row in card.rows]
    for contact in card.contacts:
        note = f" ({contact.note})" if contact.note else ""
        lines.append(Text.assemble((f"{contact.label}: ", "bold"), contact.value, note))
    return lines
