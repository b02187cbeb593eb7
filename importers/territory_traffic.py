"""Vehicle kilometres of a territory.

Specification: `docs/formats/territory.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class TerritoryTraffic(FormImporter):
    """Vehicle kilometres of a territory."""

    name: ClassVar[str] = "territory_traffic"
