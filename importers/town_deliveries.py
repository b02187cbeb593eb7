"""Deliveries of heating oil, pellets and LPG, and tank levels.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class FuelDeliveries(FormImporter):
    """Deliveries of heating oil, pellets and LPG, and tank levels."""

    name: ClassVar[str] = "town_deliveries"
