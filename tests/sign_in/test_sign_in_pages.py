"""Every page of sign-in: reachable, in plain words, no accessibility violations, no scrolling sideways, nothing from outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request

from api.sign_in import words
from bot.settings import Settings
from cli.service import Service
from tests.sign_in.conftest import IdentityProvider
from tests.sign_in.people import heading, log_in, sign_in
from tests.sign_in.serving import Site, free_port, serving

Open = Callable[[Page, Site], None]


def signed_out(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in/signed-out")


def ended(page: Page, site: Site) -> None:
    sign_in(page, site)
    site.clock.pass_minutes(31)
    page.goto(f"{site.address}/figures")


def needed(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in/signed-out")
    page.evaluate(
        "() => { const form = document.createElement('form'); form.method = 'post'; form.action = '/figures';"
        " const text = document.createElement('input'); text.name = 'text'; text.value = 'x'; form.append(text);"
        " document.body.append(form); form.submit() }"
    )
    page.get_by_role("heading", name="Sign in first").wait_for()


def refused(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/figures")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"{site.address}/**")


def used_state(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/sign-in/callback?state=x&code=y")


def no_roles(page: Page, site: Site) -> None:
    sign_in(page, site, "nobody")


def role_missing(page: Page, site: Site) -> None:
    sign_in(page, site, "tuner-1")


def forged(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.evaluate("() => { const form = document.querySelector('form'); form.csrf_token.value = ''; form.submit() }")
    page.get_by_role("heading", name="We could not do that").wait_for()


def leaving(page: Page, site: Site) -> None:
    page.route("**/session/end?*", lambda route: route.abort())
    sign_in(page, site)
    token = page.locator("input[name=csrf_token]").input_value()
    answer = page.request.post(f"{site.address}/sign-out", form={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    body = answer.text()
    assert 'content="0; url=' in body and "post_logout_redirect_uri" in body
    page.route("**/leaving", lambda route: route.fulfill(body=body.replace("http-equiv", "data-off"), content_type="text/html"))  # fmt: skip
    page.goto(f"{site.address}/leaving")


def too_many(page: Page, site: Site) -> None:
    for _ in range(31):
        httpx.get(f"{site.address}/sign-in/callback", verify=False)
    page.goto(f"{site.address}/sign-in")


HEADINGS: dict[Open, str] = {
    signed_out: words.SIGNED_OUT.heading,
    ended: words.ENDED.heading,
    needed: words.NEEDED.heading,
    refused: "We could not sign you in",
    used_state: words.USED_STATE.heading,
    no_roles: words.NO_ROLES.heading,
    role_missing: "You cannot see this page",
    forged: words.FORGED.heading,
    leaving: "You have signed out of Handrail",
    too_many: words.TOO_MANY.heading,
}


@pytest.fixture
def problems(page: Page) -> list[str]:
    """What breaks the content security policy, and what our pages ask of any other address than loopback."""
    found: list[str] = []

    def note(request: Request) -> None:
        own = urlsplit(request.url).hostname in ("localhost", "127.0.0.1")
        if not own and "/interaction/" not in request.frame.url:  # the provider's own form asks for a font
            found.append(request.url)

    page.on("console", lambda message: found.append(message.text) if "Content Security" in message.text else None)
    page.on("request", note)
    return found


def check(page: Page) -> None:
    assert page.title().endswith("Handrail for managers")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    fonts = page.evaluate(
        "[...document.querySelectorAll('h1, p, button, a')].map(one => getComputedStyle(one).fontFamily)"
    )
    assert set(fonts) == {"arial, sans-serif"}


@pytest.mark.parametrize("open_it", HEADINGS, ids=lambda one: one.__name__)
def test_pages_with_a_provider(page: Page, site: Site, problems: list[str], open_it: Open) -> None:
    open_it(page, site)
    assert heading(page) == HEADINGS[open_it]
    check(page)
    assert problems == []


def test_the_form_of_the_one_time_link_in_each_state(page: Page, laptop: Site, problems: list[str]) -> None:
    page.goto(f"{laptop.address}/sign-in")
    check(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.title().startswith("Error: ")
    check(page)
    page.get_by_role("link", name="This link was used before").click()
    assert page.evaluate("document.activeElement.id") == "code"
    page.get_by_role("button", name="Print a new link").click()
    check(page)
    assert problems == []


def test_the_page_can_be_used_with_the_keyboard_alone(page: Page, laptop: Site) -> None:
    assert laptop.sign_in.link is not None
    laptop.sign_in.link.print_new()
    page.goto(f"{laptop.address}/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(laptop.links[0].partition("#")[2])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{laptop.address}/figures")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Sign out":
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"{laptop.address}/sign-in/signed-out")


def test_when_the_provider_is_down(page: Page, quick_service: Service, provider: IdentityProvider, certificate: Path, problems: list[str]) -> None:  # fmt: skip
    down = provider.settings(oidc_issuer=f"http://127.0.0.1:{free_port()}")
    with serving(quick_service, provider.port, certificate=certificate, **down) as site:
        answer = page.goto(f"{site.address}/figures")
        assert answer is not None and answer.status == 503 and answer.headers["retry-after"] == "60"
        assert heading(page) == words.AWAY.heading
        check(page)
        assert problems == []
        page.get_by_role("link", name="Chat for staff").click()
        page.get_by_role("button", name="See everything").wait_for()


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_client_secret": "not-the-secret"},
        {"oidc_client_id": "unknown"},
        {"oidc_issuer": "{issuer}/tenant"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_wrong_settings_are_not_blamed_on_the_person(
    page: Page, quick_service: Service, provider: IdentityProvider, certificate: Path, wrong: dict[str, str]
) -> None:
    given = {name: value.format(issuer=provider.issuer) for name, value in wrong.items()}
    with serving(quick_service, provider.port, certificate=certificate, **provider.settings(**given)) as site:
        page.goto(f"{site.address}/figures")
        if "oidc_client_id" in wrong:
            assert "invalid_client" in page.content(), "the provider itself says so"
            return
        if "oidc_client_secret" in wrong:
            log_in(page)
            page.wait_for_url(f"{site.address}/**")
        assert heading(page) == words.AWAY.heading


def test_not_set_up(page: Page, quick_service: Service) -> None:
    port = free_port()
    with serving(quick_service, port, settings=Settings(host="0.0.0.0", port=port)) as site:
        page.goto(f"{site.address}/figures")
        assert heading(page) == words.NOT_SET_UP.heading
        check(page)
