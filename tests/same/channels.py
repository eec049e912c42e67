"""The six channels, each driven as its users use it. A `Talk` is one conversation; what it gives back is what the person was shown."""

from __future__ import annotations

import contextlib
import io
import queue
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from playwright.sync_api import Browser
from rich.console import Console

from bot.channels.terminal import chat_in_terminal
from bot.conversation import Conversation, Message
from bot.reply import Reply
from bot.safe_answers import HELP_NOW, MENU
from bot.sessions import SessionStore
from tests.channels.bot_api import BotApi
from tests.channels.people import Person

AT_START = {MENU.label: MENU.payload, HELP_NOW.label: HELP_NOW.payload}


@dataclass
class Shown:
    """What a person sees after one turn. `reply` only where the channel gives the structure itself."""

    text: str
    choices: list[str]
    reply: Reply | None = None


class Talk(Protocol):
    def types(self, text: str) -> Shown: ...
    def chooses(self, label: str) -> Shown: ...


class EngineTalk:
    """bot.conversation in this process."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        _, self._session = SessionStore().create()
        self._payloads = dict(AT_START)

    def types(self, text: str) -> Shown:
        return self._receive(Message(text=text))

    def chooses(self, label: str) -> Shown:
        return self._receive(Message(choice=self._payloads[label]))

    def _receive(self, message: Message) -> Shown:
        reply = self._conversation.receive(self._session, message).reply
        self._payloads = {choice.label: choice.payload for choice in reply.choices}
        return Shown(reply.as_text(), list(self._payloads), reply)


class HttpTalk:
    """POST /chat/messages."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        made = self._client.post("/chat/sessions").json()
        self._client.headers["Authorization"] = f"Bearer {made['token']}"
        reply = Reply.model_validate(made["reply"])
        self._payloads = {choice.label: choice.payload for choice in reply.choices}
        self.first = Shown(reply.as_text(), list(self._payloads), reply)

    def types(self, text: str) -> Shown:
        return self._send({"text": text})

    def chooses(self, label: str) -> Shown:
        return self._send({"choice": self._payloads[label]})

    def _send(self, body: dict[str, str]) -> Shown:
        answer = self._client.post("/chat/messages", json=body)
        assert answer.status_code == 200, answer.text
        reply = Reply.model_validate(answer.json())
        self._payloads = {choice.label: choice.payload for choice in reply.choices}
        return Shown(reply.as_text(), list(self._payloads), reply)


class RestTalk:
    """Rasa's REST channel."""

    def __init__(self, address: str, sender: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        self._sender = sender
        self._payloads = dict(AT_START)

    def types(self, text: str) -> Shown:
        return self._send(text)

    def chooses(self, label: str) -> Shown:
        return self._send(self._payloads[label])

    def _send(self, message: str) -> Shown:
        answer = self._client.post("/webhooks/rest/webhook", json={"sender": self._sender, "message": message})
        assert answer.status_code == 200, answer.text
        (only,) = answer.json()
        self._payloads = {button["title"]: button["payload"] for button in only["buttons"]}
        return Shown(only["text"], list(self._payloads))


class TelegramTalk:
    """A person on Telegram, through the stand-in of the Bot API."""

    def __init__(self, api: BotApi) -> None:
        self._person = Person(api)
        self._person.types("/start")
        self.first = self._shown()

    def types(self, text: str) -> Shown:
        self._person.types(text)
        return self._shown()

    def chooses(self, label: str) -> Shown:
        self._person.presses(label)
        return self._shown()

    def _shown(self) -> Shown:
        found = self._person.hears_all()
        return Shown("\n".join(one.text for one in found), found[-1].labels)


class TerminalTalk:
    """`handrail chat`, with lines going in and everything printed coming out."""

    def __init__(self, conversation: Conversation) -> None:
        self._typed: queue.Queue[str | None] = queue.Queue()
        self._wants = threading.Semaphore(0)
        self._printed = io.StringIO()
        console = Console(file=self._printed, width=72, highlight=False)
        arguments = (conversation, SessionStore(), console, self._read)
        self._thread = threading.Thread(target=chat_in_terminal, args=arguments, daemon=True)
        self._thread.start()
        self.first = self._shown(0)
        self._labels = self.first.choices

    def types(self, text: str) -> Shown:
        before = len(self._printed.getvalue())
        self._typed.put(text)
        shown = self._shown(before)
        self._labels = shown.choices
        return shown

    def chooses(self, label: str) -> Shown:
        return self.types(str(self._labels.index(label) + 1))

    def close(self) -> None:
        self._typed.put(None)
        self._thread.join(timeout=10)

    def _read(self) -> str:
        self._wants.release()
        line = self._typed.get(timeout=60)
        if line is None:
            raise EOFError
        return line

    def _shown(self, before: int) -> Shown:
        assert self._wants.acquire(timeout=60)
        text = self._printed.getvalue()[before:]
        last = text.rstrip().rpartition("\n\n")[2]
        lines = re.split(r"\n(?= *\d+\. )", f"\n{last}")[1:]
        return Shown(text, [" ".join(line.split(". ", 1)[1].split()) for line in lines])


REMEMBER = """() => {
  window.rememberedText = new WeakMap();
  const walk = (node) => {
    if (node.nodeType === 3) window.rememberedText.set(node, node.data);
    if (node.shadowRoot) walk(node.shadowRoot);
    for (const child of node.childNodes) walk(child);
  };
  walk(document);
}"""
NEW_TEXT = """() => {
  const found = [], skipped = new Set(["STYLE", "SCRIPT", "TEMPLATE", "NOSCRIPT", "TITLE"]);
  const walk = (node) => {
    if (node.nodeType === 1 && (skipped.has(node.tagName) || !node.checkVisibility())) return;
    const isNew = node.nodeType === 3 && node.data.trim() && (!window.rememberedText || window.rememberedText.get(node) !== node.data);
    if (isNew) {
      found.push(node.data);
      const link = node.parentElement && node.parentElement.closest("a[href]");
      if (link) found.push(link.getAttribute("href"));
    }
    if (node.shadowRoot) walk(node.shadowRoot);
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  return found.join(" ");
}"""


class PageTalk:
    """The page at / in Chromium: typed into the box, and chosen by pressing buttons."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._page = browser.new_page(viewport={"width": 1000, "height": 900})
        self._page.goto(address)
        self._groups = self._page.get_by_role("group", name="Choices", exact=True)
        self.first = self._shown(0)

    def types(self, text: str) -> Shown:
        before = self._before()
        self._page.get_by_label("Your message").fill(text)
        self._page.get_by_role("button", name="Send", exact=True).click()
        return self._shown(before)

    def chooses(self, label: str) -> Shown:
        before = self._before()
        self._groups.nth(before - 1).get_by_role("button", name=label, exact=True).click()
        return self._shown(before)

    def close(self) -> None:
        self._page.close()

    def _before(self) -> int:
        self._page.evaluate(REMEMBER)
        return self._groups.count()

    def _shown(self, before: int) -> Shown:
        group = self._groups.nth(before)
        group.wait_for()
        labels = group.get_by_role("button").all_inner_texts()
        return Shown(self._page.evaluate(NEW_TEXT), labels)


@contextlib.contextmanager
def closing(talk: Any) -> Iterator[Any]:
    """Close what has to be closed after a talk."""
    try:
        yield talk
    finally:
        if hasattr(talk, "close"):
            talk.close()
