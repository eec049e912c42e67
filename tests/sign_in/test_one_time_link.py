"""Signing in on a laptop with the link that the terminal shows."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct

import httpx
import pytest
from playwright.sync_api import Browser, Page

from api.sign_in import load_sign_in_settings
from bot.settings import Settings
from cli.service import Service
from tests.sign_in.people import heading, session_cookie
from tests.sign_in.serving import Site, free_port, serving

FORM = {"Sec-Fetch-Site": "same-origin"}
SIOCGIFADDR = 0x8915  # Linux: the address of a network card


def new_link(site: Site) -> str:
    assert site.sign_in.link is not None
    site.sign_in.link.print_new()
    return site.links[-1]


def code_of(site: Site) -> str:
    return new_link(site).partition("#")[2]


def test_the_link_signs_in_once_with_every_role(page: Page, laptop: Site, chromium: Browser) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    link = new_link(laptop)
    page.goto(link)
    page.wait_for_url(f"{laptop.address}/figures")
    assert heading(page) == "Figures"
    assert page.request.get(f"{laptop.address}/figures.json").json() == ["admin", "manager", "tuner"]
    code = link.partition("#")[2]
    assert len(code) == 32 and not [url for url in asked if code in url.partition("#")[0]], "the code is in no address"
    page.go_back()
    assert code not in page.url
    second = chromium.new_context()
    other = second.new_page()
    other.goto(link)
    other.get_by_role("alert").wait_for()
    assert "used before" in other.get_by_role("alert").inner_text()
    assert session_cookie(second) is None
    second.close()


def test_a_page_of_before_is_shown_after_signing_in(page: Page, laptop: Site) -> None:
    page.goto(f"{laptop.address}/phrases?intent=eap")
    assert heading(page) == "Sign in on this computer"
    page.get_by_label("Code from the terminal").fill(f" {code_of(laptop)} ")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.url == f"{laptop.address}/phrases?intent=eap"
    page.get_by_role("button", name="Sign out").click()
    assert heading(page) == "You have signed out" and session_cookie(page.context) is None


def test_a_new_link_can_be_printed_and_ends_the_old_one(page: Page, laptop: Site) -> None:
    old = code_of(laptop)
    page.goto(f"{laptop.address}/sign-in")
    page.get_by_role("button", name="Print a new link").click()
    assert "in the terminal" in page.get_by_role("alert").inner_text()
    assert len(laptop.links) == 2 and old not in laptop.links[1]
    assert laptop.links[1].partition("#")[2] not in page.content()
    page.goto(f"{laptop.address}/sign-in#{old}")
    page.get_by_role("alert").filter(has_text="used before").wait_for()
    page.goto("about:blank")
    page.goto(laptop.links[1])
    page.wait_for_url(f"{laptop.address}/figures")


def test_a_link_is_good_for_ten_minutes(laptop: Site) -> None:
    code = code_of(laptop)
    laptop.clock.pass_minutes(10.1)
    answer = httpx.post(f"{laptop.address}/sign-in", data={"code": code}, headers=FORM)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "handrail.example"},
        {"Host": "127.0.0.1.elsewhere.example"},
        {"Host": "[::1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://elsewhere.example", "Sec-Fetch-Site": ""},
    ],
    ids=str,
)
def test_a_good_code_does_not_count_from_elsewhere(laptop: Site, headers: dict[str, str]) -> None:
    code = code_of(laptop)
    sent = {name: value for name, value in (FORM | headers).items() if value}
    answer = httpx.post(f"{laptop.address}/sign-in", data={"code": code}, headers=sent)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers
    assert httpx.post(f"{laptop.address}/sign-in", data={"code": code}, headers=FORM).status_code == 303


def own_address() -> str | None:
    """An address of this computer that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # a network card without an address
                asked = fcntl.ioctl(probe.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()))
                address = socket.inet_ntoa(asked[20:24])
                if not address.startswith("127."):
                    return address
    return None


def test_another_computer_cannot_use_a_link(quick_service: Service) -> None:
    address = own_address()
    if address is None:
        pytest.skip("this computer has no network address but loopback")
    port = free_port()
    with serving(quick_service, port, listen="0.0.0.0") as site:
        code = code_of(site)
        for host in (f"{address}:{port}", f"127.0.0.1:{port}"):
            there = {"Host": host} | FORM
            with httpx.Client(base_url=f"http://{address}:{port}", headers=there) as http:
                assert http.post("/sign-in", data={"code": code}).status_code == 403
                assert http.post("/sign-in/new-link").status_code == 403
                assert "Only on the computer itself" in http.get("/sign-in").text
        assert len(site.links) == 1


def test_bad_codes_are_refused_and_guessing_is_stopped(laptop: Site) -> None:
    code_of(laptop)
    for bad in ("", "x", "é" * 20, "\x00", "x" * 20_000):
        answer = httpx.post(f"{laptop.address}/sign-in", data={"code": bad}, headers=FORM)
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
    answers = [httpx.post(f"{laptop.address}/sign-in", data={"code": "x"}, headers=FORM) for _ in range(30)]
    assert answers[-1].status_code == 429


def test_no_code_counts_before_one_is_printed(laptop: Site) -> None:
    assert httpx.post(f"{laptop.address}/sign-in", data={"code": ""}, headers=FORM).status_code == 403


def test_a_service_that_others_can_reach_has_no_link(quick_service: Service) -> None:
    port = free_port()
    with serving(quick_service, port, settings=Settings(host="0.0.0.0", port=port)) as site:
        assert site.sign_in.link is None
        answer = httpx.get(f"{site.address}/sign-in", headers={"Accept": "text/html"})
        assert answer.status_code == 503 and "not set up" in answer.text
        assert httpx.post(f"{site.address}/sign-in", data={"code": "x"}, headers=FORM).status_code == 405


def test_with_a_provider_there_is_no_link(quick_service: Service) -> None:
    with serving(quick_service, free_port(), **AWAY) as site:
        assert site.sign_in.link is None
        assert httpx.post(f"{site.address}/sign-in", data={"code": "x"}, headers=FORM).status_code == 405


AWAY = {
    "oidc_issuer": "http://127.0.0.1:9",
    "oidc_client_id": "handrail",
    "public_url": "https://handrail.example",
}


def test_settings_without_anything_are_those_of_a_laptop() -> None:
    assert not load_sign_in_settings().by_provider
