"""Alembic runs this: on the connection that `api.database.migrate` gives it, inside its transaction."""

from __future__ import annotations

from alembic import context

from api.database.engine import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
