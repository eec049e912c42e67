"""What pages and endpoints depend on: `require(Role.MANAGER)`. It also refuses a changing request without its token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Protocol

from fastapi import Depends, Request

from api.sign_in.people import Person, Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"


class KnowsWho(Protocol):
    """Reads the session cookie of a request."""

    async def person_of(self, request: Request) -> Person | None: ...


class SignInNeededError(Exception):
    """Nobody is signed in. `ended` when there was a session that is over; `api` when the answer must be JSON."""

    def __init__(self, *, ended: bool = False, api: bool = False) -> None:
        super().__init__("sign-in-needed")
        self.ended, self.api = ended, api


class RoleMissingError(Exception):
    """Someone is signed in, without the role that is asked for."""

    def __init__(self, role: Role, person: Person, *, api: bool = False) -> None:
        super().__init__("role-missing")
        self.role, self.person, self.api = role, person, api


class ForgedRequestError(Exception):
    """A changing request did not come from a page of ours: another origin, or no token, or the wrong one."""

    def __init__(self, *, api: bool = False) -> None:
        super().__init__("forged-request")
        self.api = api


def wants_page(request: Request) -> bool:
    """Whether the answer should be a page: what a browser asks for when it opens an address or sends a form."""
    return "text/html" in request.headers.get("accept", "")


async def signed_in(request: Request) -> Person | None:
    """Whoever is signed in, or None. Tests replace this one with `app.dependency_overrides[signed_in]`."""
    sessions: KnowsWho | None = getattr(request.app.state, "sign_in_sessions", None)
    return await sessions.person_of(request) if sessions is not None else None


def require(role: Role, *, api: bool = False) -> Callable[..., Awaitable[Person]]:
    """A dependency that gives the signed-in `Person`, who has `role`.

    Otherwise: nobody signed in is sent to the sign-in page (303), told that the session has ended (a page, 401), or
    answered 401 in JSON when no page was asked for or `api` is true; without the role, 403; a request that changes
    something must come from our own origin and carry the token of the session (form field `csrf_token` or header
    `X-CSRF-Token`), else 403.
    """

    async def person_with_role(request: Request, person: Person | None = Depends(signed_in)) -> Person:
        as_json = api or not wants_page(request)
        if person is None:
            raise SignInNeededError(ended=getattr(request.state, "session_ended", False), api=as_json)
        if not person.may(role):
            raise RoleMissingError(role, person, api=as_json)
        await check_csrf(request, person, api=as_json)
        return person

    return person_with_role


async def check_csrf(request: Request, person: Person, *, api: bool = False) -> None:
    """Raise ForgedRequestError unless the method is safe, or the request is from our own page and carries the session's token."""
    if request.method in SAFE_METHODS:
        return
    sent = request.headers.get(CSRF_HEADER, "")
    if not sent and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        field = (await request.form()).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else ""
    if not from_our_origin(request) or not hmac.compare_digest(sent.encode(), person.csrf_token.encode()):
        raise ForgedRequestError(api=api)


def from_our_origin(request: Request) -> bool:
    """Whether the browser says that a page of this very origin sent the request.

    Our Referrer-Policy makes browsers send `Origin: null` with forms, so `Sec-Fetch-Site` is asked first.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "null")
    return origin == "null" or origin == own_origin(request)


def own_origin(request: Request) -> str:
    """The origin of this service as browsers write it: from the settings, or on a laptop from the request."""
    configured: str | None = getattr(request.app.state, "public_origin", None)
    return configured or f"{request.url.scheme}://{request.headers.get('host', '')}"
