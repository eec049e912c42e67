"""Where endpoints get the published tables from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.usage.published import PublishedTables


def published(request: Request) -> PublishedTables:
    """The published tables of the app."""
    tables: PublishedTables = request.app.state.published
    return tables


Tables = Annotated[PublishedTables, Depends(published)]
