"""The guard over sockets: other machines are refused, in this process and in those it starts."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import TRIED
from tests.guard.sitecustomize import is_here

ELSEWHERE = "192.0.2.1"


@pytest.fixture
def on_purpose() -> Iterator[None]:
    """What this test tries is not held against it."""
    before = TRIED.read_text()
    yield
    TRIED.write_text(before)


@pytest.mark.usefixtures("on_purpose")
@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((ELSEWHERE, 443), timeout=1),
        lambda: socket.getaddrinfo("handrail.example", 443),
        lambda: httpx.get(f"http://{ELSEWHERE}/", timeout=1),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (ELSEWHERE, 53)),
    ],
)
def test_another_machine_cannot_be_reached(reach: Callable[[], object]) -> None:
    before = TRIED.read_text()
    with pytest.raises((PermissionError, httpx.ConnectError), match="this machine only"):
        reach()
    assert TRIED.read_text() != before


@pytest.mark.usefixtures("on_purpose")
def test_nor_from_a_process_that_a_test_starts() -> None:
    code = f"import socket; socket.create_connection(('{ELSEWHERE}', 443), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "this machine only" in done.stderr and ELSEWHERE in TRIED.read_text()


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 1), ("::1", 1, 0, 0), "/run/x.sock", "localhost", None, b"127.0.0.1"]
)
def test_this_machine_can(address: object) -> None:
    assert is_here(address)


@pytest.mark.parametrize("address", [("192.0.2.1", 1), ("2001:db8::1", 1, 0, 0), "example.org", b"api.telegram.org"])
def test_others_are_known_as_such(address: object) -> None:
    assert not is_here(address)
