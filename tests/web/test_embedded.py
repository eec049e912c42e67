"""On other people's pages, on another origin: one script tag under the strictest policy, and in a sandboxed frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route

from tests.web.conftest import Noted, Open, axe, ready, say, violations
from tests.web.hosts import ELEMENT, FRAME, SANDBOX


@pytest.fixture
def element(open_page: Open, host: str) -> Page:
    """The element on an intranet page of another origin."""
    page = open_page(f"{host}/element")
    ready(page)
    return page


def test_one_script_tag_under_the_strictest_policy(
    element: Page, noted: Noted, host: str, handrail: str, sites: list[Any]
) -> None:
    say(element, "cut a lad down on Tuesday and I can't get it out of my head")
    assert element.locator(".card").count() == 3
    element.get_by_role("button", name="Get help now").first.click()
    element.locator(".reply").nth(2).wait_for()
    assert element.locator(".help").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    assert (noted.errors, noted.outside(host, handrail), violations(element)) == ([], [], [])
    assert sites == [{"site": "hmp-anywhere"}]
    assert axe(element) == []


def test_the_pages_own_styles_do_not_reach_in_and_theming_does(element: Page) -> None:
    button = element.get_by_role("button", name="Send")
    assert button.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(99, 0, 99)"
    assert button.evaluate("one => getComputedStyle(one).textTransform") == "none"
    assert element.get_by_role("heading", name="Ask us").is_visible()


def test_events_tell_the_page_what_happened_and_never_what_was_said(element: Page) -> None:
    element.evaluate(
        """() => { window.told = []; for (const name of ['ready', 'answer', 'error', 'wiped', 'exit'])
        document.addEventListener('handrail-' + name, (event) => window.told.push([event.type, event.detail])); }"""
    )
    say(element, "my partner hits me")
    element.route("**/chat/**", lambda route: route.abort())
    element.get_by_label("Your message").fill("need a physio")
    element.keyboard.press("Enter")
    element.get_by_role("alert").wait_for()
    element.get_by_role("button", name="Erase everything now").click()
    element.get_by_role("button", name="Start a new conversation").wait_for()
    assert element.evaluate("window.told") == [
        ["handrail-answer", {}],
        ["handrail-error", {"code": "away"}],
        ["handrail-wiped", {"reason": "erased"}],
    ]


def test_a_page_that_is_not_allowed_gets_helplines_and_no_chat(open_page: Open, stranger: str) -> None:
    page = open_page(f"{stranger}/element")
    page.get_by_role("alert").filter(has_text="cannot be reached").wait_for()
    assert page.get_by_role("link", name="Call 116 123").is_visible()


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[data-handrail]")


def say_in(frame: FrameLocator, text: str) -> None:
    before = frame.locator(".reply").count()
    frame.get_by_label("Your message").fill(text)
    frame.get_by_label("Your message").press("Enter")
    frame.locator(".reply").nth(before).wait_for()


@pytest.fixture
def frame_page(open_page: Open, host: str) -> Page:
    page = open_page(f"{host}/frame", viewport={"width": 1000, "height": 900})
    framed(page).get_by_role("button", name="See everything").first.wait_for()
    return page


def test_it_works_in_a_sandboxed_frame_of_another_origin(
    frame_page: Page, noted: Noted, host: str, handrail: str
) -> None:
    say_in(framed(frame_page), "cut a lad down on Tuesday and I can't get it out of my head")
    assert framed(frame_page).locator(".card").count() == 3
    inside = frame_page.frames[1]
    assert (noted.errors, noted.outside(host, handrail)) == ([], [])
    assert (violations(frame_page), violations(inside)) == ([], [])
    for scheme in ("light", "dark"):
        frame_page.emulate_media(color_scheme=scheme)
        assert axe(inside) == []


def height(page: Page) -> float:
    return float(page.locator("iframe[data-handrail]").evaluate("one => one.getBoundingClientRect().height"))


def test_the_frame_grows_with_the_chat_and_never_beyond_the_screen(frame_page: Page) -> None:
    first = height(frame_page)
    content = frame_page.frames[1].locator("handrail-chat").evaluate("one => one.getBoundingClientRect().height")
    assert abs(first - content) <= 1
    say_in(framed(frame_page), "show me the menu")
    frame_page.wait_for_timeout(300)
    assert height(frame_page) > first
    say_in(framed(frame_page), "i want to die")
    frame_page.wait_for_timeout(300)
    assert height(frame_page) == 0.8 * 900
    assert framed(frame_page).get_by_role("button", name="Get help now").first.is_visible()


def test_forged_messages_move_nothing(frame_page: Page, handrail: str) -> None:
    before = height(frame_page)
    frame_page.evaluate(
        """() => { window.postMessage({type: 'handrail:size', height: 800}, '*');
        window.postMessage({type: 'handrail:exit', url: 'https://evil.example/'}, '*');
        const other = document.querySelector('#other'); other.contentWindow.postMessage('go', '*'); }"""
    )
    frame_page.wait_for_timeout(400)
    assert height(frame_page) == before and "evil" not in frame_page.url
    assert frame_page.evaluate("window.fromOther") == 1, "the other frame did post its forgery"


def test_a_page_that_is_not_allowed_cannot_frame_it(open_page: Open, stranger: str, noted: Noted) -> None:
    page = open_page(f"{stranger}/frame")
    page.wait_for_timeout(800)
    assert any("frame-ancestors" in error for error in noted.errors)
    assert framed(page).get_by_role("button").count() == 0


def test_even_where_it_is_framed_the_frame_tells_only_allowed_pages(open_page: Open, stranger: str) -> None:
    def without_policy(route: Route) -> None:
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    page = open_page("about:blank")
    page.route("**/embed", without_policy)
    page.goto(f"{stranger}/frame")
    framed(page).get_by_role("button", name="See everything").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("window.messages") == []


@pytest.mark.parametrize("way", ["button", "shift"])
def test_exit_leaves_the_page_around_the_frame(frame_page: Page, way: str) -> None:
    frame_page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    frame = framed(frame_page)
    say_in(frame, "my partner hits me")
    if way == "button":
        frame.get_by_role("button", name="Exit this page").click()
    else:
        for _ in range(3):
            frame_page.keyboard.press("Shift")
    frame_page.get_by_role("heading", name="Weather").wait_for()
    assert frame_page.url == "https://www.bbc.co.uk/weather"
    frame_page.go_back()
    frame_page.wait_for_timeout(500)
    assert all("partner" not in one.content() for one in frame_page.frames)


def test_exit_where_the_sandbox_forbids_it_is_done_by_the_page_around(open_page: Open, host: str) -> None:
    page = open_page(f"{host}/frame-tight")
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    frame = framed(page)
    say_in(frame, "my partner hits me")
    frame.get_by_role("button", name="Exit this page").click()
    page.get_by_role("heading", name="Weather").wait_for()
    assert page.url == "https://www.bbc.co.uk/weather"


def test_a_frame_without_an_origin_shows_helplines(open_page: Open, host: str) -> None:
    page = open_page(f"{host}/frame-opaque")
    framed(page).get_by_role("alert").filter(has_text="cannot be reached").wait_for()
    assert framed(page).get_by_role("link", name="Call 999").is_visible()


@pytest.mark.parametrize("path", ["/demo", "/demo/frame"])
def test_the_demonstration_pages_work(open_page: Open, server: str, noted: Noted, path: str) -> None:
    page = open_page(f"{server}{path}", viewport={"width": 1200, "height": 900})
    chat = page.frame_locator("iframe") if path.endswith("frame") else page
    chat.get_by_role("button", name="See everything").first.wait_for()
    page.wait_for_timeout(300)
    assert (noted.errors, noted.outside(server), violations(page)) == ([], [], [])
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= 320")


def test_what_the_document_tells_people_to_paste_is_what_is_tested() -> None:
    found = re.findall(r"```html\n(.*?)```", Path("docs/widget.md").read_text(), re.DOTALL)
    element, frame = (text.replace("https://handrail.example.gov.uk", "{server}").strip().split("\n") for text in found)
    assert all(line in ELEMENT for line in element)
    assert frame[0].replace(f'"{SANDBOX}"', '"{sandbox}"') in FRAME and frame[1] in FRAME


def test_every_attribute_event_part_and_property_is_documented() -> None:
    text = Path("docs/widget.md").read_text()
    source = "".join(file.read_text() for file in Path("web/src").glob("*.ts"))
    style = Path("web/src/styles.css").read_text()
    names = set(re.findall(r'getAttribute\("([a-z-]+)"\)', source)) | {"lang", "dir", "theme"}
    names |= {f"handrail-{name}" for name in re.findall(r'emit\("([a-z]+)"', source)}
    names |= set(re.findall(r' part="([a-z]+)"', source)) | set(re.findall(r"var\((--handrail-[a-z-]+)", style))
    assert len(names) > 40
    assert sorted(name for name in names if f"`{name}`" not in text) == []
