"""The two cookies of sign-in, and the middleware that sets them. Responses of the chat never carry one."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION = "__Host-handrail-session"
BROWSER = "__Host-handrail-sign-in"
_WAITING = "sign_in_cookies"
MAX_COOKIE = 200


def read_cookie(request: Request, name: str) -> str | None:
    """The cookie's value; None when it is absent or of no length that we set."""
    value = request.cookies.get(name)
    return value if value and len(value) <= MAX_COOKIE else None


def set_cookie(request: Request, name: str, value: str | None, max_age: int | None = None) -> None:
    """Have the answer to `request` set the cookie, or delete it when `value` is None."""
    waiting: dict[str, tuple[str | None, int | None]] = getattr(request.state, _WAITING, {})
    waiting[name] = (value, max_age)
    setattr(request.state, _WAITING, waiting)


class SetsCookies:
    """ASGI middleware: adds what `set_cookie` asked for while the request was answered, whatever the answer is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and _WAITING in state:
                message["headers"] = [*message["headers"], *_headers(state[_WAITING])]
            await send(message)

        await self.app(scope, receive, send_with_cookies)


def _headers(waiting: dict[str, tuple[str | None, int | None]]) -> list[tuple[bytes, bytes]]:
    response = Response()
    for name, (value, max_age) in waiting.items():
        response.set_cookie(
            name, value or "", max_age=max_age if value else 0, path="/", secure=True, httponly=True, samesite="lax"
        )
    return [header for header in response.raw_headers if header[0] == b"set-cookie"]
