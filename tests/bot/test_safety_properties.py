"""Whatever is typed, the assessment never raises, and what is added or changed around a sign of risk never hides it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety import load_assessor
from bot.safety.assess import Assessor
from bot.safety.wordlist import read_words

DATA = Path("data")
ASSESSOR = load_assessor(DATA)
PATTERNS_ALONE = Assessor(read_words(DATA))
SIGNS = [
    "i want to die", "don't want to be here any more", "everyone would be better off without me", "I've been cutting myself",
    "he says he's going to hang himself", "my husband hits me", "can't see the point of living", "I've taken all my tablets",
    "thinking of topping myself", "won't be around for the next rota", "dwi isio marw", "said my goodbyes and sorted my will",
]  # fmt: skip
UNRELATED = [
    "The rota changed again.", "What time does the canteen shut?", "My back hurts from the gym.", "We had pizza on Tuesday.",
    "This job is killing me.", "I cut my finger on a tin.", "Suicide awareness training is on Monday.", "I'm not being funny.",
    "Can I have physio?", "My nan died in 2019.", "I'm fine.", "Never mind.",
]  # fmt: skip
SPACES = [" ", "  ", "\t", "\u00a0", " \u200b "]


@pytest.mark.parametrize("assessor", [ASSESSOR, PATTERNS_ALONE], ids=["whole", "patterns alone"])
@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=2000))
def test_it_never_raises(assessor: Assessor, text: str) -> None:
    first = assessor.assess(text)
    assert first == assessor.assess(text)


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_is_seen(sign: str) -> None:
    assert ASSESSOR.assess(sign).found


@settings(max_examples=200, deadline=None)
@given(
    sign=st.sampled_from(SIGNS),
    before=st.lists(st.sampled_from(UNRELATED), max_size=6),
    after=st.lists(st.sampled_from(UNRELATED), max_size=6),
    gap=st.sampled_from([" ", "\n", "\n\n"]),
)
def test_unrelated_sentences_never_hide_a_sign(sign: str, before: list[str], after: list[str], gap: str) -> None:
    assert ASSESSOR.assess(gap.join([*before, f"{sign}.", *after])).found


@settings(max_examples=200, deadline=None)
@given(
    sign=st.sampled_from(SIGNS),
    upper=st.lists(st.booleans(), min_size=60, max_size=60),
    apostrophe=st.sampled_from(["", "'", "\u2019", "`"]),
    space=st.sampled_from(SPACES),
    marks=st.sampled_from(["", "!", "!!!", "...", " \U0001f622", "?"]),
)
def test_case_apostrophes_and_spacing_never_hide_a_sign(
    sign: str, upper: list[bool], apostrophe: str, space: str, marks: str
) -> None:
    written = "".join(letter.upper() if high else letter for letter, high in zip(sign, upper, strict=False))
    written = written.replace("'", apostrophe).replace(" ", space) + marks
    assert ASSESSOR.assess(written).level == ASSESSOR.assess(sign).level
    assert ASSESSOR.assess(written).found


@settings(max_examples=40, deadline=None)
@given(sign=st.sampled_from(SIGNS), filler=st.sampled_from(UNRELATED))
def test_a_sign_at_the_end_of_a_long_message_is_seen(sign: str, filler: str) -> None:
    text = f"{filler} " * (1900 // (len(filler) + 1)) + sign
    assert len(text) <= 2000 and ASSESSOR.assess(text).found
    run_on = text.replace(".", "").replace("?", "")
    assert ASSESSOR.assess(run_on).found
