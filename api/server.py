"""Runs the app with uvicorn, without an access log: nobody's address is written down."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from bot.settings import Settings


def run_server(app: FastAPI, settings: Settings) -> None:
    """Serve until stopped."""
    uvicorn.run(
        app, host=settings.host, port=settings.port, access_log=False, log_config=None, server_header=False,
        timeout_graceful_shutdown=5,
    )  # fmt: skip
