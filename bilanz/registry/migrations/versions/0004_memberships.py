"""Dated memberships and internal deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables of memberships and deliveries; nothing else changes."""
    op.create_table(
        "membership",
        sa.Column("organisation", AutoString(), sa.ForeignKey("organisationunit.id"), primary_key=True),
        sa.Column("valid_from", sa.Date(), primary_key=True),
        sa.Column("parent", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True),
        sa.Column("valid_to", sa.Date()),
        sa.Column("equity_share", sa.Numeric(7, 6), nullable=False),
        sa.Column("operational_control", sa.Boolean(), nullable=False),
        sa.Column("financial_control", sa.Boolean(), nullable=False),
        sa.Column("evidence", AutoString()),
    )
    op.create_table(
        "delivery",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("seller", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True),
        sa.Column("buyer", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True),
        sa.Column("activity", AutoString()),
        sa.Column("seller_source", AutoString(), sa.ForeignKey("source.id")),
        sa.Column("buyer_source", AutoString(), sa.ForeignKey("source.id")),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("evidence", AutoString(), nullable=False),
    )
