"""What people do in the browser to sign in, and how tests look at their cookies."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from api.sign_in.cookies import SESSION
from tests.sign_in.serving import Site


def log_in(page: Page, name: str = "manager-1") -> None:
    """Fill in the provider's own form."""
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()


def sign_in(page: Page, site: Site, name: str = "manager-1", to: str = "/figures") -> None:
    """Open a page and sign in on the way."""
    page.goto(site.address + to)
    log_in(page, name)
    page.wait_for_url(f"{site.address}/**")


def session_cookie(context: BrowserContext) -> str | None:
    """The session cookie's value, as the browser holds it."""
    return next((cookie["value"] for cookie in context.cookies() if cookie.get("name") == SESSION), None)


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()
