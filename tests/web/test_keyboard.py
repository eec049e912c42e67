"""With the keyboard alone: everything can be reached, is seen when it has the focus, and the focus stays where a person expects."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web.conftest import Open, choose, focused, ready, say

SEEN = """() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const box = at.getBoundingClientRect(), root = at.getRootNode();
  const middle = root.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2);
  const style = getComputedStyle(at);
  return { name: (at.innerText || at.id || at.tagName).slice(0, 40), seen: middle === at || at.contains(middle),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }; }"""


def test_the_chat_works_by_keyboard_alone(page: Page) -> None:
    ready(page)
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused(page) == "Help me choose":
            break
    page.keyboard.press("Enter")
    page.get_by_role("button", name="For someone in prison").wait_for()
    assert focused(page) == "message"
    for _ in range(9):
        page.keyboard.press("Shift+Tab")
        if focused(page) == "For someone in prison":
            break
    page.keyboard.press("Space")
    page.get_by_role("button", name="Drugs or alcohol").wait_for()
    page.keyboard.type("bail hostel and methadone")
    page.keyboard.press("Enter")
    page.locator(".reply").nth(3).wait_for()
    assert page.locator(".card").count() >= 1


@pytest.mark.parametrize("size", [(390, 844), (1280, 800), (320, 256)], ids=["phone", "desktop", "400-percent"])
def test_whatever_has_the_focus_is_seen_and_has_a_ring(open_page: Open, server: str, size: tuple[int, int]) -> None:
    page = open_page(server, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    ready(page)
    say(page, "i want to die")
    page.get_by_role("button", name="Get help now").first.focus()
    met = []
    for _ in range(40):
        page.keyboard.press("Tab")
        page.wait_for_timeout(30)
        state = page.evaluate(SEEN)
        met.append(state["name"])
        assert state["seen"] and state["ring"], state
        if state["name"] == "Erase everything now":
            break
    assert {"Exit this page", "Call 999", "Text 85258", "message", "Send", "Erase everything now"} <= set(met)
    for _ in range(len(met)):
        page.keyboard.press("Shift+Tab")
        page.wait_for_timeout(30)
        state = page.evaluate(SEEN)
        assert state["seen"] and state["ring"], state


def test_help_stays_on_the_screen_while_reading_a_long_answer(open_page: Open, server: str) -> None:
    for width, height in ((390, 844), (320, 256)):
        page = open_page(server, viewport={"width": width, "height": height})
        ready(page)
        say(page, "i want to die")
        for place in (0, 400, 100_000):
            page.evaluate(f"window.scrollTo(0, {place})")
            box = page.get_by_role("button", name="Get help now").first.bounding_box()
            assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 0.5 * height


def test_after_a_choice_the_focus_is_in_the_box(page: Page) -> None:
    choose(page, "See everything")
    assert focused(page) == "message"


def test_after_a_choice_on_a_touch_screen_the_answer_has_it_and_no_keyboard_comes_up(
    open_page: Open, server: str
) -> None:
    page = open_page(server, has_touch=True, is_mobile=True)
    ready(page)
    page.get_by_role("button", name="See everything").tap()
    page.get_by_role("button", name="Occupational health").wait_for()
    assert "Occupational health" in focused(page)


def test_help_keeps_the_focus_where_it_was(page: Page) -> None:
    page.get_by_role("button", name="Get help now").first.focus()
    page.keyboard.press("Enter")
    page.locator(".reply").nth(1).wait_for()
    assert focused(page) == "Get help now"
