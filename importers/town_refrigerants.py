"""The logbook of refrigeration plants (F-gases).

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class RefrigerantLog(FormImporter):
    """The logbook of refrigeration plants (F-gases)."""

    name: ClassVar[str] = "town_refrigerants"
