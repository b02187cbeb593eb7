"""What a site is for, how large it is, and what else its energy is measured by."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns to the sites; what is registered states none of them yet."""
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("kind", AutoString()))
        table.add_column(sa.Column("floor_area_m2", sa.Numeric(18, 2)))
        table.add_column(sa.Column("area_kind", AutoString()))
        table.add_column(sa.Column("population_equivalent", sa.Integer()))
        table.add_column(sa.Column("light_points", sa.Integer()))
        table.add_column(sa.Column("burn_hours", sa.Numeric(8, 2)))
