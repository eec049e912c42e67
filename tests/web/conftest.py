"""A real Chromium, and pages that note every console error, policy violation and request to another place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, BrowserContext, Page

from api.app import create_app
from api.server import make_server
from cli.service import Service
from tests.browser import running_chromium
from tests.web.hosts import host_app

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One that keeps pages for Back, as people's browsers do."""
    with running_chromium(ignore_default_args=["--disable-back-forward-cache"]) as browser:
        yield browser


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


Serve = Callable[[FastAPI], AbstractContextManager[str]]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def sites() -> list[Any]:
    """What pages said of themselves when they started a conversation."""
    return []


@pytest.fixture(scope="session")
def hosted(service: Service, served: Serve, sites: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Three real servers: Handrail at localhost, a page that it allows at 127.0.0.1, and one that it does not.

    localhost and 127.0.0.1 are different sites to a browser.
    """
    with ExitStack() as stack:
        ports = [free_port() for _ in range(2)]
        allowed = f"http://127.0.0.1:{ports[0]}"
        settings = service.settings.model_copy(update={"embed_origins": (allowed,)})
        app = create_app(service.conversation, service.sessions, settings)

        @app.middleware("http")
        async def note(request: Request, call_next: Any) -> Any:
            if request.url.path == "/chat/sessions" and request.method == "POST":
                sites.append(await request.json())
            return await call_next(request)

        handrail = stack.enter_context(served(app)).replace("127.0.0.1", "localhost")
        stack.enter_context(served_at(host_app(handrail), ports[0]))
        stack.enter_context(served_at(host_app(handrail), ports[1]))
        yield handrail, allowed, f"http://127.0.0.1:{ports[1]}"


@contextmanager
def served_at(app: FastAPI, port: int) -> Iterator[None]:
    running = make_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started and thread.is_alive():
        time.sleep(0.02)
    assert running.started
    yield
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def handrail(hosted: tuple[str, str, str]) -> str:
    return hosted[0]


@pytest.fixture
def host(hosted: tuple[str, str, str], sites: list[Any]) -> str:
    """The address of an intranet of another origin that may hold the chat."""
    sites.clear()
    return hosted[1]


@pytest.fixture
def stranger(hosted: tuple[str, str, str]) -> str:
    """The address of one that may not."""
    return hosted[2]


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


def axe(page: Any, *without: str) -> list[str]:
    """What axe finds wrong, a line each: the rule, and the first elements that break it. Empty when all is well."""
    found = Axe().run(page)
    wrong = [one for one in found.response["violations"] if one["id"] not in without]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in wrong]
