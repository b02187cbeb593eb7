"""The GHG Protocol books by category of ISO 14064-1, as CSV."""

import csv
from pathlib import Path
from typing import ClassVar

from bilanz.errors import Refused
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names
from reports.base import Wording
from reports.export import Export

_HEADER = ("book", "iso_category", "iso_name", "scope", "category", "category_name", "co2e_kg", "result_hash")


class Iso14064(Export):
    """One row per book, category of the standard and line of the scopes."""

    name: ClassVar[str] = "iso14064"
    suffix: ClassVar[str] = ".csv"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Categories of ISO 14064-1 (CSV)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the categories; names in the language, numbers with a decimal point.

        Raises:
            Refused: the run holds no book of the GHG Protocol.
        """
        found = result.beside.iso
        if found is None:
            message = (
                "The calculation holds no book of the GHG Protocol, from which the categories are mapped."
            )
            raise Refused(message)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(_HEADER)
            for book, iso, scope, category, mass in found.iter_rows():
                names_of = (
                    names.iso_category(str(iso), wording.language),
                    scope,
                    category,
                    names.category(category, wording.language),
                )
                figure = "" if mass is None else f"{mass:f}"
                writer.writerow([book, iso, *names_of, figure, result.manifest.result_hash])
