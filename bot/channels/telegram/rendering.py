"""Writes a Reply as Telegram messages: HTML in pieces that fit, and choices as buttons."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import MessageLimit

from bot.reply import OPEN_WORDS, Card, Choice, Reply
from bot.safe_answers import HELP_NOW

LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
LONGEST_ESCAPE = len("&amp;")
SHORT_LABEL = 18
MOST_BUTTONS = 100
HELP_DATA = "help-now"


@dataclass(frozen=True)
class Line:
    """One line of a message, with an optional start in bold."""

    plain: str = ""
    bold: str = ""

    def as_html(self) -> str:
        bold = f"<b>{html.escape(self.bold, quote=False)}</b>" if self.bold else ""
        return bold + html.escape(self.plain, quote=False)


Block = list[Line]


def pieces_of(reply: Reply, before: Sequence[str] = (), after: Sequence[str] = (), limit: int = LIMIT) -> list[str]:
    """`reply` as HTML messages of at most `limit` characters, cut between paragraphs, else lines, else words."""
    blocks = [[Line(text)] for text in (*before, *reply.paragraphs)]
    blocks += [_card_lines(card) for card in reply.cards]
    blocks += [[Line(text)] for text in after]
    pieces: list[str] = []
    for block in blocks:
        for part in _parts_that_fit(block, limit):
            if pieces and size(f"{pieces[-1]}\n\n{part}") <= limit:
                pieces[-1] += f"\n\n{part}"
            else:
                pieces.append(part)
    return pieces


def size(text: str) -> int:
    """The length as Telegram counts it: UTF-16 units. Tags and escapes are counted too, so the limit is never passed."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def keyboard_of(choices: Sequence[Choice], nonce: str) -> InlineKeyboardMarkup:
    """Buttons, two in a row where both labels are short. The data is the reply's nonce and the choice's place, never text."""
    rows: list[list[InlineKeyboardButton]] = []
    room = False
    for place, choice in enumerate(choices[:MOST_BUTTONS]):
        data = HELP_DATA if choice == HELP_NOW else f"{nonce}.{place}"
        button = InlineKeyboardButton(choice.label, callback_data=data)
        short = len(choice.label) <= SHORT_LABEL
        if short and room:
            rows[-1].append(button)
        else:
            rows.append([button])
        room = short and len(rows[-1]) == 1
    return InlineKeyboardMarkup(rows)


def only_help() -> InlineKeyboardMarkup:
    """What stays of a keyboard that was used."""
    return keyboard_of([HELP_NOW], "")


def _card_lines(card: Card) -> Block:
    lines = [Line(OPEN_WORDS[card.open_now], bold=card.title), Line(card.summary)]
    lines += [Line(f" {row.text}", bold=f"{row.label}:") for row in card.rows]
    for contact in card.contacts:
        note = f" ({contact.note})" if contact.note else ""
        lines.append(Line(f" {contact.value}{note}", bold=f"{contact.label}:"))
    return lines


def _parts_that_fit(block: Block, limit: int) -> Iterator[str]:
    whole = "\n".join(line.as_html() for line in block)
    if size(whole) <= limit:
        yield whole
        return
    part = ""
    for line in (short for long in block for short in _short_lines(long, limit)):
        joined = f"{part}\n{line}" if part else line
        if size(joined) > limit:
            yield part
            joined = line
        part = joined
    yield part


def _short_lines(line: Line, limit: int) -> list[str]:
    if size(line.as_html()) <= limit:
        return [line.as_html()]
    width = limit // LONGEST_ESCAPE
    return [Line(part).as_html() for part in textwrap.wrap(line.bold + line.plain, width)]
