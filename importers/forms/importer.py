"""What all importers of forms share: claim by the header, read by the rule of the form."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import FileRefused
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.forms.claim import best, claim
from importers.forms.form import Form, forms
from importers.forms.reading import read_form
from importers.upload.table import open_table

MAX_ROWS: Final = 50_000
"""Most rows of a form: its rules look at rows one by one."""


class FormImporter(Importer):
    """Reads the forms whose declaration names it."""

    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: every needed column of one form is there, and no other form fits as well."""
        return claim(sample, self.name)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        mine = self.forms()
        table = open_table(path, lambda header: _likeness(header, mine))
        found = (best([table.header], mine) or best([table.header], mine[:1], least=0))[0]
        if table.frame.height > MAX_ROWS:
            raise FileRefused(
                "{file} has {rows} rows; a form is filled in by hand and holds at most {limit}. Split it.",
                code="too_large",
                file=path.name,
                rows=str(table.frame.height),
                limit=str(MAX_ROWS),
            )
        workspace.progress(0.3)
        return read_form(found.form, table, found.match, request, path)

    def forms(self) -> list[Form]:
        """Return the forms of this importer."""
        return [form for form in forms().values() if form.importer == self.name]


def _likeness(header: Sequence[str], mine: Sequence[Form]) -> int:
    return max((len(found.match.positions) for found in best([header], mine)), default=0)
