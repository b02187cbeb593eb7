"""Files of a layout somebody has mapped: read by the profile that is named or recognised."""

from pathlib import Path
from typing import ClassVar

from bilanz.errors import UsageError
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.profiles.reading import read


class Mapped(Importer):
    """The importer behind mapping profiles; it claims nothing by itself, the saved profiles do."""

    name: ClassVar[str] = "mapped"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Return None: which profile fits, only who holds the profiles knows."""
        del sample
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file by the profile of the request.

        Raises:
            UsageError: no profile is named.
            FileRefused: the file has another header.
        """
        if request.profile is None:
            raise UsageError("The importer mapped needs a profile (--profile).")
        return read(path, request.profile, request, workspace)
