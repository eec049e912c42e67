"""Runs the app with uvicorn, without an access log: nobody's address is written down."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from bot.settings import Settings


def make_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """A server that logs no request. WebSockets are off: no channel uses them, and Rasa pins an old library for them."""
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_config=None, server_header=False, ws="none",
        timeout_graceful_shutdown=5,
    )  # fmt: skip
    return uvicorn.Server(config)


def run_server(app: FastAPI, settings: Settings) -> None:
    """Serve until stopped."""
    make_server(app, settings.host, settings.port).run()
