"""Signing in on a laptop without a provider: a link that is printed in the terminal, good once, for minutes, on this computer only.

The code stands behind a # in the link, so a browser never sends it in an address: the page puts it into its form.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request

from api.sign_in.settings import LOOPBACK
from api.sign_in.store import Clock

CODE_SECONDS = 10 * 60
BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class OneTimeLink:
    """Makes and redeems codes; only the newest counts. `address` is where this computer's browser finds the service."""

    def __init__(self, address: str, clock: Clock, show: Callable[[str], None]) -> None:
        self._address, self._clock, self._show = address.rstrip("/"), clock, show
        self._hash, self._until = b"", 0.0

    def print_new(self) -> None:
        """Make a new link and show it in the terminal; older links stop working."""
        code = secrets.token_urlsafe(24)
        self._hash, self._until = _hash(code), self._clock() + CODE_SECONDS
        self._show(f"{self._address}/sign-in#{code}")

    def redeem(self, code: str) -> bool:
        """Whether `code` is the newest one, not used and not too old. It is used up by this."""
        good = hmac.compare_digest(_hash(code), self._hash) and self._clock() < self._until
        if good:
            self._hash, self._until = b"", 0.0
        return good


def is_this_computer(request: Request) -> bool:
    """Whether the request came from this computer itself, for a loopback name (no rebinding), and through no proxy."""
    if any(name in request.headers for name in BY_A_PROXY) or request.client is None:
        return False
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return request.client.host in LOOPBACK and host in LOOPBACK


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
