"""Signing in with a provider, in a real browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from api.sign_in.cookies import BROWSER, SESSION
from tests.sign_in.conftest import IdentityProvider
from tests.sign_in.people import heading, log_in, session_cookie, sign_in
from tests.sign_in.serving import Site


def test_a_manager_signs_in_lands_on_the_page_and_signs_out_everywhere(page: Page, site: Site) -> None:
    sign_in(page, site, to="/figures?region=Wales&period=2026-10")
    assert page.url == f"{site.address}/figures?region=Wales&period=2026-10"
    assert heading(page) == "Figures"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url(f"{site.address}/sign-in/signed-out*")
    assert heading(page) == "You have signed out"
    assert session_cookie(page.context) is None
    page.goto(f"{site.address}/figures")
    assert page.locator("input[name=password]").is_visible(), "the provider asks for the password again"


def test_it_all_works_without_javascript(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    assert heading(page) == "Figures"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url(f"{site.address}/sign-in/signed-out*")
    context.close()


def test_the_request_to_the_provider_is_a_code_flow_with_pkce_state_and_nonce(page: Page, site: Site) -> None:
    with page.expect_request(re.compile(r"/auth\?")) as asked:
        page.goto(f"{site.address}/figures")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(asked.value.url).query).items()}
    assert sent["response_type"] == "code" and sent["code_challenge_method"] == "S256" and sent["scope"] == "openid"
    assert len(sent["state"]) >= 20 and len(sent["nonce"]) >= 20 and len(sent["code_challenge"]) == 43
    assert sent["redirect_uri"] == f"{site.address}/sign-in/callback"


def test_cookies_are_locked_to_the_host_and_hidden_from_scripts(page: Page, site: Site) -> None:
    sign_in(page, site)
    ours = {
        cookie["name"]: cookie for cookie in page.context.cookies(site.address) if cookie["name"].startswith("__Host-")
    }
    assert set(ours) == {SESSION, BROWSER}
    for cookie in ours.values():
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
        assert cookie["domain"] == "localhost", "no leading dot: not for subdomains"
    assert ours[SESSION]["expires"] == -1, "gone when the browser closes"
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


SPOILED = {
    "another audience": {"claims": {"aud": "another-client"}},
    "another audience that names us as the party": {"claims": {"aud": "another-client", "azp": "handrail"}},
    "other audiences that name us as the party": {"claims": {"aud": ["a", "b"], "azp": "handrail"}},
    "another party": {"claims": {"aud": ["handrail", "another-client"], "azp": "another-client"}},
    "several audiences without azp": {"claims": {"aud": ["handrail", "another-client"]}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "expired": {"claims": {"exp": 1_700_000_000}},
    "no expiry": {"claims": {"exp": None}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "issued in the future": {"claims": {"nbf": 4_000_000_000}},
    "another access token": {"claims": {"at_hash": "wrong"}},
    "no subject": {"claims": {"sub": None}},
    "signed by another key": {"key": "other"},
    "not signed": {"key": "none"},
    "signed with the public key as a password": {"key": "hmac"},
}


@pytest.mark.parametrize("how", SPOILED.values(), ids=SPOILED)
def test_a_wrong_id_token_does_not_sign_in(
    page: Page, site: Site, provider: IdentityProvider, how: dict[str, object]
) -> None:
    provider.spoil(**how)
    sign_in(page, site)
    assert heading(page) == "We could not sign you in"
    assert session_cookie(page.context) is None
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(f"{site.address}/figures")
    assert heading(page) == "Figures", "and the next, good answer does"


def test_roles_that_stand_in_userinfo_only_are_found(page: Page, site: Site, provider: IdentityProvider) -> None:
    provider.spoil(claims={"access": None})
    sign_in(page, site)
    assert heading(page) == "Figures"


def test_userinfo_of_another_person_is_not_believed(page: Page, site: Site, provider: IdentityProvider) -> None:
    provider.spoil(claims={"access": None, "sub": "somebody-else"})
    sign_in(page, site)
    assert heading(page) == "We could not sign you in"


def _callback_of(page: Page, site: Site) -> str:
    """Log in at the provider, but do not come back: the address that would be opened."""
    page.goto(f"{site.address}/figures")
    form = {"prompt": "login", "login": "manager-1", "password": "any"}
    answer = page.request.post(page.url, form=form, max_redirects=0)
    while not (address := urljoin(answer.url, answer.headers["location"])).startswith(site.address):
        answer = page.request.get(address, max_redirects=0)
    return address


def test_a_state_counts_once(page: Page, site: Site) -> None:
    address = _callback_of(page, site)
    page.goto(address)
    assert heading(page) == "Figures"
    page.context.clear_cookies(name=SESSION)
    answer = page.goto(address)
    assert answer is not None and answer.status == 400
    assert heading(page) == "Please start again" and session_cookie(page.context) is None


def test_a_callback_address_is_worth_nothing_in_another_browser(page: Page, site: Site, chromium: Browser) -> None:
    address = _callback_of(page, site)
    thief = chromium.new_context(ignore_https_errors=True)
    other = thief.new_page()
    sign_in(other, site, "nobody")
    answer = other.goto(address)
    assert answer is not None and answer.status == 400
    assert session_cookie(thief) is None
    thief.close()


def test_a_sign_in_left_for_too_long_starts_again(page: Page, site: Site) -> None:
    address = _callback_of(page, site)
    site.clock.pass_minutes(10.1)
    page.goto(address)
    assert heading(page) == "Please start again"


@pytest.mark.parametrize("change", ["code=x", "iss=https://elsewhere.example", "code="])
def test_a_changed_callback_is_refused(page: Page, site: Site, change: str) -> None:
    name = change.partition("=")[0]
    page.goto(re.sub(rf"\b{name}=[^&]*", change, _callback_of(page, site)))
    assert heading(page) == "We could not sign you in"
    assert session_cookie(page.context) is None


def test_someone_without_any_role_is_told_so_and_can_use_another_account(page: Page, site: Site) -> None:
    sign_in(page, site, "nobody")
    assert heading(page) == "You cannot use these pages yet"
    assert session_cookie(page.context) is None
    page.get_by_role("button", name="Use another account").click()
    log_in(page, "manager-2")
    page.wait_for_url(f"{site.address}/figures")
    assert heading(page) == "Figures"


def test_a_tuner_may_not_see_figures_but_may_sign_out(page: Page, site: Site) -> None:
    sign_in(page, site, "tuner-1", to="/phrases")
    assert heading(page) == "Phrases"
    answer = page.goto(f"{site.address}/figures")
    assert answer is not None and answer.status == 403
    assert heading(page) == "You cannot see this page" and "managers" in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Sign out").is_visible()
    assert page.request.get(f"{site.address}/figures.json").json()["error"] == "role-missing"


def test_one_account_can_have_several_roles(page: Page, site: Site) -> None:
    sign_in(page, site, "manager-tuner-admin")
    assert page.request.get(f"{site.address}/figures.json").json() == ["admin", "manager", "tuner"]


def test_cancelling_at_the_provider_is_told_in_plain_words(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/figures")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"{site.address}/**")
    assert heading(page) == "We could not sign you in"
    assert "cancelled" in page.locator("main").inner_text()


def test_a_provider_in_trouble_and_its_own_words(page: Page, site: Site) -> None:
    address = urlsplit(_callback_of(page, site))
    state = parse_qs(address.query)["state"][0]
    answer = page.goto(
        f"{site.address}/sign-in/callback?state={state}&error=temporarily_unavailable&error_description=Ring+0123+now"
    )
    assert answer is not None and answer.status == 503
    assert "0123" not in page.content()


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/sign-in"]
)
def test_next_never_leads_to_another_site(page: Page, site: Site, elsewhere: str) -> None:
    page.goto(f"{site.address}/sign-in?next={elsewhere}")
    log_in(page)
    page.wait_for_url(f"{site.address}/figures")


def test_api_calls_and_htmx_get_json(context: BrowserContext, site: Site) -> None:
    with httpx.Client(base_url=site.address, verify=False) as http:
        answer = http.get("/figures.json")
        assert (answer.status_code, answer.json()["error"]) == (401, "sign-in-needed")
        assert http.get("/figures.json", headers={"Accept": "text/html"}).status_code == 401
        page_ = http.get("/figures?region=Wales", headers={"Accept": "text/html"})
        assert (page_.status_code, page_.headers["location"]) == (303, "/sign-in?next=/figures%3Fregion%3DWales")
        posted = http.post("/figures", data={"text": "x"}, headers={"Accept": "text/html"})
        assert posted.status_code == 401 and "Sign in first" in posted.text
        htmx = http.get("/figures", headers={"Accept": "*/*", "HX-Request": "true"})
        assert (htmx.status_code, htmx.headers["hx-redirect"]) == (401, "/sign-in")
