"""Fails the run when a process of the tests looks up or connects to anything but this machine.

Python imports this by itself in every process that has this folder on PYTHONPATH, so commands that tests start are guarded too. What
was tried goes, one line each, in the file that HANDRAIL_TEST_SOCKETS names. Code that is not Python's (libpq, Chromium) is not seen.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any

NAMES = {"", "localhost", "0.0.0.0", "::", socket.gethostname()}
WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def is_here(address: Any) -> bool:
    """Whether `address` (of a socket, or a host's name) is this machine: its own addresses, a Unix socket, or no host at all."""
    if isinstance(address, tuple):
        address = address[0]
    elif isinstance(address, str) and address.startswith(("/", "\x00")):
        return True
    if address is None or isinstance(address, int):
        return True
    host = address.decode("ascii", "replace") if isinstance(address, bytes) else str(address)
    if host in NAMES or host.startswith(("/", "\x00")):
        return True
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback or is_own(found)


def is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is an address of this machine: one can listen on no other."""
    with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def guard(file: str) -> None:
    """From now on write every attempt to reach another machine in `file`, and refuse it."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in WATCHED and not is_here(arguments[WATCHED[event]]):
            with open(file, "a", encoding="utf-8") as tried:
                tried.write(f"{event} {arguments[WATCHED[event]]}\n")
            raise PermissionError("the tests may reach this machine only")

    sys.addaudithook(watch)


if os.environ.get("HANDRAIL_TEST_SOCKETS"):
    guard(os.environ["HANDRAIL_TEST_SOCKETS"])
