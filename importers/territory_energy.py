"""Energy of a territory: grid and heat sales, boilers, solar plants and heat pumps.

Specification: `docs/formats/territory.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class TerritoryEnergy(FormImporter):
    """Energy of a territory: grid and heat sales, boilers, solar plants and heat pumps."""

    name: ClassVar[str] = "territory_energy"
