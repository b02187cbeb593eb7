"""What a reading of a file gave, in the words of who reads the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bilanz.access import Right
from bilanz.activity import activities
from bilanz.app.explaining.amounts import amount
from bilanz.app.forms import forms_listed
from bilanz.app.web.guard import Caller
from bilanz.app.web.remedies import refusal
from bilanz.job import UploadState
from bilanz.messages import Language, translate
from bilanz.organisation import OrganisationUnit
from bilanz.periods import local_day, zone_of
from importers.base import importers_found
from reports import numbers

STATES: Final = {
    UploadState.RECEIVED: ("info", "is being read"),
    UploadState.READ: ("info", "waits for your decision"),
    UploadState.REFUSED: ("danger", "cannot be taken as it is"),
    UploadState.COMMITTED: ("success", "taken over"),
    UploadState.DISCARDED: ("info", "discarded"),
}
"""State → kind of badge, words."""

BATCH_STATES: Final = {
    "committed": ("success", "counts"),
    "withdrawn": ("warning", "withdrawn"),
    "committing": ("info", "is being taken over"),
    "draft": ("info", "is being taken over"),
}

SEVERITIES: Final = {"error": "danger", "warning": "warning", "info": "info"}
"""Severity → kind of badge."""

RULES: Final = {
    "first": "The earlier file counts.",
    "replace": "The new file counts.",
    "both": "Both count.",
    "correction": "The new row counts: its document is a correction.",
    "latest_delivery": "The delivery made last counts, as the standard of the message says.",
    "excluded": "Somebody excluded the value.",
}
"""Rule of an overlap → words."""

KINDS_OF_FILE: Final = {
    "acn_data": "Charging sessions (ACN-Data)",
    "budget_table": "Budget or accounts",
    "building_portfolio": "List of buildings with their consumption",
    "charging_sessions": "Charging sessions, table",
    "council_spend": "Payments of an authority",
    "datadis": "Meter values from Datadis (Spain)",
    "eda": "Meter values from EDA (Austria)",
    "eforms": "Award notices (eForms)",
    "einvoice": "Electronic invoice (XRechnung, ZUGFeRD)",
    "enedis": "Meter values from Enedis (France)",
    "energinet": "Meter values from Energinet (Denmark)",
    "esl": "Meter values, ESL (Switzerland)",
    "estimation": "Estimates of bilanz",
    "fingrid": "Meter values from Fingrid (Finland)",
    "fluvius": "Meter values from Fluvius (Belgium)",
    "fuel_card": "Fuel card statement",
    "fuelio": "Refuelling log (Fuelio)",
    "green_button": "Meter values, Green Button",
    "half_hourly": "Half-hourly values, a row a day",
    "interval_csv": "Load profile (CSV)",
    "interval_workbook": "Load profile (Excel)",
    "log_book": "Driver's log book",
    "mijn_aansluiting": "Meter values from Mijn Aansluiting (Netherlands)",
    "mileage_table": "Table of kilometres driven",
    "mscons": "Meter values, MSCONS",
    "ocds": "Contracts (OCDS)",
    "ocpi": "Charging sessions (OCPI)",
    "ocpp": "Charging sessions (OCPP)",
    "open_energy_dashboard": "Meter values from Open Energy Dashboard",
    "portfolio_manager": "ENERGY STAR Portfolio Manager",
    "sce_csv": "Meter values from SCE",
    "sdat": "Meter values, SDAT (Switzerland)",
    "travel_expenses": "Travel expenses",
}
"""Importer → words, of kinds of file that are no form of ours."""

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_SIZES: Final = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


@dataclass(frozen=True, slots=True)
class Words:
    """Says codes and numbers in a language.

    Attributes:
        zone: in which times are shown.
    """

    language: Language
    zone: str

    def say(self, template: str, **parameters: object) -> str:
        """Return the text of a template."""
        return translate(template, self.language, **parameters)

    def activity(self, code: str | None) -> str:
        """Return the name of an activity."""
        known = activities()
        return known[code].name(self.language) if code in known else self.say("not classified")

    def quantity(self, total: Mapping[str, Any]) -> str:
        """Return a quantity with its unit, and its calorific basis where there is one."""
        basis = "" if total["basis"] in {None, "none"} else f" {total['basis']}"
        return f"{amount(total['quantity'], self.language)} {total['unit'] or ''}{basis}".strip()

    def span(self, start: str | datetime | None, end: str | datetime | None) -> str:
        """Return [start, end) of UTC instants as first and last day, times where it is shorter than a day."""
        if start is None or end is None:
            return self.say("without a date")
        low, high = (_naive(value) for value in (start, end))
        if high - low < _DAY:
            return f"{self._instant(low)} – {self._instant(high)}"
        first = local_day(self.zone, low)
        last = local_day(self.zone, high.replace(microsecond=0) - _SECOND)
        if first == last:
            return numbers.day(first, self.language)
        return f"{numbers.day(first, self.language)} – {numbers.day(last, self.language)}"

    def _instant(self, at: datetime) -> str:
        local = at.replace(tzinfo=UTC).astimezone(zone_of(self.zone))
        return f"{numbers.day(local.date(), self.language)} {local:%H:%M}"

    def moment(self, text: str | None) -> str:
        """Return a UTC instant as date and time of the zone."""
        return "–" if not text else self._instant(_naive(text))

    def size(self, count: int) -> str:
        """Return a number of bytes."""
        for unit, name in _SIZES:
            if count >= unit:
                shown = numbers.decimal(Decimal(count) / unit, self.language, digits=int(count % unit > 0))
                return f"{shown} {name}"
        return self.say("{count} bytes", count=count)

    def totals(self, told: list[dict[str, Any]]) -> list[list[str]]:
        """Return totals as rows of a table: of what, direction, quantity, records."""
        return [
            [
                self.activity(total["activity"]),
                self.say(total["direction"]),
                self.quantity(total),
                numbers.decimal(total["records"], self.language),
            ]
            for total in told
        ]

    def record(self, record: Mapping[str, Any]) -> str:
        """Return what a row became, in one line."""
        parts = (
            self.activity(record["activity"]),
            self.quantity(record),
            self.span(record["start"], record["end"]),
            record["source"],
            record["organisation"],
        )
        return ", ".join(part for part in parts if part)

    def kinds_of_file(self) -> list[tuple[str, str]]:
        """Return (importer, words) of every kind of file, by words."""
        titles: dict[str, str] = {}
        for form in forms_listed(self.language):
            titles.setdefault(form["importer"], form["title"])
        named = [
            (importer.name, self._kind_of_file(importer.name, titles))
            for importer in importers_found()
            if importer.name != "mapped"
        ]
        return sorted(named, key=lambda pair: pair[1].casefold())

    def _kind_of_file(self, importer: str, titles: Mapping[str, str]) -> str:
        if importer in KINDS_OF_FILE:
            return self.say(KINDS_OF_FILE[importer])
        return titles.get(importer) or importer.replace("_", " ").capitalize()

    def refusal(self, told: Mapping[str, Any], may_see: Callable[[str], bool]) -> str:
        """Return why a file was refused; of an earlier import nobody may see, no name is told."""
        if told["code"] == "already_imported" and not may_see(str(told["parameters"].get("batch", ""))):
            return self.say("These bytes were handed in before, for an organisation you may not see.")
        return refusal(told["code"], told["message"], told["parameters"], self.language)


def _naive(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)


def named(organisation: str, units: Mapping[str, OrganisationUnit]) -> str:
    """Return an organisation by its name."""
    return units[organisation].name if organisation in units else organisation


def choices(caller: Caller, right: Right, units: Mapping[str, OrganisationUnit]) -> list[tuple[str, str]]:
    """Return (id, name) of the organisations somebody has a right on, by name."""
    return sorted(
        ((name, named(name, units)) for name in caller.where(right)), key=lambda one: one[1].casefold()
    )
