"""Preparing a referral: a letter made in the browser, that can be copied and printed and is never sent or kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web.conftest import Noted, Open, axe, focused, ready, say, violations

HARD = "loud bangs on the landing make me jump"


@pytest.fixture
def letter_page(open_page: Open, server: str) -> Page:
    page = open_page(server, permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script("window.print = () => { window.top.printed = document.body.innerText; }")
    ready(page)
    say(page, "my knee hurts after a restraint, can i see a physio")
    page.get_by_role("button", name="Prepare a referral: Physiotherapy").click()
    return page


def test_only_what_a_manager_refers_to_has_it(page: Page) -> None:
    say(page, "cut a lad down on Tuesday and I can't get it out of my head")
    cards = page.locator(".card")
    offers = {
        cards.nth(at).locator("h3").inner_text().split("\n")[0].split(" Open")[0]: cards.nth(at)
        .get_by_role("button", name="Prepare a referral")
        .count()
        for at in range(cards.count())
    }
    assert offers == {"Fast-track trauma support": 1, "Trauma and critical incident support": 1, "TRiM": 0}


def test_a_person_makes_a_letter_to_their_manager_by_keyboard(letter_page: Page, noted: Noted, server: str) -> None:
    page = letter_page
    assert "Prepare a referral" in focused(page)
    sent = len(noted.requests)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("prison officer, nights")
    page.keyboard.press("Tab")
    page.keyboard.type(HARD)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("a quieter landing")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    letter = page.get_by_role("region", name="The letter")
    letter.wait_for()
    text = letter.inner_text()
    assert text.startswith("Dear manager,") and "Please refer me to: Physiotherapy." in text
    assert HARD in text and "The job: prison officer, nights" in text and "Since when: (fill in)" in text
    assert "I agree that this is sent: yes." in text and "Who will know: " in text
    assert focused(page).startswith("Dear manager,")
    page.get_by_role("button", name="Copy the letter").click()
    page.get_by_role("status").filter(has_text="The letter copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == text
    assert noted.requests[sent:] == [] and (noted.errors, violations(page)) == ([], [])
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_manager_makes_a_referral_with_questions_and_is_told_to_talk_first(letter_page: Page) -> None:
    page = letter_page
    page.get_by_label("I am the manager").check()
    page.get_by_label("What you want to know").fill("Which duties are safe?")
    page.get_by_role("button", name="Make the letter").click()
    text = page.get_by_role("region", name="The letter").inner_text()
    assert text.startswith("Referral to: Physiotherapy.")
    assert "Which duties are safe?" in text and "not yet. Talk with them before you send it" in text
    assert axe(page) == []


def test_the_letter_alone_is_printed(letter_page: Page, noted: Noted) -> None:
    page = letter_page
    page.get_by_label("What makes work hard").fill(HARD)
    page.get_by_role("button", name="Make the letter").click()
    page.get_by_role("button", name="Print", exact=True).click()
    printed = page.frames[1].locator("body").inner_text()
    assert HARD in printed and "Dear manager," in printed and "Get help now" not in printed
    assert (noted.errors, violations(page)) == ([], [])


def test_closing_goes_back_and_erasing_takes_the_letter_too(letter_page: Page) -> None:
    page = letter_page
    page.get_by_role("button", name="Close").click()
    assert "Prepare a referral" in focused(page)
    page.get_by_role("button", name="Prepare a referral: Physiotherapy").click()
    page.get_by_label("What makes work hard").fill(HARD)
    page.get_by_role("button", name="Make the letter").click()
    page.get_by_role("button", name="Print", exact=True).click()
    page.get_by_role("button", name="Erase everything now").click()
    page.get_by_role("button", name="Start a new conversation").wait_for()
    assert HARD not in page.locator("handrail-chat").evaluate("chat => chat.shadowRoot.innerHTML")
    assert all(HARD not in frame.content() for frame in page.frames)
