"""Compensation certificates."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table of compensations; nothing else changes."""
    op.create_table(
        "compensation",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column(
            "organisation", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("tonnes", sa.Numeric(18, 6), nullable=False),
        sa.Column("standard", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("cancelled_on", sa.Date()),
    )
