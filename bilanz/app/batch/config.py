"""What a scheduled run is told: `run.toml`, checked before anything is touched.

    data = "data"                        # data directory
    output = "dashboards"                # one HTML file per year and language
    years = [2023, 2024]
    books = []                           # empty: every book but the supplementary
    gwp = "AR6"
    release = "2025"                     # factors of years that keep none; missing: the current ones
    languages = ["de", "en"]
    on_overlap = "first"                 # or "replace"
    wait = 60                            # seconds to wait for a store another process holds
    settle = 5                           # a file younger than this may still be written: next time

    [[inbox]]
    organisation = "rathaus"
    folder = "inbox/rathaus"             # done/ and failed/ are made in it

Relative paths are relative to the folder of `run.toml`.
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bilanz.errors import UsageError
from bilanz.messages import Language


class Inbox(BaseModel):
    """One folder whose files belong to one organisation.

    Attributes:
        organisation: identifier in the registry.
        folder: where files are put; subfolders are not looked at.
        source, importer, zone, declared: as the options of `bilanz import`, for every file of the folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: str = Field(min_length=1)
    folder: Path
    source: str | None = None
    importer: str | None = None
    zone: str | None = None
    declared: dict[str, str] = Field(default_factory=dict)


class RunConfig(BaseModel):
    """One scheduled run; the fields are explained in the module's docstring."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path
    output: Path
    years: tuple[int, ...] = Field(min_length=1)
    inbox: tuple[Inbox, ...] = Field(min_length=1)
    books: tuple[str, ...] = ()
    gwp: str | None = None
    release: str | None = Field(default=None, min_length=1)
    languages: tuple[Language, ...] = Field(default=("de", "en"), min_length=1)
    on_overlap: Literal["first", "replace"] = "first"
    wait: float = Field(default=60.0, ge=0)
    settle: float = Field(default=5.0, ge=0)

    @field_validator("inbox")
    @classmethod
    def _folders_differ(cls, inboxes: tuple[Inbox, ...]) -> tuple[Inbox, ...]:
        """Refuse one folder for two organisations: nobody could tell whose file it is."""
        folders = [inbox.folder for inbox in inboxes]
        if len(set(folders)) < len(folders):
            message = "every inbox needs a folder of its own"
            raise ValueError(message)
        return inboxes

    def resolved(self, root: Path) -> "RunConfig":
        """Return the same configuration with paths made absolute from a folder."""
        inboxes = [item.model_copy(update={"folder": root / item.folder}) for item in self.inbox]
        paths = {"data": root / self.data, "output": root / self.output, "inbox": tuple(inboxes)}
        return self.model_copy(update=paths)


def read_config(path: Path) -> RunConfig:
    """Read and check `run.toml`.

    Raises:
        UsageError: it cannot be read, is no TOML, or a field is missing, unknown or wrong; names the field.
    """
    try:
        with path.open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise UsageError("{path} cannot be read ({reason}).", path=path, reason=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{path} is not valid TOML: {reason}.", path=path, reason=error) from error
    try:
        config = RunConfig.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = "{path}, {field}: {reason}. Nothing was imported."
        raise UsageError(message, path=path, field=field, reason=first["msg"]) from error
    config = config.resolved(path.parent.resolve())
    for inbox in config.inbox:
        if not inbox.folder.is_dir():
            message = "{path}: the inbox {folder} does not exist. Nothing was imported."
            raise UsageError(message, path=path, folder=inbox.folder)
    return config
