"""What every channel renders: a Reply with paragraphs, cards and choices. A plain-text channel can always show it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXT = 2000
OPEN_WORDS = {"open": " (open now)", "closed": " (closed now)", "ask": ""}


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(Part):
    """A button. `payload` is what comes back when it is chosen: a Rasa intent such as '/trim'."""

    label: str
    payload: Annotated[str, Field(pattern=r"^/[a-z0-9_-]+$")]


class ContactLine(Part):
    """A way to reach someone. `href` is tel:, sms:, mailto: or https:, or None where there is nothing to tap."""

    label: str
    value: str
    href: str | None = None
    note: str | None = None


class Row(Part):
    label: str
    text: str


class Card(Part):
    """One service or helpline. `referral` says that a manager can refer someone to it."""

    id: str
    title: str
    summary: str
    open_now: Literal["open", "closed", "ask"] = "ask"
    rows: list[Row] = []
    contacts: list[ContactLine] = []
    referral: bool = False


class Reply(Part):
    """An answer. `answers` lists the ids of what it gives (service ids, question:cost, menu, clarify, ...)."""

    paragraphs: list[str] = []
    cards: list[Card] = []
    choices: list[Choice] = []
    answers: list[str] = []

    def as_text(self, with_choices: bool = True) -> str:
        """The whole reply as plain text; paragraphs are parted by an empty line."""
        blocks = list(self.paragraphs)
        for card in self.cards:
            lines = [card.title.upper() + OPEN_WORDS[card.open_now], card.summary]
            lines += [f"{row.label}: {row.text}" for row in card.rows]
            for contact in card.contacts:
                note = f" ({contact.note})" if contact.note else ""
                lines.append(f"{contact.label}: {contact.value}{note}")
            blocks.append("\n".join(lines))
        if with_choices and self.choices:
            blocks.append("\n".join(f"{number}. {choice.label}" for number, choice in enumerate(self.choices, 1)))
        return "\n\n".join(blocks)
