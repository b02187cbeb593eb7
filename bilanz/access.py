"""Who may do what: users, what they are on which part of the tree, their sessions and tokens.

user ──grant: a duty on an organisation and everything below it──► rights
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sqlmodel import JSON, Column, Field, SQLModel

ALL: Final = ""
"""The organisation of a grant over all organisations, also those to come."""


class Duty(StrEnum):
    """What somebody is on a part of the tree."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    BOARD = "board"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What is asked for."""

    READ = "read"  # files with their rows, balances nobody has released yet, master data
    READ_RELEASED = "read_released"  # balances that were released, and the fund
    DELIVER = "deliver"  # upload, commit and withdraw files
    CALCULATE = "calculate"
    RESOLVE = "resolve"  # confirm, correct, exclude
    RELEASE = "release"  # release, close, reopen and restate years
    MASTER = "master"  # change master data
    TRAIL = "trail"
    USERS = "users"  # users and their grants


_READER: Final = {Right.READ, Right.READ_RELEASED}

RIGHTS: Final[Mapping[Duty, frozenset[Right]]] = {
    Duty.OFFICER: frozenset({*_READER, Right.DELIVER, Right.CALCULATE, Right.RESOLVE, Right.MASTER}),
    Duty.REVIEWER: frozenset({*_READER, Right.CALCULATE, Right.RESOLVE, Right.RELEASE}),
    Duty.AUDITOR: frozenset({*_READER, Right.TRAIL}),
    Duty.BOARD: frozenset({Right.READ_RELEASED}),
    Duty.ADMINISTRATOR: frozenset({*_READER, Right.MASTER, Right.TRAIL, Right.USERS}),
}
"""What each duty allows. Nobody delivers and releases by one duty: two pairs of eyes are two grants."""

SCOPES: Final[Mapping[str, frozenset[Right]]] = {
    "read": frozenset({Right.READ, Right.READ_RELEASED, Right.TRAIL}),
    "deliver": frozenset({Right.DELIVER}),
    "calculate": frozenset({Right.CALCULATE}),
    "review": frozenset({Right.RESOLVE, Right.RELEASE}),
    "manage": frozenset({Right.MASTER, Right.USERS}),
}
"""Scope of a token → what it lets through of the rights its owner has."""


class User(SQLModel, table=True):
    """Somebody who signs in. Times: UTC, ISO 8601."""

    __tablename__ = "webuser"

    id: str = Field(primary_key=True, max_length=32)
    login: str = Field(unique=True, max_length=64)  # lower case; the name the audit trail shows
    name: str
    password_hash: str | None = None  # argon2id; null: signs in by OpenID Connect only
    totp: str | None = None  # encrypted with the key of the server; null: no second factor
    totp_step: int = 0  # the last one used: no code works twice
    subject: str | None = Field(default=None, unique=True)  # issuer and subject of OpenID Connect
    language: str | None = None
    is_active: bool = True
    failures: int = 0  # wrong passwords since the last right one
    locked_until: str | None = None
    created_at: str


class Grant(SQLModel, table=True):
    """A duty of a user on an organisation and everything below it. `ALL`: on every organisation."""

    __tablename__ = "webgrant"

    user: str = Field(primary_key=True, foreign_key="webuser.id")
    duty: str = Field(primary_key=True, max_length=16)
    organisation: str = Field(primary_key=True, max_length=64)


class WebSession(SQLModel, table=True):
    """A session of a browser. The cookie holds what `id` is the sha256 of."""

    __tablename__ = "websession"

    id: str = Field(primary_key=True, max_length=64)
    user: str = Field(foreign_key="webuser.id", index=True)
    csrf: str  # what every form of the session holds
    created_at: str
    seen_at: str


class ApiToken(SQLModel, table=True):
    """A personal token for programs: `bilanz_<id>_<secret>`; of the secret only the sha256 is kept."""

    __tablename__ = "apitoken"

    id: str = Field(primary_key=True, max_length=16)
    user: str = Field(foreign_key="webuser.id", index=True)
    name: str
    secret_hash: str = Field(max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: str
    expires_at: str
    used_at: str | None = None
    revoked_at: str | None = None
