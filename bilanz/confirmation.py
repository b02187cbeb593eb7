"""Somebody has looked at what an import found suspect, and the value stands as it is."""

from sqlmodel import Field, SQLModel, Text


class Confirmation(SQLModel, table=True):
    """One finding that is no longer open. Times: UTC, ISO 8601."""

    finding: str = Field(primary_key=True, max_length=64)  # sha256 of what identifies it
    batch: str | None = Field(default=None, index=True, max_length=64)  # null: found in a balance
    code: str = Field(max_length=64)
    organisation: str = Field(max_length=64)
    by: str
    at: str
    reason: str | None = Field(default=None, sa_type=Text)
