"""At most so many tries to sign in a minute from one address. The address itself is not kept, and nothing leaves this process."""

from __future__ import annotations

import hashlib
import secrets

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class TooManyAttemptsError(Exception):
    """This address has tried too often."""


class Attempts:
    """Counts tries under a hash of the address, keyed with a secret that ends with the process."""

    def __init__(self, a_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._secret = secrets.token_bytes(32)

    def check(self, request: Request) -> None:
        """Count a try; raises TooManyAttemptsError when there were too many."""
        address = request.client.host if request.client else ""
        key = hashlib.blake2b(address.encode(), key=self._secret, digest_size=16).hexdigest()
        if not self._limiter.hit(self._limit, key):
            raise TooManyAttemptsError
