"""How bills are spread, monthly weights, and declared overlaps."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add two columns of sources and two tables; what is there keeps its meaning (spread by day)."""
    op.add_column("source", sa.Column("apportionment", AutoString()))
    op.add_column("source", sa.Column("weights", AutoString(64)))
    op.create_table(
        "monthweight",
        sa.Column("name", AutoString(64), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("value", sa.Numeric(18, 6), nullable=False),
        sa.Column("evidence", AutoString(), nullable=False),
    )
    op.create_table(
        "overlap",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("part_source", AutoString(), sa.ForeignKey("source.id"), nullable=False, index=True),
        sa.Column("part_activity", AutoString()),
        sa.Column("whole_source", AutoString(), sa.ForeignKey("source.id"), nullable=False, index=True),
        sa.Column("whole_activity", AutoString()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("evidence", AutoString(), nullable=False),
    )
