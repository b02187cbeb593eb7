"""What is stated beside an uploaded file, as it is kept with the upload and as an import takes it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bilanz import units
from bilanz.app.intake.examination import named_importer
from bilanz.errors import UnitError, UsageError
from bilanz.periods import day_start, zone_of
from importers.base import ImportRequest
from importers.profiles.profile import MappingProfile

_MOST: Final = {"importer": 64, "source": 200, "unit": 40, "zone": 64}


class UploadTerms(BaseModel):
    """What is stated beside a file.

    Attributes:
        importer: its name; None: the one that claims the file.
        source: of rows that name none.
        unit: of all quantities whose column states none.
        zone: IANA zone of local times; None: that of the organisation.
        first: first day rows are taken of.
        last: the last one.
        formats: column header → format of its numbers or dates.
        profile: how the columns are mapped; None: a saved one whose header the file has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    importer: str | None = None
    source: str | None = None
    unit: str | None = None
    zone: str | None = None
    first: date | None = None
    last: date | None = None
    formats: Mapping[str, str] = Field(default_factory=dict)
    profile: MappingProfile | None = None

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Self:
        """Return the terms a form or a row states.

        Raises:
            UsageError: something in it is not as it must be.
        """
        given = {name: value for name, value in told.items() if value is not None and value != ""}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            named = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
            raise UsageError("Missing or not as expected: {where}.", where=named or "–") from None

    def check(self) -> None:
        """Refuse names there are not.

        Raises:
            UnknownName: importer or zone is not known.
            UnitError: the unit is not known.
            UsageError: the period ends before it starts, or a text is longer than any name.
        """
        too_long = [name for name, most in _MOST.items() if len(getattr(self, name) or "") > most]
        if too_long:
            raise UsageError("Missing or not as expected: {where}.", where=", ".join(too_long))
        if self.importer is not None:
            named_importer(self.importer)
        if self.zone is not None:
            zone_of(self.zone)
        if self.unit is not None and units.find(self.unit) is None:
            near = ", ".join(units.near(self.unit)) or "–"
            raise UnitError('The unit "{name}" is not known. Similar: {near}.', name=self.unit, near=near)
        if (self.first is None) != (self.last is None):
            raise UsageError("State both the first and the last day of a period, or neither.")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise UsageError("The period ends before it starts.")

    def request(self, zone: str) -> ImportRequest:
        """Return it as an import takes it; `zone`: in which the days of the period begin."""
        declared = {**self.formats, **({"unit": self.unit} if self.unit else {})}
        period = None
        if self.first is not None and self.last is not None:
            place = self.zone or zone
            period = day_start(place, self.first), day_start(place, self.last + timedelta(days=1))
        return ImportRequest(
            source=self.source, zone=self.zone, declared=declared, period=period, profile=self.profile
        )
