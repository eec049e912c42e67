"""Telegram's webhook: only what Telegram itself sends is read. There is no such address unless the webhook is set."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response

from bot.channels.telegram.runner import Telegram

logger = logging.getLogger("handrail.telegram")
ADDRESS = "/webhooks/telegram"
MAX_UPDATE = 1_000_000


def add_telegram(app: FastAPI, telegram: Telegram) -> None:
    """Serve Telegram's webhook at `ADDRESS`."""

    @app.post(ADDRESS, tags=["telegram"])
    async def telegram_update(
        request: Request, x_telegram_bot_api_secret_token: Annotated[str, Header()] = ""
    ) -> Response:
        """Called by Telegram. Nothing is read of a call that does not have Telegram's secret."""
        if not telegram.is_from_telegram(x_telegram_bot_api_secret_token):
            return Response(status_code=403)
        try:
            update = await request.json()
            await telegram.receive(update)
        except Exception as error:  # an error status would make Telegram send the same again for a day
            logger.error("telegram_update_not_read kind=%s", type(error).__name__)
        return Response(status_code=200)
