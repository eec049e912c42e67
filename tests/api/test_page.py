"""The page in a real Chromium: a conversation, accessibility, 320 pixels, and nothing from outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
if CHROMIUM is None and os.environ.get("HANDRAIL_TEST_BROWSER") != "required":
    pytest.skip("Chromium is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.problems = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)  # type: ignore[attr-defined]
    page.on("request", lambda request: None if request.url.startswith(server) else page.problems.append(request.url))  # type: ignore[attr-defined]
    page.goto(server)
    page.get_by_role("button", name="See everything").wait_for()
    yield page
    page.close()


def say(page: Page, text: str) -> None:
    before = page.locator(".reply").count()
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")
    page.locator(".reply").nth(before).wait_for()


def test_an_officer_is_signposted_and_goes_on_asking(page: Page) -> None:
    say(page, "cut a lad down on Tuesday and I can't get it out of my head")
    assert page.locator(".card").count() == 3
    say(page, "is it confidential")
    assert page.locator(".mine").count() == 2
    assert page.evaluate("document.activeElement.id") == "message"
    assert page.problems == []  # type: ignore[attr-defined]


def test_help_is_one_press_away_and_numbers_can_be_rung(page: Page) -> None:
    page.locator("#help-now").click()
    page.locator('#log a[href="tel:116123"]').first.wait_for()
    assert page.locator('a[href="sms:85258"]').count() == 1


def test_spent_choices_are_disabled(page: Page) -> None:
    first = page.get_by_role("button", name="See everything").first
    first.click()
    page.locator(".reply").nth(1).wait_for()
    assert first.is_disabled()


def test_no_accessibility_violations_and_no_sideways_scrolling_at_320_pixels(page: Page) -> None:
    say(page, "I have got debts up to here and the bailiffs are coming")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_nothing_is_left_in_the_browser(page: Page) -> None:
    say(page, "need a counsellor")
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]


def test_when_the_server_is_away_the_text_is_kept_and_helplines_are_shown(page: Page) -> None:
    page.route("**/chat/**", lambda route: route.abort())
    page.get_by_label("Your message").fill("back pain from the gate lodge chair")
    page.keyboard.press("Enter")
    page.locator("#error", has_text="cannot be reached").wait_for()
    assert page.get_by_label("Your message").input_value() == "back pain from the gate lodge chair"
    assert page.locator('.log a[href="tel:116123"]').count() == 1


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
    assert "partner" not in page.content()
