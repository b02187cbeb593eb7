"""The contract of an importer: one file per source format, found by walking this package.

    identify   looks at the first bytes and says how sure it is and why; exactly one must claim a file
    read       turns the whole file into accepted records, rejected and ignored rows, and issues

An importer knows nothing of databases, registries or users. Text stays text until a column rule converts it;
the unit comes from the file; nothing is filled in. For every file: read = accepted + rejected + ignored.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import ClassVar, Protocol

import polars as pl

import importers
from bilanz.errors import FileRefused
from bilanz.issues import ISSUE_SCHEMA
from bilanz.records import ACTIVITY_SCHEMA, SERIES_SCHEMA
from importers.profiles.profile import MappingProfile

SURE = 0.9
"""An importer with at least this confidence claims the file."""

HEAD_BYTES = 65_536
TAIL_BYTES = 4_096


class Scratch(Protocol):
    """The in-memory database the store lends for bulk work; no file behind it, no network."""

    def execute(self, query: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        """Run one statement with `?` parameters and return all its rows."""

    def frame(self, query: str) -> pl.DataFrame:
        """Run one query and return its result as a frame."""


@dataclass(frozen=True, slots=True)
class FileSample:
    """What `identify` may look at: name, size, first and last bytes."""

    path: Path
    size: int
    head: bytes
    tail: bytes

    @classmethod
    def of(cls, path: Path) -> "FileSample":
        """Read the sample of a file."""
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            stream.seek(max(0, size - TAIL_BYTES))
            tail = stream.read(TAIL_BYTES)
        return cls(path=path, size=size, head=head, tail=tail)


@dataclass(frozen=True, slots=True)
class Claim:
    """How sure an importer is of a file, and why (an English template, with its parameters)."""

    confidence: float
    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the caller states beside the file. Nothing here replaces what the file says; it adds to it.

    Attributes:
        source: the registered source the file belongs to, where the file names none or several names are one.
        activity: activity of the series or rows whose file names none (from the registered source).
        unit: unit of the source where the file names none (from the registered source).
        basis: calorific basis of the source (from the registered source).
        zone: IANA zone of local times; None: the importer's own or the default with an issue.
        declared: column header → declared format, e.g. `{"Wert": "1.234,56", "Zeit": "begin"}`.
        period: rows outside [start, end) UTC are rejected.
        profile: how the columns of the sender's layout are mapped.
    """

    source: str | None = None
    activity: str | None = None
    unit: str | None = None
    basis: str | None = None
    zone: str | None = None
    declared: Mapping[str, str] = field(default_factory=dict)
    period: tuple[datetime, datetime] | None = None
    profile: MappingProfile | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where an importer may put bulky things while it reads, and how it tells its progress."""

    directory: Path
    scratch: Callable[[], Scratch]
    progress: Callable[[float], None] = lambda _share: None


@dataclass(frozen=True, slots=True)
class ControlSum:
    """A sum that can be held against the file: over the *original text* of one column."""

    column: str
    unit: str
    total: Decimal
    records: int


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rejected rows as the file has them, so that they can be mended and imported again.

    Attributes:
        header: header texts by position.
        rows: `__row` (Int64, physical row of the file) and the original texts by position ("0", "1", …) as
            String.
        formats: column title → format, of the columns whose format was proved by values or declared. A few
            rows of a file may not show it by themselves, or show another one.
    """

    header: tuple[str, ...]
    rows: pl.DataFrame
    formats: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Everything one file gave.

    Attributes:
        activities: `ACTIVITY_SCHEMA`, accepted records with a period of their own.
        series: `SERIES_SCHEMA`, the series of `readings`.
        readings: Parquet file in `READING_SCHEMA` below the workspace, sorted by series and start; or None.
        issues: `ISSUE_SCHEMA`.
        read, rejected, ignored: counted in records (smallest dated quantities); accepted is counted from the
            frames and must make up the rest.
        control_sums: per quantity column, for the check after the commit.
        readings_accepted: rows in `readings`.
        latest_delivery: the standard of the message says that the latest delivery replaces earlier ones.
        delivered: UTC instant at which the message says it was made; it tells the later delivery from the
            earlier one, whatever the order of the uploads. None: not stated.
        rejects: rejected rows as they were, where the format has rows that can be mended; rows that are no
            rows of the table (too many or too few fields) stand in the issues only.
    """

    read: int
    rejected: int
    ignored: int
    activities: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ACTIVITY_SCHEMA))
    series: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SERIES_SCHEMA))
    readings: Path | None = None
    readings_accepted: int = 0
    issues: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ISSUE_SCHEMA))
    control_sums: tuple[ControlSum, ...] = ()
    latest_delivery: bool = False
    delivered: datetime | None = None
    rejects: Rejects | None = None

    @property
    def accepted(self) -> int:
        """Number of accepted records."""
        return self.activities.height + self.readings_accepted

    def check(self) -> None:
        """Raise AssertionError unless read = accepted + rejected + ignored: a defect of the importer."""
        if self.read != self.accepted + self.rejected + self.ignored:
            message = f"read {self.read} != {self.accepted} + {self.rejected} + {self.ignored}"
            raise AssertionError(message)


class Importer(ABC):
    """One source format."""

    name: ClassVar[str]
    version: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """File name endings worth a look, lower case; an ending alone never decides."""

    @abstractmethod
    def identify(self, sample: FileSample) -> Claim | None:
        """Say how sure this importer is of a file; None: not mine. Never raises, whatever the bytes."""

    @abstractmethod
    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the whole file.

        Raises:
            FileRefused: the file as a whole cannot be taken (empty, binary, no header, too large).
        """


def importers_found() -> Iterator[Importer]:
    """Yield every importer of this package, by module name; adding one is adding a file."""
    for module_info in sorted(iter_modules(importers.__path__), key=lambda info: info.name):
        if module_info.ispkg or module_info.name == "base":
            continue
        module = import_module(f"importers.{module_info.name}")
        for candidate in vars(module).values():
            if (
                isinstance(candidate, type)
                and issubclass(candidate, Importer)
                and candidate.__module__ == module.__name__
            ):
                yield candidate()


def identify(path: Path) -> list[tuple[Importer, Claim]]:
    """Return every importer that may read a file with its claim, the surest first.

    Raises:
        FileRefused: the file is empty.
    """
    sample = FileSample.of(path)
    if sample.size == 0:
        raise FileRefused("{file} is empty.", code="empty_file", file=path.name)
    claims = [(importer, claim) for importer in importers_found() if (claim := importer.identify(sample))]
    return sorted(claims, key=lambda pair: (-pair[1].confidence, pair[0].name))
