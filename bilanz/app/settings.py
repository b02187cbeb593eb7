"""Settings: environment variables `BILANZ_*`, overridden by options of the command line."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bilanz.messages import Language, default_language


class Settings(BaseSettings):
    """Where the data lives and what holds where a file is silent.

    Attributes:
        data: the data directory (registry, store, readings, archive, staging, reports).
        registry_url: SQLAlchemy URL of the registry; None: SQLite in the data directory.
        lang: language of texts.
        region: ISO code whose factors apply to organisations that state none.
        zone: IANA zone of local times in files that state none (said so in an issue).
        wait: seconds to wait for a store another process holds.
        user: who is named in batches and resolutions.
        enefg: what binds the body to § 6 EnEfG (a municipality: a law of its Land); None: not stated.
    """

    model_config = SettingsConfigDict(env_prefix="BILANZ_", frozen=True)

    data: Path = Path("bilanz-data")
    registry_url: str | None = None
    lang: Language = Field(default_factory=default_language)
    region: str = "DE"
    zone: str = "Europe/Berlin"
    wait: float = 60.0
    user: str = "cli"
    enefg: str | None = None

    @property
    def store_file(self) -> Path:
        """The DuckDB file."""
        return self.data / "bilanz.duckdb"

    @property
    def registry(self) -> str:
        """SQLAlchemy URL of the registry."""
        return self.registry_url or f"sqlite:///{self.data / 'registry.sqlite'}"
