"""Meter readings kept by hand.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class MeterReadings(FormImporter):
    """Meter readings kept by hand."""

    name: ClassVar[str] = "town_metering"
