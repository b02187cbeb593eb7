"""What somebody confirmed of what imports found suspect."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table; nothing else changes."""
    op.create_table(
        "confirmation",
        sa.Column("finding", AutoString(64), primary_key=True),
        sa.Column("batch", AutoString(64), index=True),
        sa.Column("code", AutoString(64), nullable=False),
        sa.Column("organisation", AutoString(64), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("reason", sa.Text()),
    )
