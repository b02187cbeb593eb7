"""The audit trail, and periods with their restatements."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0003"
down_revision = "0002"

_START = "0" * 64

_SQLITE_REFUSES = "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
_SQLITE = (
    f"CREATE TRIGGER trail_keeps_rows BEFORE DELETE ON trail {_SQLITE_REFUSES}",
    f"CREATE TRIGGER trail_keeps_content BEFORE UPDATE ON trail {_SQLITE_REFUSES}",
    f"CREATE TRIGGER trailhead_stays BEFORE DELETE ON trailhead {_SQLITE_REFUSES}",
    f"""CREATE TRIGGER trailhead_goes_on BEFORE UPDATE ON trailhead WHEN NEW.sequence < OLD.sequence
    {_SQLITE_REFUSES}""",
)

_REFUSES = "EXECUTE FUNCTION trail_refuses()"
_POSTGRESQL = (
    """CREATE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$""",
    f"CREATE TRIGGER trail_keeps_rows BEFORE UPDATE OR DELETE ON trail FOR EACH ROW {_REFUSES}",
    f"CREATE TRIGGER trail_keeps_all BEFORE TRUNCATE ON trail FOR EACH STATEMENT {_REFUSES}",
    f"CREATE TRIGGER trailhead_stays BEFORE DELETE ON trailhead FOR EACH ROW {_REFUSES}",
    f"""CREATE TRIGGER trailhead_goes_on BEFORE UPDATE ON trailhead
    FOR EACH ROW WHEN (NEW.sequence < OLD.sequence) {_REFUSES}""",
    f"CREATE TRIGGER trailhead_keeps_all BEFORE TRUNCATE ON trailhead FOR EACH STATEMENT {_REFUSES}",
)


def upgrade() -> None:
    """Add the trail with what keeps it, and the periods; nothing else changes."""
    _trail()
    _periods()


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("subject", AutoString(), nullable=False, index=True),
        sa.Column("reason", sa.Text()),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", AutoString(64), nullable=False),
        sa.Column("hash", AutoString(64), nullable=False),
    )
    head = op.create_table(
        "trailhead",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", AutoString(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": _START}])
    triggers = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
    for statement in triggers.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def _periods() -> None:
    op.create_table(
        "period",
        sa.Column("organisation", AutoString(64), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("run", AutoString()),
        sa.Column("result_hash", AutoString(64)),
        sa.Column("manifest_hash", AutoString(64)),
        sa.Column("released_by", AutoString()),
        sa.Column("released_at", AutoString()),
        sa.Column("closed_by", AutoString()),
        sa.Column("closed_at", AutoString()),
        sa.Column("exceptions", sa.Integer(), nullable=False),
        sa.Column("exceptions_reason", sa.Text()),
        sa.Column("threshold", sa.Numeric(7, 6), nullable=False),
        sa.Column("is_base_year", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "periodinputs",
        sa.Column("run", AutoString(64), primary_key=True),
        sa.Column("sha256", AutoString(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "restatement",
        sa.Column("organisation", AutoString(64), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("closed_run", AutoString(), nullable=False),
        sa.Column("run", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
