"""Bills of street lighting and pumping stations; energy bills with the statutory CO2 statement.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class TownBills(FormImporter):
    """Bills of street lighting and pumping stations; energy bills with the statutory CO2 statement."""

    name: ClassVar[str] = "town_bills"
