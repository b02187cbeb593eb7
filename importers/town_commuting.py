"""A survey of commuting; answers are added up, none is kept by itself.

Specification: `docs/formats/small-town.md`.
"""

from typing import ClassVar

from importers.forms.importer import FormImporter


class CommutingSurvey(FormImporter):
    """A survey of commuting; answers are added up, none is kept by itself."""

    name: ClassVar[str] = "town_commuting"
