"""On a shared computer: leaving, erasing, being idle, and Back, leave nothing to see."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from cli.service import Service
from tests.web.conftest import Noted, Open, box_text, ready, say

SECRET = "my partner hits me"


def leave_to_weather(page: Page) -> None:
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))


def shown(page: Page) -> str:
    """Everything in the page, inside the element too, with what stands in boxes."""
    return str(
        page.evaluate(
            """() => { const root = document.querySelector('handrail-chat')?.shadowRoot;
            return document.documentElement.outerHTML + (root ? root.innerHTML : '')
              + [...(root?.querySelectorAll('textarea') ?? [])].map((box) => box.value).join(); }"""
        )
    )


def test_erase_everything_forgets_here_and_on_the_server(page: Page, service: Service) -> None:
    before = len(service.sessions)
    say(page, SECRET)
    assert len(service.sessions) == before + 1
    page.get_by_label("Your message").fill("and my name is")
    page.get_by_role("button", name="Erase everything now").click()
    page.get_by_role("alert").filter(has_text="Everything is erased").wait_for()
    assert "partner" not in shown(page) and "my name is" not in shown(page)
    page.get_by_role("button", name="Start a new conversation").click()
    ready(page)
    assert len(service.sessions) == before and box_text(page) == "" and "partner" not in shown(page)


def test_erasing_without_a_server_says_so(page: Page) -> None:
    say(page, SECRET)
    page.context.set_offline(True)
    page.get_by_role("button", name="Erase everything now").click()
    page.get_by_role("alert").filter(has_text="forgets by itself").wait_for()
    assert "partner" not in shown(page)


def test_an_answer_on_its_way_does_not_appear_after_erasing(page: Page) -> None:
    held: list[Route] = []
    page.route("**/chat/messages", lambda route: held.append(route))
    page.get_by_label("Your message").fill(SECRET)
    page.keyboard.press("Enter")
    page.locator(".dots").wait_for()
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Erase everything now").click()
    page.get_by_role("button", name="Start a new conversation").click()
    ready(page)
    held[0].continue_()
    page.wait_for_timeout(1_000)
    assert page.locator(".reply").count() == 1 and "partner" not in shown(page)


def test_erasing_while_the_conversation_is_being_started_sends_nothing_and_leaves_none(
    page: Page, service: Service
) -> None:
    before = len(service.sessions)
    held: list[Route] = []
    sent: list[str] = []
    page.route("**/chat/sessions", lambda route: held.append(route) if not held else route.continue_())
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/messages") else None)
    page.get_by_label("Your message").fill(SECRET)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Erase everything now").click()
    held[0].continue_()
    page.wait_for_timeout(800)
    assert len(service.sessions) == before and sent == []


def test_a_quiet_screen_warns_and_is_then_erased(page: Page, service: Service) -> None:
    page.clock.install()
    say(page, SECRET)
    sessions = len(service.sessions)
    page.clock.run_for(4 * 60_000 + 1_000)
    page.get_by_role("alert").filter(has_text="Are you still there?").wait_for()
    page.get_by_role("button", name="I am still here").click()
    page.get_by_role("alert").wait_for(state="detached")
    page.clock.run_for(3 * 60_000)
    assert "partner" in shown(page)
    page.clock.run_for(2 * 60_000 + 1_000)
    page.get_by_role("alert").filter(has_text="It was quiet for a while").wait_for()
    assert "partner" not in shown(page)
    page.wait_for_timeout(300)
    assert len(service.sessions) == sessions - 1


def test_typing_keeps_the_screen_and_draft_and_a_sleeping_computer_is_noticed(page: Page) -> None:
    page.clock.install()
    say(page, SECRET)
    for _ in range(4):
        page.clock.run_for(3 * 60_000)
        page.get_by_label("Your message").press("a")
    assert "partner" in shown(page)
    page.clock.fast_forward(60 * 60_000)
    page.get_by_role("alert").filter(has_text="It was quiet for a while").wait_for()
    assert "partner" not in shown(page) and "aaaa" not in shown(page)


def test_words_that_were_typed_and_never_sent_are_erased_too(page: Page) -> None:
    page.clock.install()
    page.get_by_label("Your message").fill(SECRET)
    page.clock.fast_forward(6 * 60_000)
    page.get_by_role("alert").filter(has_text="It was quiet for a while").wait_for()
    assert "partner" not in shown(page)


def test_nothing_is_erased_while_nobody_has_written(page: Page) -> None:
    page.clock.install()
    page.clock.fast_forward(60 * 60_000)
    assert page.get_by_role("button", name="See everything").is_visible()


def test_shift_is_announced_and_other_keys_or_time_end_the_count(page: Page) -> None:
    page.clock.install()
    leave_to_weather(page)
    page.keyboard.press("Shift")
    page.get_by_role("status").filter(has_text="Press it twice more").wait_for()
    page.keyboard.press("Shift")
    page.get_by_role("status").filter(has_text="Press it once more").wait_for()
    page.keyboard.press("a")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.run_for(6_000)
    page.keyboard.press("Shift")
    page.wait_for_timeout(300)
    assert page.url.startswith("http://127.0.0.1")


def test_exit_forgets_on_the_server_too(page: Page, service: Service) -> None:
    leave_to_weather(page)
    before = len(service.sessions)
    say(page, SECRET)
    page.get_by_role("button", name="Exit this page").click()
    page.get_by_role("heading", name="Weather").wait_for()
    page.wait_for_timeout(300)
    assert len(service.sessions) == before


def test_exit_works_without_a_server(page: Page) -> None:
    leave_to_weather(page)
    say(page, SECRET)
    page.route("**/chat/**", lambda route: route.abort())
    page.get_by_role("button", name="Exit this page").click()
    page.get_by_role("heading", name="Weather").wait_for()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,hi", "about:blank"])
def test_exit_goes_only_to_web_pages(page: Page, address: str) -> None:
    leave_to_weather(page)
    page.locator("handrail-chat").evaluate("(chat, to) => chat.setAttribute('exit-url', to)", address)
    page.get_by_role("button", name="Exit this page").click()
    page.get_by_role("heading", name="Weather").wait_for()


def test_back_from_another_page_shows_nothing_also_when_the_browser_kept_the_page(
    open_page: Open, host: str, noted: Noted
) -> None:
    page = open_page(f"{host}/element")
    ready(page)
    say(page, SECRET)
    page.get_by_label("Your message").fill("half a thought")
    page.evaluate("window.kept = 'in memory'")
    page.goto(f"{host}/other")
    page.go_back(wait_until="commit")
    ready(page)
    assert page.evaluate("window.kept") == "in memory", "the browser did not keep the page, so this shows nothing"
    assert "partner" not in shown(page) and "half a thought" not in shown(page)
    say(page, "need a physio")
    assert page.locator(".card").count() >= 1


def test_nothing_is_kept_in_the_browser(page: Page) -> None:
    say(page, SECRET)
    kept = page.evaluate(
        """async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length,
        (await navigator.serviceWorker.getRegistrations()).length, 'caches' in window ? (await caches.keys()).length : 0,
        history.length, JSON.stringify(history.state), location.href.includes('partner')]"""
    )
    assert kept[:6] == [0, 0, "", 0, 0, 0] and kept[7:] == ["null", False]
    assert page.context.cookies() == []
    assert page.get_by_label("Your message").get_attribute("autocomplete") == "off"
