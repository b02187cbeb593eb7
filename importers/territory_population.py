"""Inhabitants, staff and floor areas: master data, which another command imports.

Specification: `docs/formats/territory.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class TerritoryPopulation(FormImporter):
    """Inhabitants, staff and floor areas: master data, which another command imports."""

    name: ClassVar[str] = "territory_population"
