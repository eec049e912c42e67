"""A real OpenID Connect provider (npm's oidc-provider), a real Chromium, and Handrail between them."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page

from cli.service import Service, prepare_service
from tests.sign_in.serving import CLIENT_SECRET, Site, free_port, make_certificate, serving

HERE = Path(__file__).parent
NPM, NODE = shutil.which("npm"), shutil.which("node")
for name in [
    name for name in os.environ if name.startswith(("HANDRAIL_OIDC_", "HANDRAIL_SIGN_IN_", "HANDRAIL_PUBLIC_"))
]:
    del os.environ[name]


@dataclass
class IdentityProvider:
    """The running provider; `port` is where it lets Handrail be (over TLS), `plain_port` the same on loopback without TLS."""

    issuer: str
    port: int
    plain_port: int

    def spoil(self, **how: object) -> None:
        """Make the next ID token wrong: `claims` that it shall hold (None takes one out), the `key` that signs it."""
        httpx.post(f"{self.issuer}/test/spoil", json=how).raise_for_status()

    def issued(self) -> list[str]:
        """Every token that it has given out."""
        tokens: list[str] = httpx.get(f"{self.issuer}/test/issued").json()
        return tokens

    def settings(self, **more: object) -> dict[str, object]:
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": "handrail",
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_roles_claim": "access.groups",
            "oidc_managers": "HP-Managers, HP-Directors",
            "oidc_tuners": "HP-Tuners",
            "oidc_admins": '["HP-Admins"]',
            "public_url": f"https://localhost:{self.port}",
        } | more


def node_is_old(node: str) -> bool:
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.lstrip("v").partition(".")[0]) < 20


@pytest.fixture(scope="session")
def provider() -> Iterator[IdentityProvider]:
    if NPM is None or NODE is None or node_is_old(NODE):
        if os.environ.get("HANDRAIL_TEST_OIDC") == "required":
            pytest.fail("npm and Node 20 or newer are needed for the tests of sign-in")
        pytest.skip("npm with Node 20 or newer is not installed")
    folder = HERE / "provider"
    subprocess.run([NPM, "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True, timeout=300)
    port, own, plain = free_port(), free_port(), free_port()
    homes = (f"https://localhost:{own}", f"http://127.0.0.1:{plain}")
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "REDIRECT": ",".join(f"{home}/sign-in/callback" for home in homes),
        "SIGNED_OUT": ",".join(f"{home}/sign-in/signed-out" for home in homes),
    }
    process = subprocess.Popen([NODE, "provider.mjs"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "ready", "the provider did not start"
        yield IdentityProvider(f"http://127.0.0.1:{port}", own, plain)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def quick_service() -> Service:
    """Handrail without its dialogue engine: sign-in does not need it, and the chat gives safe answers."""
    return prepare_service()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def site(quick_service: Service, provider: IdentityProvider, certificate: Path) -> Iterator[Site]:
    """Handrail over TLS that signs in with the provider."""
    with serving(quick_service, provider.port, certificate=certificate, **provider.settings()) as one:
        yield one


@pytest.fixture
def laptop(quick_service: Service) -> Iterator[Site]:
    """Handrail on loopback without a provider."""
    with serving(quick_service, free_port()) as one:
        yield one


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with contextlib.closing(chromium.new_context(ignore_https_errors=True)) as one:
        one.set_default_timeout(10_000)
        yield one


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("HANDRAIL_TEST_REDIS") == "required":
            pytest.fail("redis-server is needed for the tests of sign-in")
        pytest.skip("redis-server is not installed")
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis.from_url(url)
    for _ in range(200):
        with contextlib.suppress(redis.ConnectionError):
            client.ping()
            break
        time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(timeout=10)


class Heard(logging.Handler):
    """Keeps every line that any logger writes at INFO and above."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def heard() -> Iterator[Heard]:
    """What was logged during the test, by anybody."""
    handler = Heard()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
