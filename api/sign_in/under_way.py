"""Sign-ins that have begun: found again once by their state, and only by the browser that began them."""

from __future__ import annotations

import secrets

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.sign_in.cookies import BROWSER, read_cookie, set_cookie
from api.sign_in.sealed import name_of, seal, unseal
from api.sign_in.store import Store

KIND = "sign-in"
SECONDS = 10 * 60
BROWSER_LENGTH = 32


class UnderWay(BaseModel):
    """What the answer of the provider is checked against, and where to go afterwards."""

    nonce: str
    code_verifier: str
    next: str


class SignInsUnderWay:
    """Kept by the server under a hash of the state, encrypted with a key made from a cookie of the browser."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, request: Request, state: str, under_way: UnderWay) -> None:
        browser = read_cookie(request, BROWSER)
        if browser is None or len(browser) != BROWSER_LENGTH:
            browser = secrets.token_urlsafe(24)
        set_cookie(request, BROWSER, browser, SECONDS)
        await self._store.put(name_of(KIND, state), seal(KIND, browser, under_way.model_dump_json().encode()), SECONDS)

    async def take(self, request: Request, state: str) -> UnderWay | None:
        """The sign-in that `state` names, once; None when there is none, it was used, or another browser began it."""
        browser = read_cookie(request, BROWSER)
        if browser is None or not state:
            return None
        sealed = await self._store.take(name_of(KIND, state))
        opened = unseal(KIND, browser, sealed) if sealed is not None else None
        try:
            return UnderWay.model_validate_json(opened) if opened is not None else None
        except ValidationError:
            return None
