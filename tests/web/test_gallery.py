"""Every state of the gallery: accessible, without sideways scrolling, and from replies that the API could give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bot.reply import Reply
from tests.web.conftest import Noted, Open, axe, violations

SAMPLES = json.loads(Path("web/gallery/samples.json").read_text())
STATES = 28
MANY_ON_ONE_PAGE = "landmark-unique"
SPACING = """() => { const sheet = new CSSStyleSheet();
sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }'
  + ' p { margin-block-end: 2em !important }');
for (const chat of document.querySelectorAll('handrail-chat')) chat.shadowRoot.adoptedStyleSheets.push(sheet); }"""
SMALL_TARGETS = """() => [...document.querySelectorAll('handrail-chat')].flatMap((chat) =>
  [...chat.shadowRoot.querySelectorAll('button, a, textarea, input')].filter((one) => {
    const box = (one.closest('label') ?? one).getBoundingClientRect();
    return box.width && (box.width < 44 || box.height < 44) }).map((one) => one.outerHTML.slice(0, 80)))"""
CLIPPED = """() => [...document.querySelectorAll('handrail-chat')].flatMap((chat) =>
  [...chat.shadowRoot.querySelectorAll('button, .button, p:not(.sr), h2, h3, dd, dt, .tag')].filter((one) =>
    !one.closest('.sr') && one.clientWidth && one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML.slice(0, 80)))"""


@pytest.fixture
def gallery(open_page: Open, server: str) -> Page:
    return opened(open_page, server)


def opened(open_page: Open, server: str, **settings: object) -> Page:
    settings.setdefault("viewport", {"width": 1300, "height": 900})
    page = open_page(f"{server}/demo/gallery", **settings)
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def test_every_state_is_there_and_nothing_is_asked_of_a_server(gallery: Page, noted: Noted, server: str) -> None:
    assert gallery.locator("main li > h2").count() == STATES
    assert (noted.errors, noted.outside(server), violations(gallery)) == ([], [], [])
    assert [url for url in noted.requests if "/chat/" in url] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_replies_are_replies(name: str) -> None:
    Reply.model_validate(SAMPLES[name])


@pytest.mark.parametrize(
    "settings",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"reduced_motion": "reduce"}],
    ids=["light", "dark", "reduced-motion"],
)
def test_no_state_has_an_accessibility_violation(open_page: Open, server: str, settings: dict[str, object]) -> None:
    assert axe(opened(open_page, server, **settings), MANY_ON_ONE_PAGE) == []


def test_with_the_persons_own_colours_everything_is_in_them_and_has_an_edge(open_page: Open, server: str) -> None:
    page = opened(open_page, server, forced_colors="active")
    assert (
        axe(page, MANY_ON_ONE_PAGE, "color-contrast") == []
    )  # axe does not know forced colours; they are counted below
    colours = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('handrail-chat')].flatMap((chat) =>
        [...chat.shadowRoot.querySelectorAll('p, h3, dd, dt, button:enabled')].map((one) => getComputedStyle(one).color)))]"""
    )
    assert set(colours) <= {"rgb(0, 0, 0)"}
    edges = page.evaluate(
        """() => [...document.querySelectorAll('handrail-chat')].flatMap((chat) =>
        [...chat.shadowRoot.querySelectorAll('button, .button, .mine, .card, textarea')]
        .filter((one) => getComputedStyle(one).borderTopStyle === 'none' || getComputedStyle(one).borderTopWidth === '0px')).length"""
    )
    assert edges == 0


def test_at_320_pixels_nothing_scrolls_sideways_or_is_cut(open_page: Open, server: str) -> None:
    page = opened(open_page, server, viewport={"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    sideways = "[...document.querySelectorAll('.frame')].filter((one) => one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(sideways) == 0
    assert page.evaluate(CLIPPED) == []
    assert axe(page, MANY_ON_ONE_PAGE) == []


def test_with_the_text_spacing_that_people_set_nothing_is_cut(open_page: Open, server: str) -> None:
    page = opened(open_page, server, viewport={"width": 320, "height": 640})
    page.evaluate(SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CLIPPED) == []


def test_every_target_is_at_least_44_pixels(gallery: Page) -> None:
    assert gallery.evaluate(SMALL_TARGETS) == []


def test_with_reduced_motion_nothing_moves(open_page: Open, server: str) -> None:
    page = opened(open_page, server, reduced_motion="reduce")
    running = "document.getAnimations().length + [...document.querySelectorAll('handrail-chat')]"
    running += ".reduce((sum, chat) => sum + chat.shadowRoot.getAnimations().length, 0)"
    assert page.evaluate(running) == 0
    moving = opened(open_page, server)
    assert moving.evaluate(running) > 0


def test_it_grows_with_the_persons_own_font_size(open_page: Open, server: str) -> None:
    page = open_page(server)
    button = page.get_by_role("button", name="Send")
    before = button.bounding_box()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = button.bounding_box()
    assert before is not None and after is not None and after["height"] > 1.6 * before["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_intranet_with_tiny_root_text_does_not_make_the_chat_tiny(open_page: Open, server: str) -> None:
    page = open_page(server)
    page.evaluate("document.documentElement.style.fontSize = '62.5%'; document.body.style.fontSize = '1.6rem'")
    size = page.get_by_label("Your message").evaluate("one => getComputedStyle(one).fontSize")
    assert size == "16px"


def test_it_turns_round_for_languages_written_right_to_left(open_page: Open, server: str) -> None:
    page = open_page(server)
    page.locator("handrail-chat").evaluate("chat => chat.setAttribute('dir', 'rtl')")
    send, box = page.get_by_role("button", name="Send").bounding_box(), page.get_by_label("Your message").bounding_box()
    assert send is not None and box is not None and send["x"] < box["x"]


def test_until_there_is_welsh_a_welsh_page_gets_english_marked_as_english(open_page: Open, server: str) -> None:
    page = open_page(server)
    page.locator("handrail-chat").evaluate("chat => chat.setAttribute('lang', 'cy')")
    inside = page.locator("handrail-chat [part=chat]")
    assert inside.get_attribute("lang") == "en-GB" and page.get_by_role("button", name="Send").is_visible()
