"""What to do about an issue or a refusal, said to who sits before a page and not before a command line."""

from collections.abc import Mapping
from typing import Final

from bilanz.issues import Issue
from bilanz.kinds import CATALOGUE, kind
from bilanz.messages import Language, translate

_NUMBER: Final = (
    'Read the file again, and state how the numbers of "{column}" are written: 1.234,56 or 1,234.56.'
)
_DATE: Final = (
    'Read the file again, and state how the dates of "{column}" are written: DD.MM.YYYY or MM/DD/YYYY.'
)
_STAMP: Final = (
    'Read the file again, and state for "{column}" whether the time is the begin or the end: begin or end.'
)
_UNIT: Final = (
    'Write the unit into the file, or state it for "{column}" when you read the file again, for example kWh.'
)
_CURRENCY: Final = 'Read the file again, and state the currency of "{column}", for example EUR.'
_SOURCES: Final = "Check the new sources under “Master data”: role, tenure and control."
_ZONE: Final = "Read the file again with its time zone if it is another one."

_REMEDIES: Final[Mapping[str, str]] = {
    "activity_assumed": "Enter the activity of the source under “Master data”, or check the file.",
    "ambiguous_date": _DATE,
    "ambiguous_layout": (
        'Read the file again, and state how the dates of "{column}" are written: DD/MM/YYYY or MM/DD/YYYY.'
    ),
    "ambiguous_number": _NUMBER,
    "ambiguous_stamp": _STAMP,
    "carrier_unit": _UNIT,
    "cost_without_currency": _CURRENCY,
    "currency_undeclared": _CURRENCY,
    "date_order": _DATE,
    "delivery_cancelled": "Withdraw the file of the delivery it cancels (“Files taken over”).",
    "format_of_table": _NUMBER,
    "missing_column": "Rename the column, or enter the data in the template.",
    "missing_unit": _UNIT,
    "new_source": _SOURCES,
    "new_sources": _SOURCES,
    "nonexistent_time": (
        "Check whether the times are local time; where the whole file is in standard time, "
        "read it again with "
        "its zone (UTC+1: Etc/GMT-1)."
    ),
    "plan_or_actual": (
        'Read the file again, and state for "{column}": Ist (spent) or Plan, with the currency: Ist EUR.'
    ),
    "pounds_by_layout": _CURRENCY,
    "register_unit": "Read the file again, and state the unit, for example kWh.",
    "several_contracts": (
        'Read the file again, and state for "{column}", if it is this one, '
        "that it holds the number: contract."
    ),
    "side_undeclared": (
        'Read the file again, and state for "{column}" the side that was spent: S+ (debit) or H+ (credit).'
    ),
    "stamp_assumed": _STAMP,
    "territory_figures": "Upload the file for the organisation that stands for the territory.",
    "unknown_activity": "Use one of the names the template lists.",
    "unknown_unit": "Use a usual spelling, for example kWh, MWh, m³, l, t or kg.",
    "value_outside_day": _ZONE,
    "waste_code_unmapped": "Name the kind of waste in its column.",
    "zone_assumed": _ZONE,
}

_REFUSALS: Final[Mapping[str, str]] = {
    "several_importers": "{file}: several kinds of file fit. Choose one of them below.",
    "no_importer": (
        "{file}: it is not certain what kind of file this is. Choose one below, or say what its columns are."
    ),
    "several_profiles": "{file}: several saved column mappings fit. Choose the kind of file below.",
}


def remedy(issue: Issue, language: Language) -> str:
    """Return what to do about an issue."""
    template = _REMEDIES.get(issue.code) or kind(issue.code).remedy
    return translate(template, language, column=issue.column or "", value=issue.value or "")


def refusal(code: str, template: str, parameters: Mapping[str, object], language: Language) -> str:
    """Return why a file cannot be taken as it is."""
    return translate(_REFUSALS.get(code, template), language, **parameters)


def unsaid() -> list[str]:
    """Return the codes whose remedy still speaks of a command line, of those an upload can meet."""
    return [code for code in CATALOGUE if is_command(_REMEDIES.get(code) or kind(code).remedy)]


def is_command(text: str) -> bool:
    """Tell whether a remedy is a matter of the command line."""
    return " --" in text or "`bilanz" in text
