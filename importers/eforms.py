"""Contract award notices in eForms (UBL), of TED and national gazettes: what was awarded, to whom.

An award is money promised: its records are in no balance. Specification: `docs/formats/procurement.md`.
"""

import re
from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import FileRefused
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import xml
from importers.notices.award import NAMESPACE, ROOT, ROOTS, compare_total, contracts_of
from importers.notices.contract import Notices

LIMIT: Final = 64 * 1024**2
"""Largest notice in bytes: it is held as a whole, because its parts refer to each other."""

_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z]\w*)[\s>]")
_SURE: Final = 0.99


class EForms(Importer):
    """Notices of public procurement in eForms."""

    name: ClassVar[str] = "eforms"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element is a notice in its namespace; reading says which tell of awards."""
        text = xml.head_text(sample.head)
        root = _ROOT.search(text)
        if root is None or root[1] not in ROOTS or NAMESPACE.format(root=root[1]) not in text:
            return None
        return Claim(_SURE, "{root}: a notice of public procurement (eForms)", {"root": root[1]})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one notice.

        Raises:
            FileRefused: too large, unsafe or broken XML, or a notice that awards nothing (`no_award`).
        """
        root = xml.read(path, items=lambda _: None, names=frozenset({"Nothing"}), limit=LIMIT)
        name = xml.local(root)
        if name != ROOT:
            raise FileRefused(
                "{file}: a {name} announces a purchase, and nothing is awarded yet: its amounts are "
                "estimates. Import the notice of the award (ContractAwardNotice).",
                code="no_award",
                file=path.name,
                name=name,
            )
        workspace.progress(0.5)
        notices = Notices()
        contracts = list(contracts_of(root, notices))
        compare_total(root, contracts, notices)
        return notices.result(contracts, request)
