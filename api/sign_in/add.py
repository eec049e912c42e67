"""Puts sign-in together and adds it to the app."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from api.sign_in.answers import add_answers
from api.sign_in.attempts import Attempts
from api.sign_in.cookies import SetsCookies
from api.sign_in.one_time import OneTimeLink
from api.sign_in.provider import Provider
from api.sign_in.routes import not_set_up_routes, one_time_routes, provider_routes, sign_out_routes
from api.sign_in.sessions import Sessions
from api.sign_in.settings import LOOPBACK, SignInSettings
from api.sign_in.store import Clock, MemoryStore, RedisStore, Store
from api.sign_in.under_way import SignInsUnderWay
from bot.settings import Settings


@dataclass(frozen=True)
class SignIn:
    """Sign-in as it was added. `link` is there on a laptop without a provider."""

    sessions: Sessions
    link: OneTimeLink | None


def add_sign_in(
    app: FastAPI,
    sign_in: SignInSettings,
    settings: Settings,
    *,
    home: str = "/dashboard",
    clock: Clock = time.time,
    show: Callable[[str], None] = print,
) -> SignIn:
    """Add the pages of sign-in, and what `require` needs. `home` is where people go who asked for no page.

    Without a provider, and only when the service listens on loopback, one-time links sign in: each is given to `show`.
    """
    url = settings.redis_url.get_secret_value() if settings.redis_url else None

    def store() -> Store:
        return RedisStore(url) if url else MemoryStore(clock)

    sessions = Sessions(store(), clock, sign_in.sign_in_idle_minutes * 60, sign_in.sign_in_hours * 3600)
    attempts = Attempts(sign_in.sign_in_attempts)
    provider = Provider(sign_in) if sign_in.by_provider else None
    link = None
    if provider is not None:
        app.include_router(provider_routes(provider, SignInsUnderWay(store()), sessions, attempts, home))
        app.state.public_origin = sign_in.origin
    elif settings.host in LOOPBACK:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        link = OneTimeLink(f"http://{host}:{settings.port}", clock, show)
        app.include_router(one_time_routes(link, sessions, attempts, home))
    else:
        app.include_router(not_set_up_routes())
    app.include_router(sign_out_routes(sessions, provider))
    app.state.sign_in_sessions = sessions
    app.add_middleware(SetsCookies)
    add_answers(app)
    return SignIn(sessions, link)
