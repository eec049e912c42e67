"""Turns words into pages or JSON, and the errors of sign-in into answers."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.pages import page
from api.sign_in import words
from api.sign_in.attempts import TooManyAttemptsError
from api.sign_in.guard import SAFE_METHODS, ForgedRequestError, RoleMissingError, SignInNeededError
from api.sign_in.people import Person
from api.sign_in.provider import ProviderAwayError
from api.sign_in.store import StoreAwayError
from api.sign_in.words import Words

SIGN_IN = "/sign-in"
logger = logging.getLogger("handrail.sign_in")


def message_page(told: Words, href: str = SIGN_IN, person: Person | None = None) -> Response:
    """The page that says `told`; its button leads to `href`."""
    action = {"text": told.action, "href": href} if told.action else None
    return page(
        "sign_in/message.html",
        told.status,
        heading=told.heading,
        paragraphs=told.paragraphs,
        action=action,
        person=person,
    )


def as_json(told: Words) -> JSONResponse:
    return JSONResponse({"error": told.code, "message": " ".join(told.paragraphs)}, status_code=told.status)


def sign_in_address(next_page: str) -> str:
    """The sign-in page that afterwards leads to `next_page`."""
    return f"{SIGN_IN}?next={quote(next_page, safe='/')}"


def add_answers(app: FastAPI) -> None:
    """Answer what `require` and the sign-in pages raise."""

    @app.exception_handler(SignInNeededError)
    async def sign_in_needed(request: Request, error: SignInNeededError) -> Response:
        told = words.ENDED if error.ended else words.NEEDED
        address = SIGN_IN
        if request.method in SAFE_METHODS:
            query = f"?{request.url.query}" if request.url.query else ""
            address = sign_in_address(request.url.path + query)
        if error.api:
            answer = as_json(told)
            if "hx-request" in request.headers:
                answer.headers["HX-Redirect"] = SIGN_IN
            return answer
        if not error.ended and request.method in SAFE_METHODS:
            return RedirectResponse(address, status_code=303)
        return message_page(told, address)

    @app.exception_handler(RoleMissingError)
    async def role_missing(request: Request, error: RoleMissingError) -> Response:
        told = words.role_missing(error.role)
        return as_json(told) if error.api else message_page(told, person=error.person)

    @app.exception_handler(ForgedRequestError)
    async def forged(request: Request, error: ForgedRequestError) -> Response:
        logger.warning("request_refused reason=csrf")
        return as_json(words.FORGED) if error.api else message_page(words.FORGED)

    @app.exception_handler(TooManyAttemptsError)
    async def too_many(request: Request, error: TooManyAttemptsError) -> Response:
        answer = message_page(words.TOO_MANY)
        answer.headers["Retry-After"] = "60"
        return answer

    @app.exception_handler(StoreAwayError)
    @app.exception_handler(ProviderAwayError)
    async def away(request: Request, error: StoreAwayError | ProviderAwayError) -> Response:
        logger.error("sign_in_away reason=%s", error)
        answer = message_page(words.AWAY) if "text/html" in request.headers.get("accept", "") else as_json(words.AWAY)
        answer.headers["Retry-After"] = "60"
        return answer
