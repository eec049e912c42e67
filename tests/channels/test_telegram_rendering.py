"""Any reply becomes messages that Telegram takes: short enough, well formed, with every word, and cut between paragraphs."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.rendering import LIMIT, keyboard_of, pieces_of, size
from bot.reply import Card, Choice, ContactLine, Reply, Row
from tests.channels.bot_api import DATA_LIMIT, Entities, utf16

SENTENCE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=400)
MARKUP = st.sampled_from(["<b>", "</b>", "&amp;", "<script>alert(1)</script>", "a < b & c > d", '"quoted"', "😀" * 90])
WORDS = st.one_of(
    SENTENCE, MARKUP, st.integers(1, 60).map(lambda times: "the rota changed & the heating is off < " * times)
)
CARD = st.builds(
    lambda title, summary, rows, contacts: Card(id="x", title=title, summary=summary, rows=rows, contacts=contacts),
    WORDS,
    WORDS,
    st.lists(st.builds(lambda label, text: Row(label=label, text=text), WORDS, WORDS), max_size=4),
    st.lists(
        st.builds(lambda value, note: ContactLine(label="Ring", value=value, note=note), WORDS, WORDS), max_size=3
    ),
)
REPLY = st.builds(
    lambda paragraphs, cards: Reply(paragraphs=paragraphs, cards=cards),
    st.lists(WORDS, max_size=6),
    st.lists(CARD, max_size=4),
)


def letters(text: str) -> str:
    return "".join(text.split())


@given(REPLY, st.integers(120, LIMIT))
def test_every_piece_fits_and_is_well_formed_and_no_letter_is_lost(reply: Reply, limit: int) -> None:
    pieces = pieces_of(reply, limit=limit)
    assert all(utf16(piece) <= limit for piece in pieces)
    read = letters("".join(Entities(piece).text for piece in pieces))
    for words in [*reply.paragraphs, *(words for card in reply.cards for words in words_of(card))]:
        assert letters(words) in read


def words_of(card: Card) -> list[str]:
    return [card.title, card.summary, *(row.text for row in card.rows), *(contact.value for contact in card.contacts)]


@given(st.lists(SENTENCE, min_size=2, max_size=40))
def test_messages_are_cut_between_paragraphs_when_each_of_them_fits(paragraphs: list[str]) -> None:
    pieces = pieces_of(Reply(paragraphs=paragraphs), limit=2500)
    assert [html.unescape(part) for piece in pieces for part in piece.split("\n\n")] == paragraphs


def test_a_long_answer_is_not_cut_more_often_than_it_must_be() -> None:
    pieces = pieces_of(Reply(paragraphs=["word " * 199] * 12))
    assert [size(piece) > LIMIT / 2 for piece in pieces] == [True] * 3


@given(st.lists(st.integers(1, 80), min_size=1, max_size=90))
def test_buttons_hold_places_and_never_words(lengths: list[int]) -> None:
    choices = [Choice(label="x" * length, payload="/oh-sharps") for length in lengths]
    rows = keyboard_of(choices, "nonce678").inline_keyboard
    buttons = [button for row in rows for button in row]
    assert [button.text for button in buttons] == [choice.label for choice in choices]
    assert all(len(str(button.callback_data).encode()) <= DATA_LIMIT for button in buttons)
    assert all("sharps" not in str(button.callback_data) for button in buttons)
    assert all(len(row) == 1 or all(len(button.text) <= 18 for button in row) for row in rows)
