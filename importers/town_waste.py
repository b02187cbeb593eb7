"""Waste taken away, by code of the European list of waste or by kind.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class WasteNotes(FormImporter):
    """Waste taken away, by code of the European list of waste or by kind."""

    name: ClassVar[str] = "town_waste"
