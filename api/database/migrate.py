"""Brings a database to the present schema. Every process does so at its start; one of them at a time."""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

ONE_AT_A_TIME = 4_620_717_311
_in_this_process = threading.Lock()


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction. Raises SQLAlchemyError when the database cannot be reached."""
    config = Config()
    config.set_main_option("script_location", "api.database:migrations")
    with _in_this_process, engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
