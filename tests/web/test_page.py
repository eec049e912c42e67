"""The page at / in a real Chromium: a conversation, accessibility, 320 pixels, and nothing from outside."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web.conftest import Noted, Open, axe, box_text, choose, focused, say, violations


def test_an_officer_is_signposted_and_goes_on_asking(page: Page, noted: Noted, server: str) -> None:
    say(page, "cut a lad down on Tuesday and I can't get it out of my head")
    assert page.locator(".card").count() == 3
    say(page, "is it confidential")
    assert page.locator(".mine").count() == 2
    assert focused(page) == "message"
    assert (noted.errors, noted.outside(server), violations(page)) == ([], [], [])


def test_help_is_one_press_away_and_numbers_can_be_rung(page: Page) -> None:
    page.get_by_role("button", name="Get help now").first.click()
    page.locator('.reply a[href="tel:116123"]').first.wait_for()
    assert page.locator('.reply a[href="sms:85258"]').count() == 1


def test_spent_choices_are_disabled(page: Page) -> None:
    first = page.get_by_role("button", name="See everything").first
    choose(page, "See everything")
    assert first.is_disabled()


def test_no_accessibility_violations_and_no_sideways_scrolling_at_320_pixels(page: Page) -> None:
    say(page, "I have got debts up to here and the bailiffs are coming")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == []


def test_nothing_is_left_in_the_browser(page: Page) -> None:
    say(page, "need a counsellor")
    kept = page.evaluate(
        """async () => [localStorage.length, sessionStorage.length, document.cookie,
        (await indexedDB.databases()).length, navigator.serviceWorker.controller]"""
    )
    assert kept == [0, 0, "", 0, None]


def test_when_the_server_is_away_the_text_is_kept_and_helplines_are_shown(page: Page) -> None:
    page.route("**/chat/**", lambda route: route.abort())
    page.get_by_label("Your message").fill("back pain from the gate lodge chair")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="cannot be reached").wait_for()
    assert box_text(page) == "back pain from the gate lodge chair"
    assert page.locator('section a[href="tel:116123"]').count() == 1


def test_without_javascript_the_helplines_are_there(open_page: Open, server: str) -> None:
    page = open_page(server, java_script_enabled=False)
    assert page.get_by_role("link", name="116 123").is_visible()
    assert page.get_by_role("link", name="999").is_visible()


@pytest.mark.parametrize("way", ["button", "shift"])
def test_exit_this_page_leaves_at_once_and_back_shows_nothing(page: Page, way: str) -> None:
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    say(page, "my partner hits me")
    if way == "button":
        page.get_by_role("button", name="Exit this page").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.get_by_role("heading", name="Weather").wait_for()
    page.go_back()
    assert page.locator("text=partner").count() == 0 and "partner" not in page.content()
