"""A real Chromium, and pages that note every console error, policy violation and request to another place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
REQUIRED = os.environ.get("HANDRAIL_TEST_BROWSER") == "required"
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(
  event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample));
"""


@dataclass
class Noted:
    """What went wrong on a page: nothing should."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def outside(self, *servers: str) -> list[str]:
        return [url for url in self.requests if not url.startswith(servers)]


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None and not REQUIRED:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def open_page(browser: Browser, noted: Noted) -> Iterator[Open]:
    """Opens an address in a context of its own; settings such as `viewport` and `color_scheme` are the context's."""
    contexts: list[BrowserContext] = []

    def opened(address: str, **settings: Any) -> Page:
        settings.setdefault("viewport", {"width": 390, "height": 844})
        context = browser.new_context(**settings)
        contexts.append(context)
        context.add_init_script(NOTE_VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: noted.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: noted.errors.append(str(error)))
        page.on("request", lambda request: noted.requests.append(request.url))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Open, server: str) -> Page:
    """The chat at /, ready."""
    page = open_page(server)
    ready(page)
    return page


def ready(page: Any) -> None:
    """Wait for the greeting's choices."""
    page.get_by_role("button", name="See everything").first.wait_for()


def say(page: Any, text: str) -> None:
    """Type `text`, send it with Enter and wait for the answer."""
    before = page.locator(".reply").count()
    box = page.get_by_label("Your message")
    box.fill(text)
    box.press("Enter")
    page.locator(".reply").nth(before).wait_for()


def choose(page: Any, label: str) -> None:
    """Press the newest choice of that label and wait for the answer."""
    before = page.locator(".reply").count()
    page.locator(".reply").last.get_by_role("button", name=label, exact=True).click()
    page.locator(".reply").nth(before).wait_for()


def focused(page: Any) -> str:
    """What has the focus: its id, else its text."""
    return str(
        page.evaluate(
            """() => { let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at.id || at.innerText || at.tagName; }"""
        )
    )


def violations(page: Any) -> list[str]:
    return list(page.evaluate("window.violations"))


def box_text(page: Any) -> str:
    return str(page.get_by_label("Your message").input_value())
