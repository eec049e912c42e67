"""The addresses of sign-in: to the provider and back, the form of the one-time link, and signing out."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.sign_in import words
from api.sign_in.answers import message_page, sign_in_address
from api.sign_in.attempts import Attempts
from api.sign_in.guard import ForgedRequestError, check_csrf, from_our_origin
from api.sign_in.one_time import OneTimeLink, is_this_computer
from api.sign_in.people import EVERY_ROLE, Role
from api.sign_in.provider import CALLBACK, SIGNED_OUT, Provider, ProviderAwayError, SignInRefusedError
from api.sign_in.sessions import Sessions
from api.sign_in.under_way import SignInsUnderWay, UnderWay
from api.sign_in.where_next import safe_next

logger = logging.getLogger("handrail.sign_in")
Text = Annotated[str, Form()]


def provider_routes(provider: Provider, under_way: SignInsUnderWay, sessions: Sessions, attempts: Attempts, home: str) -> APIRouter:  # fmt: skip
    """Sign-in with an OpenID Connect provider."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def start(request: Request, next: str | None = None, account: str | None = None) -> Response:
        attempts.check(request)
        started = await provider.start(another_account=account == "another")
        kept = UnderWay(nonce=started.nonce, code_verifier=started.code_verifier, next=safe_next(next, home))
        await under_way.begin(request, started.state, kept)
        return RedirectResponse(started.url, status_code=303)

    @router.get(CALLBACK)
    async def come_back(
        request: Request, state: str = "", code: str = "", iss: str | None = None, error: str | None = None
    ) -> Response:
        attempts.check(request)
        kept = await under_way.take(request, state)
        if kept is None:
            logger.warning("sign_in_failed reason=state")
            return message_page(words.USED_STATE)
        again = sign_in_address(kept.next)
        try:
            if error is not None or not code:
                _raise_for(error)
            roles = await provider.finish(code, iss, kept.nonce, kept.code_verifier)
        except SignInRefusedError as refused:
            logger.warning("sign_in_failed reason=%s", refused)
            return message_page(words.refused(str(refused)), again)
        if not roles:
            logger.warning("sign_in_failed reason=no-role")
            return message_page(words.NO_ROLES, f"{again}&account=another")
        await _open(request, sessions, roles)
        return RedirectResponse(kept.next, status_code=303)

    return router


def one_time_routes(link: OneTimeLink, sessions: Sessions, attempts: Attempts, home: str) -> APIRouter:
    """Sign-in with the link of the terminal, on this computer only."""
    router = APIRouter(include_in_schema=False)

    def form(next_page: str, status: int = 200, **more: object) -> Response:
        return page("sign_in/code.html", status, next=next_page, **more)

    @router.get("/sign-in")
    async def show_form(request: Request, next: str | None = None) -> Response:
        if not is_this_computer(request):
            return message_page(words.NOT_THIS_COMPUTER)
        return form(safe_next(next, home))

    @router.post("/sign-in")
    async def redeem(request: Request, code: Text = "", next: Text = "") -> Response:
        attempts.check(request)
        if not is_this_computer(request):
            return message_page(words.NOT_THIS_COMPUTER)
        if not from_our_origin(request):
            raise ForgedRequestError
        if not link.redeem(code.strip()):
            logger.warning("sign_in_failed reason=one-time-link")
            return form(safe_next(next, home), 403, wrong=True)
        await _open(request, sessions, EVERY_ROLE)
        return RedirectResponse(safe_next(next, home), status_code=303)

    @router.post("/sign-in/new-link")
    async def new_link(request: Request, next: Text = "") -> Response:
        attempts.check(request)
        if not is_this_computer(request):
            return message_page(words.NOT_THIS_COMPUTER)
        if not from_our_origin(request):
            raise ForgedRequestError
        link.print_new()
        return form(safe_next(next, home), printed=True)

    return router


def not_set_up_routes() -> APIRouter:
    """Neither a provider nor a laptop: nobody can sign in."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def say_so() -> Response:
        return message_page(words.NOT_SET_UP)

    return router


def sign_out_routes(sessions: Sessions, provider: Provider | None) -> APIRouter:
    """Signing out, here and at the provider."""
    router = APIRouter(include_in_schema=False)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        person = await sessions.person_of(request)
        if person is not None:
            await check_csrf(request, person)
            await sessions.close(request)
            logger.info("signed_out")
        url = await provider.sign_out_url() if provider is not None else None
        if url is None:
            return RedirectResponse(SIGNED_OUT, status_code=303)
        return page("sign_in/leaving.html", url=url)

    @router.get(SIGNED_OUT)
    async def signed_out() -> Response:
        return message_page(words.SIGNED_OUT)

    return router


async def _open(request: Request, sessions: Sessions, roles: frozenset[Role]) -> None:
    await sessions.open(request, roles)
    logger.info("signed_in roles=%s", ",".join(sorted(roles)))


def _raise_for(error: str | None) -> None:
    """Raise what the provider's error code stands for; its own words are neither shown nor logged."""
    reason = error if error in words.KNOWN_REASONS else "no-code"
    raise ProviderAwayError(reason) if reason in words.AWAY_REASONS else SignInRefusedError(reason)
