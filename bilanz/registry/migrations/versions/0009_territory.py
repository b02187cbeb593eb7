"""The municipality of a territory, and the notation keys of its inventory."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add column and table; no territory has a municipality or a key until it is stated."""
    op.add_column("organisationunit", sa.Column("municipality", AutoString(64)))
    op.create_table(
        "notationkey",
        sa.Column("organisation", AutoString(), sa.ForeignKey("organisationunit.id"), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True),
        sa.Column("ref", AutoString(16), primary_key=True),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("explanation", AutoString(), nullable=False),
    )
