"""The day on which others than the fund pay for a project."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the day; rows from before have none."""
    op.add_column("fundfinancing", sa.Column("on", sa.Date()))
