"""Chat in the terminal: a number chooses, anything else is a message."""

from __future__ import annotations

from rich.console import Console

from bot.conversation import Conversation, Message, MessageError
from bot.reply import Choice, Reply
from bot.sessions import SessionStore

WELCOME = "Handrail: wellbeing support. Nothing you type is kept. Type a number to choose, 'quit' to leave."


def chat_in_terminal(conversation: Conversation, sessions: SessionStore, console: Console | None = None) -> None:
    """Talk until 'quit', end of input or Ctrl+C, then forget the conversation."""
    console = console or Console(highlight=False)
    token, _ = sessions.create()
    console.print(WELCOME, markup=False)
    choices: list[Choice] = []
    try:
        while True:
            typed = input("\n> ").strip()
            if typed.lower() in ("quit", "exit"):
                break
            session = sessions.find(token)
            if session is None:
                token, session = sessions.create()
                console.print("It was quiet for 30 minutes, so the conversation before was wiped.", markup=False)
            chosen = typed.isdigit() and 0 < int(typed) <= len(choices)
            message = Message(choice=choices[int(typed) - 1].payload) if chosen else Message(text=typed)
            try:
                reply = conversation.receive(session, message).reply
            except MessageError as error:
                reply = Reply(paragraphs=[str(error)], choices=choices)
            choices = reply.choices
            console.print("\n" + reply.as_text(), markup=False)
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        found = sessions.forget(token)
        if found:
            conversation.forget(found)
    console.print("\nThe conversation is wiped. Take care.", markup=False)
