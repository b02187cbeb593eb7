"""What meters of projects came to when their effect was last taken: a figure, or why there is none."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the table; nothing is assumed of projects nobody has looked at since."""
    op.create_table(
        "fundfinding",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("project", AutoString(), sa.ForeignKey("fundproject.id"), nullable=False, index=True),
        sa.Column("year", sa.Integer()),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("code", AutoString()),
        sa.Column("facts", AutoString()),
        sa.Column("saved", sa.Numeric(19, 6)),
        sa.Column("unit", AutoString()),
        *(sa.Column(name, sa.Numeric(19, 6)) for name in ("half_width", "avoided_t", "half_width_t")),
        sa.Column("evidence", AutoString(), nullable=False),
    )
