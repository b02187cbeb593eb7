"""Postcodes of sites."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0006"
down_revision = "0002"


def upgrade() -> None:
    """Add the postcode of a site; nothing else changes."""
    op.add_column("site", sa.Column("postcode", AutoString(10)))
