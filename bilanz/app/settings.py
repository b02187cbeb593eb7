"""Settings: environment variables `BILANZ_*`, overridden by options of the command line."""

import getpass
import os
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bilanz.messages import Language, default_language


def system_user() -> str:
    """Return the user of the operating system, by number where it has no name; never empty."""
    try:
        return getpass.getuser().strip() or f"uid {os.getuid()}"
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


class Oidc(BaseModel):
    """A provider of OpenID Connect (`BILANZ_OIDC` as JSON).

    Attributes:
        issuer: its address; what it can do stands below `/.well-known/openid-configuration`.
        client: identifier of this application there.
        secret: of the client.
    """

    issuer: str
    client: str
    secret: SecretStr


class Settings(BaseSettings):
    """Where the data lives and what holds where a file is silent.

    Attributes:
        data: the data directory (registry, store, readings, archive, staging, reports).
        registry_url: SQLAlchemy URL of the registry; None: SQLite in the data directory.
        lang: language of texts.
        region: ISO code whose factors apply to organisations that state none.
        zone: IANA zone of local times in files that state none (said so in an issue).
        wait: seconds to wait for a store another process holds.
        user: who is named in batches, resolutions and the audit trail; blank: the user of the system.
        oidc: how users sign in by OpenID Connect; None: by password only.
        upload_bytes: size of an upload at most.
        enefg: what binds the body to § 6 EnEfG (a municipality: a law of its Land); None: not stated.
    """

    model_config = SettingsConfigDict(env_prefix="BILANZ_", frozen=True)

    data: Path = Path("bilanz-data")
    registry_url: str | None = None
    lang: Language = Field(default_factory=default_language)
    region: str = "DE"
    zone: str = "Europe/Berlin"
    wait: float = 60.0
    user: str = Field(default_factory=system_user)

    @field_validator("user")
    @classmethod
    def _named(cls, user: str) -> str:
        return user.strip() or system_user()

    enefg: str | None = None
    oidc: Oidc | None = None
    upload_bytes: int = 2 * 1024**3

    @property
    def store_file(self) -> Path:
        """The DuckDB file."""
        return self.data / "bilanz.duckdb"

    @property
    def registry(self) -> str:
        """SQLAlchemy URL of the registry."""
        return self.registry_url or f"sqlite:///{self.data / 'registry.sqlite'}"
