"""Alembic environment: runs on the connection that `bilanz.registry.engine` hands over."""

from alembic import context
from sqlmodel import SQLModel

import bilanz.batch
import bilanz.masterrow
import bilanz.period
import bilanz.trail  # noqa: F401 - declares its tables


def run() -> None:
    """Run the migrations on the given connection."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite cannot alter columns in place
    )
    with context.begin_transaction():
        context.run_migrations()


run()
