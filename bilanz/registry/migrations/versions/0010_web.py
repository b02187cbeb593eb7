"""Users, grants, sessions, tokens, jobs and uploads of the web application."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables; nothing else changes."""
    op.create_table(
        "webuser",
        sa.Column("id", AutoString(32), primary_key=True),
        sa.Column("login", AutoString(64), nullable=False, unique=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("password_hash", AutoString()),
        sa.Column("totp", AutoString()),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("subject", AutoString(), unique=True),
        sa.Column("language", AutoString()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", AutoString()),
        sa.Column("created_at", AutoString(), nullable=False),
    )
    op.create_table(
        "webgrant",
        sa.Column("user", AutoString(32), sa.ForeignKey("webuser.id"), primary_key=True),
        sa.Column("duty", AutoString(16), primary_key=True),
        sa.Column("organisation", AutoString(64), primary_key=True),
    )
    op.create_table(
        "websession",
        sa.Column("id", AutoString(64), primary_key=True),
        sa.Column("user", AutoString(32), sa.ForeignKey("webuser.id"), nullable=False, index=True),
        sa.Column("csrf", AutoString(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("seen_at", AutoString(), nullable=False),
    )
    op.create_table(
        "apitoken",
        sa.Column("id", AutoString(16), primary_key=True),
        sa.Column("user", AutoString(32), sa.ForeignKey("webuser.id"), nullable=False, index=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("secret_hash", AutoString(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", AutoString(), nullable=False),
        sa.Column("expires_at", AutoString(), nullable=False),
        sa.Column("used_at", AutoString()),
        sa.Column("revoked_at", AutoString()),
    )
    op.create_table(
        "job",
        sa.Column("id", AutoString(32), primary_key=True),
        sa.Column("kind", AutoString(32), nullable=False),
        sa.Column("organisation", AutoString(64), nullable=False, index=True),
        sa.Column("subject", AutoString(), nullable=False, index=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("language", AutoString(2), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("is_cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.JSON()),
        sa.Column("created_at", AutoString(), nullable=False, index=True),
        sa.Column("started_at", AutoString()),
        sa.Column("ended_at", AutoString()),
    )
    op.create_table(
        "repeatable",
        sa.Column("user", AutoString(32), primary_key=True),
        sa.Column("key", AutoString(64), primary_key=True),
        sa.Column("content", AutoString(64), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("at", AutoString(), nullable=False, index=True),
    )
    op.create_table(
        "upload",
        sa.Column("id", AutoString(32), primary_key=True),
        sa.Column("organisation", AutoString(64), nullable=False, index=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", AutoString(), nullable=False),
        sa.Column("file", AutoString(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", AutoString(64), nullable=False, index=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON()),
        sa.Column("batch", AutoString()),
    )
