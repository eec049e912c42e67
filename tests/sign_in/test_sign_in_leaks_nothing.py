"""No name, e-mail, token, claim or address is written anywhere while people sign in, well and badly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request

from cli.service import Service
from tests.sign_in.conftest import Heard, IdentityProvider
from tests.sign_in.people import log_in
from tests.sign_in.serving import CLIENT_SECRET, Site, free_port

HANDRAIL = str(Path(sys.executable).with_name("handrail"))
PERSONAL = ["Canary manager", "canary.example", "manager-1", CLIENT_SECRET]


@dataclass
class Seen:
    """Every secret that passed through the browser."""

    secrets: set[str]

    def watch(self, page: Page) -> None:
        def note(request: Request) -> None:
            parts = urlsplit(request.url)
            self.secrets |= {value for _, value in parse_qsl(parts.query) if len(value) >= 20 and "/" not in value}

        page.on("request", note)

    def add_cookies(self, context: BrowserContext) -> None:
        for cookie in context.cookies():
            self.secrets |= {part for part in re.split(r"[.:]", cookie["value"]) if len(part) >= 16}


@pytest.fixture
def seen() -> Seen:
    return Seen(set())


def go_through_everything(page: Page, address: str, provider: IdentityProvider, seen: Seen) -> None:
    """A good sign-in and the bad ones, with signing out."""
    seen.watch(page)
    page.goto(f"{address}/sign-in")
    log_in(page)
    page.wait_for_url(f"{address}/**")
    seen.add_cookies(page.context)
    for how in ({"claims": {"aud": "other"}}, {"claims": {"nonce": "other"}}, {"claims": {"exp": 1}}, {"key": "other"}, {"key": "none"}):  # fmt: skip
        provider.spoil(**how)
        page.goto(f"{address}/sign-in")
        page.wait_for_url(f"{address}/**")
        callback = page.url
        page.goto(callback)
    page.goto(f"{address}/sign-in?account=another")
    log_in(page, "nobody-1")
    page.wait_for_url(f"{address}/**")
    seen.add_cookies(page.context)
    httpx.get(f"{address}/sign-in/callback?state=x&error=canary.example", verify=False)
    httpx.post(f"{address}/sign-in", content=b"\xff", verify=False)
    for token in provider.issued():
        seen.secrets |= {token, *token.split(".")} - {""}


def test_no_logger_writes_anything_of_a_person(
    page: Page, site: Site, provider: IdentityProvider, heard: Heard, seen: Seen
) -> None:
    go_through_everything(page, site.address, provider, seen)
    text = "\n".join(line for line in heard.lines if not line.startswith("httpx "))  # the client of this test
    assert "signed_in roles=manager" in text and "sign_in_failed reason=no-role" in text, "the log was listened to"
    assert text.count("sign_in_failed") >= 6
    assert len(seen.secrets) > 30
    assert [one for one in [*PERSONAL, *seen.secrets] if one in text] == []
    ours = [line for line in heard.lines if line.startswith("handrail")]
    assert not [line for line in ours if re.search(r"\d+\.\d+\.\d+\.\d+|localhost|https?:", line)]


@pytest.fixture
def process(provider: IdentityProvider, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """`handrail serve` as an operator starts it: its address and the file that holds all it prints."""
    settings = provider.settings(public_url=f"http://127.0.0.1:{provider.plain_port}")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HANDRAIL_PORT": str(provider.plain_port)}
    environment |= {f"HANDRAIL_{name.upper()}": str(value) for name, value in settings.items()}
    environment |= {"HANDRAIL_DATABASE_URL": f"sqlite:///{tmp_path}/handrail.db"}
    printed = tmp_path / "printed"
    with printed.open("wb") as output:
        started = subprocess.Popen([HANDRAIL, "serve"], env=environment, stdout=output, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{provider.plain_port}"
        for _ in range(600):
            try:
                httpx.get(f"{address}/health")
                break
            except httpx.TransportError:
                assert started.poll() is None, printed.read_text()
                time.sleep(0.1)
        yield address, printed
        started.terminate()
        started.wait(timeout=20)


def test_the_real_process_writes_nothing_of_a_person(
    page: Page, process: tuple[str, Path], provider: IdentityProvider, seen: Seen, tmp_path: Path
) -> None:
    address, printed = process
    go_through_everything(page, address, provider, seen)
    text = printed.read_text()
    assert "signed_in roles=manager" in text and "sign_in_failed reason=no-role" in text
    assert "sign_in_failed reason=token-expired" in text and "/sign-in#" not in text
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert [one for one in [*PERSONAL, *seen.secrets] if one.encode() in files] == []
    lines = [line for line in text.splitlines() if "handrail.sign_in" in line]
    assert not [line for line in lines if "127.0.0.1" in line]


def test_on_a_laptop_the_terminal_shows_a_link_that_works(page: Page, service: Service, tmp_path: Path) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HANDRAIL_PORT": str(port)}
    environment |= {"HANDRAIL_DATABASE_URL": f"sqlite:///{tmp_path}/handrail.db"}
    with subprocess.Popen([HANDRAIL, "serve"], env=environment, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        try:
            link = next(
                found.group() for line in started.stderr if (found := re.search(r"http://\S+/sign-in#\S+", line))
            )
            assert link.startswith(f"http://127.0.0.1:{port}/sign-in#")
            page.goto(link)
            page.wait_for_url(lambda url: "/sign-in" not in url)
            assert any(cookie["name"] == "__Host-handrail-session" for cookie in page.context.cookies())
        finally:
            started.terminate()


def test_a_wrong_setting_stops_the_start_with_its_name_and_cure(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HANDRAIL_OIDC_ISSUER": "http://login.example", "HANDRAIL_OIDC_CLIENT_SECRET": "tops3cret"}  # fmt: skip
    done = subprocess.run([HANDRAIL, "serve"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "tops3cret" not in done.stderr
    told = done.stderr.splitlines()
    assert len(told) == 3 and all(line.startswith("HANDRAIL_") and "To mend it: " in line for line in told)
