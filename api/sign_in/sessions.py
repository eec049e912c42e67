"""Sessions of people who have signed in: kept by the server, known by a cookie that changes, ended by idleness, age or sign-out.

The cookie is `id.secret`. The record is kept under a hash of the id and encrypted with a key made from it, so the store holds
nothing readable. The secret is changed at sign-in and then on a timer; the one before stays good until the browser has shown
the new one, and a little longer for requests that were under way. A secret that is older ends the session.
"""

from __future__ import annotations

import hmac
import logging
import secrets

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.sign_in.cookies import SESSION, read_cookie, set_cookie
from api.sign_in.people import Person, Role
from api.sign_in.sealed import name_of, seal, unseal
from api.sign_in.store import Clock, Store

KIND = "session"
ROTATE_SECONDS = 15 * 60
GRACE_SECONDS = 60
CLAIM_SECONDS = 30
logger = logging.getLogger("handrail.sign_in")


class Record(BaseModel):
    """What is kept of a session. Times are seconds of the clock; `confirmed` is 0 until the browser has shown `secret`."""

    roles: frozenset[Role]
    csrf_token: str
    opened: float
    secret: str
    changed: float
    before: str = ""
    confirmed: float = 0


class Sessions:
    """Opens, reads, rotates and ends sessions."""

    def __init__(self, store: Store, clock: Clock, idle_seconds: float, most_seconds: float) -> None:
        self._store, self._clock = store, clock
        self._idle_seconds, self._most_seconds = idle_seconds, most_seconds

    async def open(self, request: Request, roles: frozenset[Role]) -> None:
        """A new session for this browser; one that it had before is ended first."""
        await self.close(request)
        now, session_id = self._clock(), secrets.token_urlsafe(24)
        record = Record(roles=roles, csrf_token=_random(), opened=now, secret=_random(), changed=now, confirmed=now)
        await self._store.put(name_of(KIND, session_id), _sealed(session_id, record), self._seconds_left(record))
        _give(request, session_id, record)

    async def close(self, request: Request) -> None:
        """End the session of this browser, if there is one, and take its cookie back."""
        cookie = read_cookie(request, SESSION)
        if cookie is not None:
            await self._store.drop(name_of(KIND, cookie.partition(".")[0]))
            set_cookie(request, SESSION, None)

    async def person_of(self, request: Request) -> Person | None:
        """Whoever is signed in. Marks the session as used, and `request.state.session_ended` when it is over."""
        cookie = read_cookie(request, SESSION)
        if cookie is None:
            return None
        session_id, _, secret = cookie.partition(".")
        record = await self._read(session_id)
        if record is None or not await self._accept(request, session_id, secret, record):
            await self.close(request)
            request.state.session_ended = True
            return None
        return Person(record.roles, record.csrf_token)

    async def _read(self, session_id: str) -> Record | None:
        sealed = await self._store.get(name_of(KIND, session_id))
        opened = unseal(KIND, session_id, sealed) if sealed is not None else None
        try:
            record = Record.model_validate_json(opened) if opened is not None else None
        except ValidationError:
            return None
        return record if record is not None and self._seconds_left(record) > 0 else None

    async def _accept(self, request: Request, session_id: str, secret: str, record: Record) -> bool:
        now, name = self._clock(), name_of(KIND, session_id)
        if _same(secret, record.secret):
            if not record.confirmed:
                record.confirmed = now
                return await self._store.replace(name, _sealed(session_id, record), self._seconds_left(record))
            if now - record.changed >= ROTATE_SECONDS and await self._store.claim(f"{name}:change", CLAIM_SECONDS):
                record.before, record.secret, record.changed, record.confirmed = record.secret, _random(), now, 0
                _give(request, session_id, record)
                return await self._store.replace(name, _sealed(session_id, record), self._seconds_left(record))
        elif _same(secret, record.before) and (not record.confirmed or now - record.confirmed < GRACE_SECONDS):
            if not record.confirmed:
                _give(request, session_id, record)
        else:
            logger.warning("session_refused reason=old-or-wrong-secret")
            return False
        await self._store.keep(name, self._seconds_left(record))
        return True

    def _seconds_left(self, record: Record) -> float:
        return min(self._idle_seconds, record.opened + self._most_seconds - self._clock())


def _random() -> str:
    return secrets.token_urlsafe(24)


def _same(one: str, other: str) -> bool:
    return bool(one) and hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())


def _sealed(session_id: str, record: Record) -> bytes:
    return seal(KIND, session_id, record.model_dump_json().encode())


def _give(request: Request, session_id: str, record: Record) -> None:
    set_cookie(request, SESSION, f"{session_id}.{record.secret}")
