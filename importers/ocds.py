"""Open contracting data (OCDS 1.1): awards and contracts of packages, as JSON or as flattened XLSX.

A contract is money promised: its records are in no balance. Specification: `docs/formats/procurement.md`.
"""

import re
from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import FileRefused
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import json
from importers.formats.workbook import all_sheets, header_texts
from importers.notices import flattened, process
from importers.notices.contract import Notices

_ZIP: Final = b"PK\x03\x04"
_OCID: Final = re.compile(r'"ocid"\s*:')
_KIND: Final = re.compile(r'"(?:releases|records|tag|compiledRelease)"\s*:')
_SURE: Final = 0.97


class Ocds(Importer):
    """Open contracting data."""

    name: ClassVar[str] = "ocds"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim JSON that names processes in releases or records, and workbooks whose sheets do."""
        reason = "processes of the Open Contracting Data Standard (ocid)"
        if sample.head.startswith(_ZIP):
            return (
                Claim(_SURE, reason) if any(map(flattened.is_flattened, header_texts(sample.path))) else None
            )
        text = json.head_text(sample.head)
        if text is None or not _OCID.search(text) or not _KIND.search(text):
            return None
        return Claim(_SURE, reason)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read a package.

        Raises:
            FileRefused: too large, broken, or without releases (`no_releases`).
        """
        with path.open("rb") as stream:
            is_workbook = stream.read(len(_ZIP)) == _ZIP
        releases = (
            flattened.releases_of(all_sheets(path)) if is_workbook else process.releases_of(json.read(path))
        )
        if not releases:
            raise FileRefused(
                "{file} holds no releases of contracting processes.", code="no_releases", file=path.name
            )
        workspace.progress(0.5)
        notices = Notices()
        contracts = list(process.contracts_of(releases, notices))
        return notices.result(contracts, request)
