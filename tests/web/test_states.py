"""What a person meets when things are slow, broken, lost or expired: it is said, nothing typed is lost, and it can be tried again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from cli.service import Service
from tests.web.conftest import Noted, Open, box_text, choose, focused, ready, say

TEXT = "back pain from the gate lodge chair"


class Network:
    """Stands between the page and the server, for /chat/messages."""

    def __init__(self, page: Page) -> None:
        self.lose_request = self.lose_answer = 0
        self.hold: threading.Event | None = None
        self.keys: list[str] = []
        self.bodies: list[str] = []
        self.held: list[Route] = []
        self.holding = False
        page.route("**/chat/messages", self._pass)

    def _pass(self, route: Route) -> None:
        self.keys.append(route.request.headers["idempotency-key"])
        self.bodies.append(route.request.post_data or "")
        if self.holding:
            self.held.append(route)
        elif self.lose_request:
            self.lose_request -= 1
            route.abort()
        elif self.lose_answer:
            self.lose_answer -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    def release(self) -> None:
        self.holding = False
        for route in self.held:
            route.continue_()
        self.held.clear()


@pytest.fixture
def network(page: Page) -> Network:
    return Network(page)


def send(page: Page, text: str) -> None:
    box = page.get_by_label("Your message")
    box.fill(text)
    box.press("Enter")


def alert(page: Page, words: str) -> Any:
    found = page.get_by_role("alert").filter(has_text=words)
    found.wait_for()
    return found


def test_a_lost_answer_is_fetched_again_and_counts_once(page: Page, network: Network) -> None:
    network.lose_answer = 1
    say(page, TEXT)
    assert len(network.keys) == 2 and len(set(network.keys)) == 1
    assert page.locator(".mine").count() == 1 and page.get_by_role("alert").count() == 0


def test_when_it_stays_away_the_words_come_back_and_trying_again_has_the_same_key(page: Page, network: Network) -> None:
    network.lose_answer = 2
    send(page, TEXT)
    alert(page, "cannot be reached")
    assert box_text(page) == TEXT and page.locator(".mine").count() == 0
    assert page.locator(".people").get_by_role("link", name="Call 116 123").is_visible()
    before = page.locator(".reply").count()
    page.get_by_role("button", name="Try again").click()
    page.locator(".reply").nth(before).wait_for()
    assert len(network.keys) == 3 and len(set(network.keys)) == 1
    assert box_text(page) == "" and page.get_by_role("alert").count() == 0


def test_a_changed_message_has_a_new_key(page: Page, network: Network) -> None:
    network.lose_request = 2
    send(page, TEXT)
    alert(page, "cannot be reached")
    say(page, TEXT + " every night")
    assert len(set(network.keys)) == 2


def test_a_choice_that_was_lost_can_be_chosen_again(page: Page, network: Network) -> None:
    network.lose_request = 2
    page.get_by_role("button", name="See everything").click()
    alert(page, "cannot be reached")
    assert page.get_by_role("button", name="See everything").is_enabled()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Occupational health").wait_for()
    assert len(set(network.keys)) == 1


def test_double_clicks_and_double_enter_send_once(page: Page, network: Network) -> None:
    page.get_by_role("button", name="See everything").dblclick()
    page.get_by_role("button", name="Occupational health").wait_for()
    assert len(network.keys) == 1
    page.get_by_label("Your message").fill(TEXT)
    page.get_by_role("button", name="Send").dblclick()
    page.locator(".reply").nth(2).wait_for()
    page.get_by_label("Your message").fill("will my manager know")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator(".reply").nth(3).wait_for()
    page.wait_for_timeout(300)
    assert len(network.keys) == 3 and page.locator(".mine").count() == 3
    assert page.get_by_role("alert").count() == 0


def test_a_second_message_waits_for_the_first_and_each_answer_stands_below_its_question(
    page: Page, network: Network
) -> None:
    network.holding = True
    send(page, "my knee hurts after a restraint")
    send(page, "will my manager know")
    assert page.locator(".mine").count() == 2 and len(network.bodies) == 1
    network.release()
    page.locator(".reply").nth(2).wait_for()
    order = page.locator(".mine, .reply").evaluate_all("all => all.map(one => one.className.split(' ')[0])")
    assert order == ["reply", "mine", "reply", "mine", "reply"]
    assert "Physiotherapy" in page.locator(".reply").nth(2).inner_text()


def test_help_does_not_wait_behind_a_slow_answer(page: Page, network: Network) -> None:
    network.holding = True
    send(page, TEXT)
    page.locator(".dots").wait_for()
    network.holding = False
    page.get_by_role("button", name="Get help now").first.click()
    page.locator(".reply").get_by_role("link", name="Call 116 123").first.wait_for()
    network.release()
    page.locator(".reply").nth(2).wait_for()


def test_help_pressed_with_the_first_message_is_in_the_same_conversation(page: Page, service: Service) -> None:
    before = len(service.sessions)
    held: list[Route] = []
    page.route("**/chat/sessions", lambda route: held.append(route) if not held else route.continue_())
    send(page, "my knee hurts after a restraint")
    page.get_by_role("button", name="Get help now").first.click()
    page.wait_for_timeout(300)
    held[0].continue_()
    page.locator(".reply").nth(2).wait_for()
    assert len(service.sessions) == before + 1
    page.get_by_role("button", name="Erase everything now").click()
    page.get_by_role("button", name="Start a new conversation").wait_for()
    page.wait_for_timeout(300)
    assert len(service.sessions) == before


def test_a_long_wait_says_so_and_then_shows_people_to_ring(page: Page, network: Network) -> None:
    page.clock.install()
    network.holding = True
    send(page, TEXT)
    status = page.get_by_role("status")
    status.filter(has_text="Finding what fits").wait_for()
    page.clock.run_for(5_000)
    status.filter(has_text="Still looking").wait_for()
    page.clock.run_for(6_000)
    status.filter(has_text="reach people now").wait_for()
    assert page.get_by_role("link", name="Call 116 123").is_visible()
    network.release()
    page.locator(".reply").nth(1).wait_for()
    assert status.inner_text() == ""


def test_after_twenty_seconds_it_stops_waiting_and_gives_the_words_back(page: Page, network: Network) -> None:
    page.clock.install()
    network.holding = True
    send(page, TEXT)
    page.locator(".dots").wait_for()
    page.clock.run_for(21_000)
    alert(page, "cannot be reached")
    assert box_text(page) == TEXT and len(network.keys) == 1


def test_help_without_a_server_comes_from_the_page_itself(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_role("button", name="Get help now").first.click()
    for name in ("Call 999", "Call 111", "Call 116 123", "Text 85258"):
        page.locator(".reply").get_by_role("link", name=name, exact=True).wait_for()


def test_when_the_server_is_away_from_the_start_helplines_are_shown_and_it_can_be_tried_again(
    open_page: Open, server: str
) -> None:
    page = open_page("about:blank")
    page.route("**/chat/**", lambda route: route.abort())
    page.goto(server)
    alert(page, "cannot be reached")
    assert page.get_by_role("link", name="Call 999").is_visible()
    page.unroute("**/chat/**")
    page.get_by_role("button", name="Try again").click()
    ready(page)
    assert page.get_by_role("alert").count() == 0


def test_an_expired_conversation_goes_on_by_itself_and_says_so(page: Page, service: Service) -> None:
    say(page, "my knee hurts after a restraint")
    service.sessions._sessions.clear()
    say(page, "debts and bailiffs")
    last = page.locator(".reply").last
    assert "what you said before was forgotten" in last.inner_text() and last.locator(".card").count() >= 1


def test_a_message_that_is_too_long_is_kept_and_the_limit_is_said(page: Page) -> None:
    long = "the rota is bad again " * 100
    send(page, long)
    alert(page, "2000 characters or fewer")
    assert box_text(page) == long.strip() and focused(page) == "message"


def test_an_empty_message_is_not_sent(page: Page, network: Network) -> None:
    page.get_by_role("button", name="Send").click()
    alert(page, "Type a few words")
    assert network.keys == []


def test_two_tabs_are_two_conversations(page: Page, service: Service) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    say(page, "my knee hurts after a restraint")
    say(other, "debts and bailiffs")
    say(page, "will my manager know")
    assert "Physiotherapy" in page.locator(".reply").last.inner_text()
    other.get_by_role("button", name="Erase everything now").click()
    say(page, "what does it cost")
    assert "Physiotherapy" in page.locator(".reply").last.inner_text()


def test_the_finder_leads_from_who_to_what_to_services(page: Page) -> None:
    choose(page, "Help me choose")
    choose(page, "For someone I work with or manage")
    choose(page, "Off sick, or back and finding it hard")
    assert "Management referral to occupational health" in page.locator(".card h3").first.inner_text()


def test_an_answer_for_someone_in_danger_can_be_rung_texted_and_copied(
    open_page: Open, server: str, noted: Noted
) -> None:
    page = open_page(server, permissions=["clipboard-read", "clipboard-write"])
    ready(page)
    say(page, "i want to die")
    cards = page.locator(".reply").last
    assert cards.get_by_role("link", name="Call 999").get_attribute("href") == "tel:999"
    assert cards.get_by_role("link", name="Text 85258").get_attribute("href") == "sms:85258"
    assert "Open now" in cards.get_by_role("heading", name="Samaritans").inner_text()
    cards.get_by_role("button", name="Copy 116 123").first.click()
    page.get_by_role("status").filter(has_text="116 123 copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "116 123"
    assert noted.errors == []
