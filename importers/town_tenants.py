"""Bills of houses that are partly let.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class TenantShares(FormImporter):
    """Bills of houses that are partly let."""

    name: ClassVar[str] = "town_tenants"
