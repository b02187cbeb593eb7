"""Certificates, contracts and labels."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table of instruments; nothing else changes."""
    op.create_table(
        "energyinstrument",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("organisation", AutoString(), sa.ForeignKey("organisationunit.id"), index=True),
        sa.Column("source", AutoString(), sa.ForeignKey("source.id"), index=True),
        sa.Column("activity", AutoString(), nullable=False),
        sa.Column("factor", AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("quantity_kwh", sa.BigInteger()),
        sa.Column("evidence", AutoString(), nullable=False),
        sa.Column("evidence_sha256", AutoString(64)),
        sa.Column("vintage", AutoString()),
        sa.Column("zone", AutoString()),
        sa.Column("technology", AutoString()),
        sa.Column("cancelled_on", sa.Date()),
    )
