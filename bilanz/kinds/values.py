"""Issues about single values: numbers, units, names, blanks, implausible ones."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "not_a_number": IssueKind(
        _E,
        '"{value}" is not a number ({expected} expected). The row was not imported.',
        "Correct the value and upload the rejected rows again.",
    ),
    "not_a_date": IssueKind(
        _E,
        '"{value}" is not a date or time ({expected} expected). The row was not imported.',
        "Correct the value and upload the rejected rows again.",
    ),
    "number_too_large": IssueKind(
        _E,
        '"{value}" is larger than any quantity that can be stored (10^13). The row was not imported.',
        "Check the value and its unit.",
    ),
    "ambiguous_number": IssueKind(
        _E,
        "The values of this column can be read as {candidates}; nothing in the column decides. "
        "No row of the column was imported.",
        'Declare the format: --declare "{column}=1.234,56" or --declare "{column}=1,234.56".',
    ),
    "ambiguous_date": IssueKind(
        _E,
        "The dates of this column can be read as {candidates}; nothing in the column decides. "
        "No row of the column was imported.",
        'Declare the format: --declare "{column}=DD.MM.YYYY" or --declare "{column}=MM/DD/YYYY".',
    ),
    "unknown_unit": IssueKind(
        _E,
        'The unit "{value}" is not known. Similar: {near}. The row was not imported.',
        "Use one of the spellings listed by `bilanz units`.",
    ),
    "missing_unit": IssueKind(
        _E,
        "The row states no unit, and none is assumed. The row was not imported.",
        'State the unit; for a whole column of quantities declare it: --declare "{column}=kWh".',
    ),
    "refused_unit": IssueKind(
        _E,
        'The unit "{value}" is no quantity of energy, fuel or material ({reason}). The row was not imported.',
        "Ask the supplier for the quantity.",
    ),
    "unit_mismatch": IssueKind(
        _E,
        'The unit "{value}" does not measure {activity} ({expected} expected). The row was not imported.',
        "Correct the unit or the activity.",
    ),
    "unit_conflict": IssueKind(
        _E,
        'The row states the unit "{value}", the header "{stated}". The row was not imported.',
        "Correct the unit of the row or the header.",
    ),
    "unknown_activity": IssueKind(
        _E,
        'The activity "{value}" is not known. Similar: {near}. The row was not imported.',
        "Use a name listed by `bilanz activities`.",
    ),
    "unknown_value": IssueKind(
        _E,
        '"{value}" is not one of {expected}. The row was not imported.',
        "Use one of the listed values.",
    ),
    "missing_value": IssueKind(
        _E, "The cell is empty and must not be. The row was not imported.", "Fill in the cell."
    ),
    "blank": IssueKind(
        _I,
        "The cell is empty. Empty is not zero: nothing was counted.",
        "Enter 0 if nothing was used, or the value if it is known.",
    ),
    "blank_row": IssueKind(_I, "The row is empty and was ignored.", "Nothing to do."),
    "total_row": IssueKind(
        _I,
        'The row holds a total ("{value}") and was ignored; it is compared with the sum.',
        "Nothing to do.",
    ),
    "suspect_total": IssueKind(
        _W,
        'The row is named "{value}" like a total, and has a period of its own. It was imported as a record.',
        "Check that it is no total of other rows: their quantities would count twice.",
    ),
    "example_row": IssueKind(
        _I, "The row is an example of the template and was ignored.", "Nothing to do; delete it."
    ),
    "negative_quantity": IssueKind(
        _E,
        "{value} is negative, and the row is neither a correction nor a credit. The row was not imported.",
        'Mark the row as "correction" or "credit", or correct the sign.',
    ),
    "positive_credit": IssueKind(
        _E,
        "The row is a credit, and {value} is positive: a credit takes back what was counted before. "
        "The row was not imported.",
        "Enter the quantity with a minus sign, or correct the kind of document.",
    ),
    "meter_reset": IssueKind(
        _E,
        "The closing reading {value} lies below the opening reading {opening}: the meter was changed or "
        "started over, and what it counted is not known. The row was not imported.",
        "Enter the quantity, or one row per meter with its own readings.",
    ),
    "stock_exceeds": IssueKind(
        _E,
        "The stock afterwards, {value}, is larger than stock and delivery together ({reason}). "
        "The row was not imported.",
        "Correct the stock before and after.",
    ),
    "rounded": IssueKind(
        _I,
        "{count} values have more than six decimals and were rounded; the total changed by {difference}.",
        "Nothing to do.",
    ),
    "suspect_date": IssueKind(
        _W,
        "{value} lies far outside the dates of this file. The row was imported with this date.",
        "Check the date.",
    ),
    "suspect_period": IssueKind(
        _W,
        "The period {value} is longer than two years. The row was imported, spread over the whole period.",
        "Check the years of start and end.",
    ),
    "suspect_double": IssueKind(
        _W,
        "The row is the same as row {first} in every cell. Both were imported.",
        "Delete one of them if it was entered twice; else tell them apart by source or document.",
    ),
    "suspect_value": IssueKind(
        _W,
        "{value} is implausible ({reason}). The row was imported.",
        "Check the value; correct or confirm it.",
    ),
    "suspect_odometer": IssueKind(
        _W,
        "The odometer reading {value} is implausible ({reason}). The row was imported.",
        "Check the reading.",
    ),
    "control_sum": IssueKind(
        _W,
        "The file states a total of {expected}; the values add up to {value}.",
        "Check whether the file is complete.",
    ),
}
