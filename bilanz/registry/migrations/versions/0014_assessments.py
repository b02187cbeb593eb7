"""Assessed contributions of a fund: rows that are added and never changed."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0014"
down_revision = "0013"

_TABLES = ("fundassessment", "fundassessedamount")
_REFUSES = "EXECUTE FUNCTION fundassessment_refuses()"


def upgrade() -> None:
    """Add the tables with what keeps their rows; nothing else changes."""
    op.create_table(
        "fundassessment",
        sa.Column("league", AutoString(), sa.ForeignKey("organisationunit.id"), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", AutoString(64), nullable=False),
        sa.Column("currency", AutoString(3), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("reason", sa.Text()),
    )
    op.create_table(
        "fundassessedamount",
        sa.Column("league", AutoString(), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("organisation", AutoString(), sa.ForeignKey("organisationunit.id"), primary_key=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("per_head", sa.Numeric(19, 6), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.Column("own_currency", AutoString(3), nullable=False),
        sa.Column("own_cents", sa.BigInteger(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(19, 6), nullable=False),
        sa.Column("burden", sa.Numeric(12, 9)),
        sa.ForeignKeyConstraint(
            ["league", "year", "number"],
            ["fundassessment.league", "fundassessment.year", "fundassessment.number"],
        ),
    )
    for statement in _kept(op.get_bind().dialect.name):
        op.execute(statement)


def _kept(dialect: str) -> list[str]:
    """Return what makes the database refuse to change or take out a row."""
    message = "assessments are never changed"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_keeps_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for table in _TABLES
            for deed in ("UPDATE", "DELETE")
        ]
    if dialect != "postgresql":
        return []
    function = f"RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    made = [f"CREATE FUNCTION fundassessment_refuses() {function}"]
    for table in _TABLES:
        made += [
            f"CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {_REFUSES}",
            f"CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {_REFUSES}",
        ]
    return made
