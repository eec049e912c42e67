"""Where pages and endpoints get figures and names from."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated

from alembic.util.exc import CommandError
from fastapi import Depends, Request
from sqlalchemy.exc import SQLAlchemyError

from api.database.engine import open_engine
from api.database.migrate import migrate
from api.usage.catalogue import Labels
from api.usage.published import PublishedTables
from api.usage.setup import check_address, make_labels, make_published
from bot.settings import Settings

logger = logging.getLogger("handrail.dashboard")


@dataclass(frozen=True)
class Source:
    """The published tables, and what their groups and items are called."""

    tables: PublishedTables
    labels: Labels


def source_of(request: Request) -> Source:
    """The source that `add_dashboard` gave the app."""
    source: Source = request.app.state.published
    return source


From = Annotated[Source, Depends(source_of)]


def make_source(settings: Settings) -> Source:
    """The source for a deployment. A database that is away is tried again with each request. Raises DataFileError."""
    check_address(settings)
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
    except (SQLAlchemyError, OSError, CommandError) as error:
        logger.error("figures_away kind=%s", type(error).__name__)
    return Source(make_published(settings, engine), make_labels(settings))
