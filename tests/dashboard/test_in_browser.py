"""The dashboard in a real Chromium: accessibility of every page and state, keyboard, small screens, print, no script needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.dashboard.endpoints import add_dashboard
from api.dashboard.source import Source
from api.server import make_server
from api.sign_in import add_sign_in, load_sign_in_settings
from bot.settings import Settings
from cli.service import Service
from tests.dashboard.conftest import Serve
from tests.dashboard.reading import tables_of
from tests.sign_in.serving import free_port

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STATES = [
    ("/dashboard", 200),
    ("/dashboard?from=2025-05&to=2026-10", 200),
    ("/dashboard?from=2026-10&to=2026-10", 200),
    ("/dashboard?from=2026-11", 422),
    ("/dashboard/sites", 200),
    ("/dashboard/sites?page=3", 200),
    ("/dashboard/sites?region=wales", 200),
    ("/dashboard/sites?item=site-031", 200),
    ("/dashboard/sites?region=wales&item=site-031", 422),
    ("/dashboard/sites?colour=red", 422),
    ("/dashboard/topics", 200),
    ("/dashboard/topics?region=wales&page=2", 200),
    ("/dashboard/channels", 200),
    ("/dashboard/outcomes", 200),
    ("/dashboard/helped", 200),
    ("/dashboard/risk", 200),
    ("/dashboard/report", 200),
    ("/dashboard/report?month=2026-11", 422),
    ("/dashboard/protection", 200),
    ("/dashboard/nothing", 404),
]
WATCH = "window.broken = []; addEventListener('securitypolicyviolation', event => broken.push(event.violatedDirective))"


class Watched:
    """A page, and what it asked for or complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complained: list[str] = []
        page.add_init_script(WATCH)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complained.append(message.text))
        page.on("pageerror", lambda error: self.complained.append(str(error)))

    def open(self, http: httpx.Client, path: str) -> int:
        self.asked.clear()
        answer = self.page.goto(f"{http.base_url}".rstrip("/") + path)
        assert answer is not None
        return answer.status

    def check_accessible(self) -> None:
        found = Axe().run(self.page, options=RULES)
        assert found.violations_count == 0, found.generate_report()

    def check_quiet(self, http: httpx.Client) -> None:
        """Nothing was asked of another server, and nothing broke the content security policy."""
        assert self.page.evaluate("window.broken") == []
        assert [url for url in self.asked if not url.startswith(str(http.base_url).rstrip("/"))] == []
        assert [text for text in self.complained if "status of 4" not in text and "status of 5" not in text] == []


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    yield Watched(page)
    page.close()


@pytest.mark.parametrize(("path", "status"), STATES)
def test_every_page_and_state_is_accessible_fits_a_phone_and_stays_inside(
    watched: Watched, http: httpx.Client, path: str, status: int
) -> None:
    assert watched.open(http, path) == status
    watched.check_accessible()
    watched.page.set_viewport_size({"width": 320, "height": 640})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 320
    watched.check_accessible()
    watched.check_quiet(http)


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/sites", "/dashboard/report"])
def test_pages_without_figures_are_accessible(
    watched: Watched, empty: Source, away: Source, serve: Serve, path: str
) -> None:
    for source, status in ((empty, 200), (away, 503)):
        with serve(source) as http:
            assert watched.open(http, path) == status
            watched.check_accessible()
            watched.check_quiet(http)


def test_a_chart_is_one_image_with_a_name_a_description_and_its_table(watched: Watched, http: httpx.Client) -> None:
    watched.open(http, "/dashboard/sites")
    page = watched.page
    sections = page.locator("section.app-section")
    assert [sections.nth(at).get_by_role("img").count() for at in range(3)] == [1, 1, 0], (
        "a list of all sites has no chart"
    )
    for at in range(2):
        image = sections.nth(at).get_by_role("img")
        name, description = image.get_attribute("aria-labelledby"), image.get_attribute("aria-describedby")
        assert "27 July 2026 to 25 October 2026" in (page.locator(f"#{name}").text_content() or "")
        assert (page.locator(f"#{description}").text_content() or "").startswith("A bar chart with 1")
        assert sections.nth(at).get_by_role("table").count() == 1
    assert page.locator("[style]").count() == 0 and page.locator("style").count() == 0


