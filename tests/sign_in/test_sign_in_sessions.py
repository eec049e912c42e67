"""Sessions as the browser lives them: time limits, cookies that change, forged requests, and several replicas."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page
from pydantic import SecretStr

from api.sign_in.cookies import SESSION
from api.sign_in.sessions import GRACE_SECONDS, ROTATE_SECONDS
from bot.settings import Settings
from cli.service import Service
from tests.sign_in.conftest import IdentityProvider
from tests.sign_in.people import heading, session_cookie, sign_in
from tests.sign_in.serving import Site, free_port, serving

CHANGE = ROTATE_SECONDS / 60 + 0.1
GRACE = GRACE_SECONDS / 60 + 0.1


def look(page: Page, site: Site) -> str:
    """Open the page of figures: its heading."""
    page.goto(f"{site.address}/figures")
    return heading(page)


def put_cookie(context: BrowserContext, site: Site, value: str) -> None:
    context.add_cookies(
        [{"name": SESSION, "value": value, "url": site.address, "secure": True, "httpOnly": True, "sameSite": "Lax"}]
    )


def test_a_session_ends_when_it_is_idle_and_each_look_keeps_it(page: Page, site: Site) -> None:
    sign_in(page, site)
    for _ in range(3):
        site.clock.pass_minutes(29)
        assert look(page, site) == "Figures"
    site.clock.pass_minutes(30.1)
    answer = page.goto(f"{site.address}/figures?region=Wales")
    assert answer is not None and answer.status == 401
    assert heading(page) == "You have been signed out" and session_cookie(page.context) is None
    page.get_by_role("button", name="Sign in again").click()
    page.wait_for_url(f"{site.address}/figures?region=Wales")
    assert heading(page) == "Figures"


def test_a_session_ends_after_eight_hours_however_busy(page: Page, site: Site) -> None:
    sign_in(page, site)
    for _ in range(23):
        site.clock.pass_minutes(20)
        assert look(page, site) == "Figures"
    site.clock.pass_minutes(20.1)
    assert look(page, site) == "You have been signed out"


def test_the_cookie_of_before_signing_in_is_not_used_after_it(page: Page, site: Site) -> None:
    put_cookie(page.context, site, "planted-id.planted-secret")
    page.goto(f"{site.address}/sign-in?next=/figures")
    sign_in_again(page, site)
    fresh = session_cookie(page.context)
    assert fresh is not None and "planted" not in fresh


def sign_in_again(page: Page, site: Site) -> None:
    page.locator("input[name=login]").fill("manager-1")
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{site.address}/figures")


def test_signing_in_anew_ends_the_session_before(page: Page, site: Site, chromium: Browser) -> None:
    sign_in(page, site)
    old = session_cookie(page.context)
    page.goto(f"{site.address}/sign-in?next=/figures")
    page.wait_for_url(f"{site.address}/figures")
    assert old is not None and session_cookie(page.context) != old
    with other_browser(chromium, site, old) as other:
        assert look(other, site) == "You have been signed out"


@contextlib.contextmanager
def other_browser(chromium: Browser, site: Site, cookie: str) -> Iterator[Page]:
    """A browser that holds a cookie which was copied or made up."""
    with contextlib.closing(chromium.new_context(ignore_https_errors=True)) as context:
        put_cookie(context, site, cookie)
        yield context.new_page()


def test_the_cookie_changes_on_a_timer_and_the_old_one_then_ends_the_session(
    page: Page, site: Site, chromium: Browser
) -> None:
    sign_in(page, site)
    old = session_cookie(page.context)
    assert old is not None
    site.clock.pass_minutes(CHANGE)
    assert look(page, site) == "Figures"
    new = session_cookie(page.context)
    assert new is not None and new != old
    assert look(page, site) == "Figures" and session_cookie(page.context) == new
    with other_browser(chromium, site, old) as other:
        assert look(other, site) == "Figures", "requests that were under way still count for a short time"
        site.clock.pass_minutes(GRACE)
        assert look(other, site) == "You have been signed out"
    assert look(page, site) == "You have been signed out", "whoever showed the old cookie may have stolen it"


def test_a_new_cookie_that_got_lost_on_its_way_is_sent_again(page: Page, site: Site) -> None:
    sign_in(page, site)
    old = session_cookie(page.context)
    assert old is not None
    site.clock.pass_minutes(CHANGE)
    look(page, site)
    new = session_cookie(page.context)
    put_cookie(page.context, site, old)
    site.clock.pass_minutes(20)
    assert look(page, site) == "Figures"
    assert session_cookie(page.context) == new


def at_once(http: httpx.Client, cookie: str, times: int = 12) -> list[httpx.Response]:
    """Ask for the same page many times at the same moment, with the same cookie."""
    together = threading.Barrier(times)

    def ask(_: int) -> httpx.Response:
        together.wait()
        return http.get("/figures.json", headers={"Cookie": f"{SESSION}={cookie}"})

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(ask, range(times)))


@pytest.mark.parametrize("kept_in", ["memory", "redis"])
def test_many_requests_at_the_moment_of_change_agree_on_one_new_cookie(
    page: Page, quick_service: Service, provider: IdentityProvider, certificate: Path, redis_url: str, kept_in: str
) -> None:
    settings = Settings(redis_url=SecretStr(redis_url) if kept_in == "redis" else None)
    given = provider.settings()
    with (
        serving(quick_service, provider.port, certificate=certificate, settings=settings, **given) as site,
        httpx.Client(base_url=site.address, verify=False) as http,
    ):
        sign_in(page, site)
        cookie = session_cookie(page.context)
        for _ in range(5):
            assert cookie is not None
            assert {answer.status_code for answer in at_once(http, cookie)} == {200}
            http.cookies.clear()
            site.clock.pass_minutes(CHANGE)
            answers = at_once(http, cookie)
            assert {answer.status_code for answer in answers} == {200}
            new = {answer.cookies[SESSION] for answer in answers if SESSION in answer.cookies}
            assert len(new) == 1 and cookie not in new
            cookie = new.pop()
            redis.Redis.from_url(redis_url).delete(*change_claims(redis_url))


def change_claims(redis_url: str) -> list[bytes]:
    """The claims in Redis, which would run out after half a minute."""
    return [*redis.Redis.from_url(redis_url).scan_iter("*:change"), b"none"]


def test_forms_work_and_forged_ones_do_not(page: Page, site: Site) -> None:
    sign_in(page, site)
    token = page.locator("input[name=csrf_token]").first.input_value()

    def send(**fields: str) -> int:
        with page.expect_navigation() as sent:
            page.evaluate(
                """fields => { const form = document.createElement('form'); form.method = 'post'; form.action = '/figures'
                for (const name in fields) { const input = document.createElement('input'); input.name = name; input.value = fields[name]; form.append(input) }
                document.body.append(form); form.submit() }""",
                fields,
            )
        return sent.value.status if sent.value else 0

    assert send(text="good", csrf_token=token) == 200
    assert site.saved == ["good"]
    assert send(text="no token") == 403
    assert heading(page) == "We could not do that"
    assert send(text="wrong", csrf_token="x" * 32) == 403
    assert site.saved == ["good"]


def test_a_form_on_another_site_changes_nothing(page: Page, site: Site, laptop: Site) -> None:
    sign_in(page, site)
    token = page.locator("input[name=csrf_token]").first.input_value()
    page.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{site.address}/figures"><input name="text" value="evil">'
            f'<input name="csrf_token" value="{token}"><button>Win</button></form>',
        ),
    )
    page.goto("http://elsewhere.example/")
    page.get_by_role("button", name="Win").click()
    page.wait_for_url(f"{site.address}/figures")
    assert heading(page) == "Sign in first", "the browser does not send the cookie from another site"
    assert site.saved == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "https://localhost.elsewhere.example"},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "é" * 16},
    ],
    ids=str,
)
def test_an_api_call_needs_our_origin_and_the_token(page: Page, site: Site, headers: dict[str, str]) -> None:
    sign_in(page, site)
    token = page.locator("input[name=csrf_token]").first.input_value()
    cookie = f"{SESSION}={session_cookie(page.context)}"
    with httpx.Client(base_url=site.address, verify=False, headers={"Cookie": cookie}) as http:
        sent = {"X-CSRF-Token": token} | headers
        answer = http.delete("/figures.json", headers={name: value.encode() for name, value in sent.items()})  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]) == (403, "forged-request")
        assert site.saved == []
        assert http.delete("/figures.json", headers={"X-CSRF-Token": token, "Origin": site.address}).status_code == 200


def test_sign_out_needs_the_token_too(page: Page, site: Site) -> None:
    sign_in(page, site)
    answer = page.request.post(f"{site.address}/sign-out", headers={"Accept": "text/html"}, max_redirects=0)
    assert answer.status == 403
    assert look(page, site) == "Figures"
    assert page.request.get(f"{site.address}/sign-out").status == 405, "a link cannot sign anybody out"


def test_a_cookie_copied_before_signing_out_is_worth_nothing(page: Page, site: Site, chromium: Browser) -> None:
    sign_in(page, site)
    old = session_cookie(page.context)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out everywhere").wait_for()
    assert old is not None
    with other_browser(chromium, site, old) as other:
        assert look(other, site) == "You have been signed out"


def test_forged_cookies_are_worth_nothing(page: Page, site: Site) -> None:
    sign_in(page, site)
    real = session_cookie(page.context)
    assert real is not None
    session_id, _, secret = real.partition(".")
    forged = ["x", ".", f".{secret}", f"{session_id}x.{secret}", "a" * 5000, "%00.%00", '{"roles":["admin"]}', "é.é"]
    for value in forged:
        with httpx.Client(base_url=site.address, verify=False) as http:
            answer = http.get("/figures.json", headers={"Cookie": f"{SESSION}={value}".encode()})  # type: ignore[arg-type]
            assert answer.status_code == 401, value[:20]
    assert look(page, site) == "Figures", "the real session goes on"
    with httpx.Client(base_url=site.address, verify=False) as http:
        assert http.get("/figures.json", headers={"Cookie": f"{SESSION}={session_id}.guessed"}).status_code == 401


def test_the_chat_neither_sets_nor_reads_these_cookies(page: Page, site: Site) -> None:
    sign_in(page, site)
    cookie = session_cookie(page.context)
    site.clock.pass_minutes(CHANGE)
    with httpx.Client(base_url=site.address, verify=False, headers={"Cookie": f"{SESSION}={cookie}"}) as http:
        made = http.post("/chat/sessions")
        said = http.post(
            "/chat/messages", json={"text": "hello"}, headers={"Authorization": f"Bearer {made.json()['token']}"}
        )
        answers = [made, said, http.get("/"), http.get("/health"), http.get("/static/pages.css")]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert all("set-cookie" not in answer.headers for answer in answers)
    site.clock.pass_minutes(15.1)
    assert look(page, site) == "You have been signed out", "chatting does not keep a session alive"


def test_too_many_tries_are_stopped(quick_service: Service, provider: IdentityProvider, certificate: Path) -> None:
    settings = provider.settings(sign_in_attempts=3)
    with (
        serving(quick_service, provider.port, certificate=certificate, **settings) as site,
        httpx.Client(base_url=site.address, verify=False) as http,
    ):
        assert [http.get("/sign-in").status_code for _ in range(4)] == [303, 303, 303, 429]
        answer = http.get("/sign-in/callback?state=x&code=y")
        assert answer.status_code == 429 and answer.headers["retry-after"] == "60"
        assert "Wait one minute" in answer.text


def test_replicas_share_sessions_through_redis_which_holds_nothing_readable(
    page: Page, quick_service: Service, provider: IdentityProvider, certificate: Path, redis_url: str, chromium: Browser
) -> None:
    shared = Settings(redis_url=SecretStr(redis_url))
    raw = redis.Redis.from_url(redis_url)
    with (
        serving(quick_service, provider.port, certificate=certificate, settings=shared, **provider.settings()) as one,
        serving(quick_service, free_port(), certificate=certificate, settings=shared, **provider.settings()) as two,
    ):
        sign_in(page, one)
        cookie = session_cookie(page.context)
        assert cookie is not None
        assert look(page, two) == "Figures", "cookies are not bound to a port, so this browser shows it to the other"
        held = b"".join(key + (raw.get(key) or b"") for key in raw.scan_iter("*"))  # type: ignore[operator]
        for secret in (*cookie.split("."), "manager", "Canary", "canary.example", "127.0.0.1", one.address):
            assert secret.encode() not in held
        assert all(0 < raw.ttl(key) <= 1800 for key in raw.scan_iter("handrail:session:*"))  # type: ignore[operator]
        one.clock.pass_minutes(CHANGE)
        assert look(page, one) == "Figures"
        changed = session_cookie(page.context)
        assert changed != cookie
        assert look(page, two) == "Figures"
        two.clock.pass_minutes(8 * 60)
        assert look(page, two) == "You have been signed out", "the longest time counts on each replica"


def test_signing_out_on_one_replica_counts_on_all(
    page: Page, quick_service: Service, provider: IdentityProvider, certificate: Path, redis_url: str, chromium: Browser
) -> None:
    shared = Settings(redis_url=SecretStr(redis_url))
    with (
        serving(quick_service, provider.port, certificate=certificate, settings=shared, **provider.settings()) as one,
        serving(quick_service, free_port(), certificate=certificate, settings=shared, **provider.settings()) as two,
    ):
        sign_in(page, one)
        cookie = session_cookie(page.context)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign out everywhere").wait_for()
        assert cookie is not None
        with other_browser(chromium, two, cookie) as other:
            assert look(other, two) == "You have been signed out"


def test_when_redis_is_away_managers_are_told_and_staff_can_chat(
    quick_service: Service, provider: IdentityProvider, certificate: Path
) -> None:
    away = Settings(redis_url=SecretStr(f"redis://127.0.0.1:{free_port()}/0"))
    with (
        serving(quick_service, provider.port, certificate=certificate, settings=away, **provider.settings()) as site,
        httpx.Client(base_url=site.address, verify=False) as http,
    ):
        answer = http.get("/figures", headers={"Accept": "text/html", "Cookie": f"{SESSION}=a.b"})
        assert answer.status_code == 503 and "does not work at the moment" in answer.text
        assert http.get("/figures.json", headers={"Cookie": f"{SESSION}=a.b"}).json()["error"] == "sign-in-away"
        assert http.get("/sign-in").status_code == 503
        assert http.post("/chat/sessions").status_code == 201
