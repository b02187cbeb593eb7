"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString, UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _organisations()
    _sources()
    _batches()


def _organisations() -> None:
    op.create_table(
        "organisationunit",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("parent", AutoString(), sa.ForeignKey("organisationunit.id"), index=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("region", AutoString()),
        sa.Column("zone", AutoString()),
        sa.Column("consolidation_share", sa.Numeric(7, 6), nullable=False),
        sa.Column("active_from", sa.Date()),
        sa.Column("active_to", sa.Date()),
    )
    op.create_table(
        "organisationfigure",
        sa.Column("organisation", AutoString(), sa.ForeignKey("organisationunit.id"), primary_key=True),
        sa.Column("valid_from", sa.Date(), primary_key=True),
        sa.Column("population", sa.Integer()),
        sa.Column("floor_area_m2", sa.Numeric(18, 2)),
        sa.Column("staff", sa.Numeric(12, 2)),
        sa.Column("source", AutoString(), nullable=False),
    )
    op.create_table(
        "site",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column(
            "organisation", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True
        ),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("region", AutoString()),
        sa.Column("zone", AutoString()),
    )


def _sources() -> None:
    op.create_table(
        "source",
        sa.Column("id", AutoString(200), primary_key=True),
        sa.Column("activity", AutoString()),
        sa.Column("unit", AutoString()),
        sa.Column("basis", AutoString()),
        sa.Column("minutes", sa.Integer()),
        sa.Column("grid_area", AutoString()),
        sa.Column("region", AutoString()),
        sa.Column("heating_share", sa.Numeric(7, 6)),
        sa.Column("parent", AutoString(), sa.ForeignKey("source.id"), index=True),
    )
    op.create_table(
        "sourceterm",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", AutoString(), sa.ForeignKey("source.id"), nullable=False, index=True),
        sa.Column(
            "organisation", AutoString(), sa.ForeignKey("organisationunit.id"), nullable=False, index=True
        ),
        sa.Column("site", AutoString(), sa.ForeignKey("site.id")),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("tenure", AutoString(), nullable=False),
        sa.Column("control", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("evidence", AutoString()),
        sa.Column("is_assumed", sa.Boolean(), nullable=False),
    )


def _batches() -> None:
    op.create_table(
        "importbatch",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("sha256", AutoString(64), nullable=False, index=True),
        sa.Column("file", AutoString(), nullable=False),
        sa.Column("importer", AutoString(), nullable=False),
        sa.Column("importer_version", AutoString(), nullable=False),
        sa.Column("profile", AutoString()),
        sa.Column("organisation", AutoString(), nullable=False, index=True),
        sa.Column("uploaded_by", AutoString(), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("n_read", sa.Integer(), nullable=False),
        sa.Column("n_accepted", sa.Integer(), nullable=False),
        sa.Column("n_rejected", sa.Integer(), nullable=False),
        sa.Column("n_ignored", sa.Integer(), nullable=False),
        sa.Column("control_sums", sa.JSON(), nullable=False),
    )