def test_bars_are_as_long_as_the_figures_in_the_table(watched: Watched, http: httpx.Client) -> None:
    watched.open(http, "/dashboard/outcomes?from=2026-10&to=2026-10")
    page = watched.page
    widths = [bar.bounding_box() for bar in page.locator(".mark-rect path").all()]
    ((_, rows),) = tables_of(page.content()).items()
    figures = [0 if figure.startswith("fewer") else int(figure.replace(",", "")) for _, figure in rows]
    lengths = [box["width"] if box else 0.0 for box in widths]
    assert len(lengths) == len(figures) > 3
    assert [round(length / max(lengths), 2) for length in lengths] == [round(one / max(figures), 2) for one in figures]


def test_charts_can_be_seen_in_forced_colours(watched: Watched, http: httpx.Client) -> None:
    watched.page.emulate_media(forced_colors="active", color_scheme="dark")
    watched.open(http, "/dashboard")
    colour = "one => getComputedStyle(document.querySelector(one))"
    background = watched.page.evaluate(f"({colour})('body').backgroundColor")
    for shape in (".mark-rect path", ".app-chart__image text"):
        assert watched.page.evaluate(f"({colour})('{shape}').fill") == "rgb(255, 255, 255)" != background


def test_filters_work_without_script(chromium: Browser, http: httpx.Client) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.goto(f"{http.base_url}".rstrip("/") + "/dashboard/sites")
    page.get_by_label("First week").select_option("2026-W40")
    page.get_by_label("Region", exact=True).select_option("wales")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", name="Conversations each week: Wales").is_visible()
    assert page.get_by_role("table").first.get_by_role("row").count() == 6, "four weeks, the header and the total"
    assert page.get_by_label("Region", exact=True).input_value() == "wales"
    page.get_by_role("link", name="Clear filters").click()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="HMP Place 040").click()
    assert page.get_by_role("heading", name="Conversations each week: HMP Place 040").is_visible()
    page.get_by_label("Region", exact=True).select_option("wales")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_label("Month", exact=True).select_option("2026-08")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", name="Monthly report: August 2026").is_visible()
    page.close()


def test_everything_can_be_reached_and_used_by_keyboard(watched: Watched, http: httpx.Client) -> None:
    watched.open(http, "/dashboard/topics")
    page = watched.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    wanted = page.locator("a[href]:visible, button:visible, select:visible").count()
    reached = 0
    for _ in range(wanted + 5):
        if page.evaluate("document.activeElement === document.body"):
            break
        reached += 1
        shown = page.evaluate(
            "(one => one.outlineStyle !== 'none' || one.boxShadow !== 'none')(getComputedStyle(document.activeElement))"
        )
        assert shown, "where the focus is can be seen"
        page.keyboard.press("Tab")
    assert reached == wanted > 30
    page.get_by_label("Region", exact=True).focus()
    page.keyboard.type("Wales")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Conversations by topic: Wales").wait_for()


def test_an_error_summary_takes_the_focus_and_leads_to_its_field(watched: Watched, http: httpx.Client) -> None:
    watched.open(http, "/dashboard/sites?region=wales&item=site-031")
    page = watched.page
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "item"


def test_the_report_prints_its_charts_and_tables_and_nothing_else(watched: Watched, http: httpx.Client) -> None:
    page = watched.page
    page.set_viewport_size({"width": 718, "height": 1016})
    watched.open(http, "/dashboard/report")
    page.emulate_media(media="print")
    for hidden in (
        ".app-filters",
        ".govuk-service-navigation",
        ".govuk-skip-link",
        ".app-downloads",
        ".govuk-template__footer",
    ):
        assert page.locator(hidden).first.is_hidden()
    assert page.get_by_role("heading", name="Monthly report: October 2026").is_visible()
    assert page.locator(".govuk-notification-banner").is_visible(), "made-up figures are marked on paper too"
    assert page.locator(".app-chart__image:visible").count() >= 6 and page.locator("table:visible").count() >= 7
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_manager_on_a_laptop_signs_in_with_the_link_and_sees_figures(
    chromium: Browser, quick_service: Service, large: Source
) -> None:
    port, links = free_port(), list[str]()
    settings = Settings(port=port)
    app = create_app(quick_service.conversation, quick_service.sessions, settings)
    sign_in = add_sign_in(app, load_sign_in_settings(), settings, show=links.append)
    add_dashboard(app, large)
    server = make_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert sign_in.link is not None
        sign_in.link.print_new()
        page = chromium.new_page()
        page.goto(links[0])
        page.get_by_role("heading", name="Use over time").wait_for()
        assert page.get_by_role("table").is_visible()
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"http://127.0.0.1:{port}/dashboard")
        assert page.get_by_role("heading", name="Use over time").count() == 0
        page.context.close()
    finally:
        server.should_exit = True
        thread.join(timeout=10)
