"""The municipality of a territory."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; no territory has a municipality until it is stated."""
    op.add_column("organisationunit", sa.Column("municipality", AutoString(64)))
