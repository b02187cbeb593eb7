"""Postcodes of sites; targets, measures and growth."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the postcode of a site and three tables; nothing else changes."""
    op.add_column("site", sa.Column("postcode", AutoString(10)))
    op.create_table(
        "target",
        *_head(),
        sa.Column("book", AutoString(), nullable=False),
        sa.Column("scopes", AutoString(), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=False),
        sa.Column("base_t", sa.Numeric(15, 3)),
        sa.Column("base_source", AutoString()),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("reduction", sa.Numeric(7, 6), nullable=False),
        sa.Column("path", AutoString(), nullable=False),
        sa.Column("budget_t", sa.Numeric(15, 3)),
        sa.Column("adopted_by", AutoString()),
        sa.Column("evidence", AutoString(), nullable=False),
    )
    op.create_table(
        "measure",
        *_head(),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("lifetime_years", sa.Integer()),
        sa.Column("effect_kg", sa.Numeric(15, 3)),
        sa.Column("effect_kwh", sa.Numeric(15, 3)),
        sa.Column("activity", AutoString(), nullable=False),
        sa.Column("cost_net", sa.Numeric(15, 2)),
        sa.Column("currency", AutoString(3)),
        sa.Column("status", AutoString(), nullable=False),
        sa.Column("method", AutoString()),
        sa.Column("evidence", AutoString(), nullable=False),
    )
    op.create_table(
        "growth",
        *_head(),
        sa.Column("activity", AutoString(), nullable=False),
        sa.Column("rate", sa.Numeric(9, 6), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
    )


def _head() -> list[sa.Column[object]]:
    """Return identifier and organisation, the first columns of each table."""
    owner = sa.ForeignKey("organisationunit.id")
    return [
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("organisation", AutoString(), owner, nullable=False, index=True),
    ]
