"""The kinds of issues: how bad each is, its sentence and what to do about it (English templates).

The German sentences stand in `locale/de/issues.po` and beside it; what an issue is stands in `bilanz.issues`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bilanz.errors import UnknownName


class Severity(StrEnum):
    """What happens to the row.

    `error`: the row (or cell) was not imported. `warning`: imported, a person should look.
    `info`: imported or ignored as the rule says; counted so that nothing is silent.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One entry of the catalogue: its severity, the sentence and what to do about it (English templates)."""

    severity: Severity
    text: str
    remedy: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CATALOGUE: Final[dict[str, IssueKind]] = {
    # --- values
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
        _E, "The row states no unit, and none is assumed. The row was not imported.", "State the unit."
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
        'The row begins with "{value}" like a total, and has a period of its own. '
        "It was imported as a record.",
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
    # --- time
    "end_before_start": IssueKind(
        _E, "The period ends before it starts ({value}). The row was not imported.", "Correct the dates."
    ),
    "outside_period": IssueKind(
        _E,
        "{value} lies outside the declared period {expected}. The row was not imported.",
        "Check the date or the declared period.",
    ),
    "days_assumed": IssueKind(
        _W,
        "{count} rows state days where others state times of day: their last day was counted in full.",
        "Check the ends; write a time of day everywhere or nowhere.",
    ),
    "nonexistent_time": IssueKind(
        _E,
        "{value} does not exist in {zone} (clocks go forward). The row was not imported.",
        "Check whether the time stamps are local time.",
    ),
    "ambiguous_time": IssueKind(
        _W,
        "{value} occurs twice in {zone} (clocks go back), and the order of the rows does not tell which is "
        "meant. It was taken as the first.",
        "Check the hour from 2 to 3 o'clock.",
    ),
    "duplicate_interval": IssueKind(
        _E,
        "The interval {value} is there twice, first in row {first}. The row was not imported.",
        "Keep the right row.",
    ),
    "duplicate_row": IssueKind(
        _E,
        "The row of {value} repeats row {first}. The row was not imported.",
        "Nothing to do; if both happened, tell them apart by a number of the document.",
    ),
    "overlapping_interval": IssueKind(
        _E,
        "The interval {value} overlaps the one in row {first}. The row was not imported.",
        "Keep the right row.",
    ),
    "gap": IssueKind(
        _W,
        "{count} intervals are missing from {start} to {end}.",
        "Ask for the missing values; none is filled in.",
    ),
    "zone_assumed": IssueKind(
        _I,
        "The file does not state its time zone; {zone} was taken.",
        "State the zone with --zone if it is another.",
    ),
    "stamp_assumed": IssueKind(
        _I,
        "The time stamp was taken as the {which} of the interval ({reason}).",
        'Declare it with --declare "{column}=begin" or --declare "{column}=end" if that is wrong.',
    ),
    "ambiguous_stamp": IssueKind(
        _E,
        "The time stamps can be the begin or the end of the interval; nothing in the file decides. "
        "No value of the column was imported.",
        'Declare it: --declare "{column}=begin" or --declare "{column}=end".',
    ),
    "no_interval": IssueKind(
        _E,
        "The length of the interval at {value} is not known: the values lie at no regular distance. "
        "The row was not imported.",
        "Use a file with begin and end of each interval.",
    ),
    "direction_assumed": IssueKind(
        _I,
        "The file does not say whether energy is drawn or fed in; {value} was taken.",
        "Register the source with its role, or ask the grid operator.",
    ),
    "unknown_status": IssueKind(
        _W,
        'The status "{value}" is not known; the values marked so were imported as estimated.',
        "Ask the grid operator what the status means.",
    ),
    "not_listed": IssueKind(
        _I,
        '{count} more findings "{value}" are counted but not listed.',
        "Mend the listed ones first; they mostly have the same cause.",
    ),
    # --- structure
    "missing_column": IssueKind(
        _E,
        'The column "{expected}" is missing. Similar: {near}.',
        "Rename the column, or use the template written by `bilanz template`.",
    ),
    "ragged_row": IssueKind(
        _E,
        "The row has {found} fields where {expected} were expected. The row was not imported.",
        "Check delimiters and quotation marks.",
    ),
    "duplicate_header": IssueKind(
        _W,
        'The column name "{value}" occurs more than once; each column was read once.',
        "Rename the columns.",
    ),
    "rival_column": IssueKind(
        _W,
        'The column "{value}" may mean the same as "{taken}"; only "{taken}" was read.',
        "Delete or rename the column that does not apply.",
    ),
    "no_rows": IssueKind(
        _W, "The file has a header and no row below it. Nothing was imported.", "Check the export."
    ),
    "column_ignored": IssueKind(_I, 'The column "{value}" was not used.', "Nothing to do."),
    "columns_ignored": IssueKind(_I, "{count} columns were not used: {value}.", "Nothing to do."),
    "personal_data": IssueKind(
        _I, "{count} columns with personal data were not kept: {value}.", "Nothing to do."
    ),
    "sheet_ignored": IssueKind(
        _W,
        'The sheet "{value}" looks like data, too, and was not read; only "{sheet}" was.',
        "Upload one file per sheet.",
    ),
    "encoding_assumed": IssueKind(
        _I, "The file does not state its encoding; {value} was taken.", "Check names with umlauts."
    ),
    # --- meaning
    "quality_assumed": IssueKind(
        _I,
        "{count} rows do not say how their quantity came about; they were taken as {quality}.",
        "Fill in the column quality (measured, billed, estimated).",
    ),
    "activity_assumed": IssueKind(
        _W,
        "The file does not name the energy carrier; {value} was taken ({reason}).",
        "Register the source with its activity (`bilanz source add`), or check the file.",
    ),
    "not_classified": IssueKind(
        _W,
        '"{value}" could not be assigned to an activity. The row was imported and stands in the exceptions.',
        "Assign the supplier or article to an activity.",
    ),
    "not_relevant": IssueKind(
        _I, '"{value}" is not relevant to the balance ({reason}). The row was ignored.', "Nothing to do."
    ),
    "repeated_quantity": IssueKind(
        _I,
        '"{value}" repeats the quantity of line {first} ({reason}); the quantity counts once.',
        "Nothing to do.",
    ),
    "not_energy": IssueKind(
        _I,
        '"{value}" is a price for power or time, no quantity of energy. The row was ignored.',
        "Nothing to do.",
    ),
    "same_quantity": IssueKind(
        _W,
        '"{value}" states {quantity} as line {first} does, for the same period; it was counted once.',
        "If these are two meters, state the meter on each line or register two sources.",
    ),
    "grid_bill": IssueKind(
        _W,
        '"{value}" is a grid fee, and no line of the bill is the supply itself: its quantity was taken.',
        "If the supplier's bill is imported too, withdraw one of them: both state the same consumption.",
    ),
    "period_assumed": IssueKind(
        _W,
        "The line states no period; one day was taken ({origin}: {value}).",
        "Ask for the period of consumption; a single day puts everything into one month.",
    ),
    "issue_date_taken": IssueKind(
        _I,
        "{count} lines state neither a period nor a delivery date; the issue date was taken.",
        "Nothing to do.",
    ),
    "basis_missing": IssueKind(
        _W,
        "A quantity of fuel in {unit} without calorific basis (Hi or Hs). The row was imported and stands "
        "in the exceptions until the basis is known.",
        "State Hi (Heizwert) or Hs (Brennwert) in the column basis.",
    ),
    "basis_unused": IssueKind(
        _W,
        'The row states a calorific basis ("{value}"), and {activity} has none. '
        "The row was imported without it.",
        "Check the activity.",
    ),
    "basis_conflict": IssueKind(
        _E,
        "Two calorific bases are stated: {value}. The row was not imported.",
        "Correct the basis or the unit.",
    ),
    "delivery_not_consumption": IssueKind(
        _W,
        "A delivery to stock without stock before and after: it was taken as the consumption of its period.",
        "Enter the stock before and after.",
    ),
    "cost_unusable": IssueKind(
        _W, 'The cost "{value}" could not be used ({reason}). The quantity was imported.', "Correct the cost."
    ),
    "new_source": IssueKind(
        _I,
        'The source "{value}" was not registered; it was added as consumed, owned, own control.',
        "Check role, tenure and control (`bilanz source list`).",
    ),
    "overlap": IssueKind(
        _W,
        "{value}: batch {second} ({second_file}) covers {period} already held by batch {first} "
        "({first_file}, row {first_row}); rule: {rule}.",
        "Choose with --on-overlap first, replace or both (both needs --reason).",
    ),
    "new_sources": IssueKind(
        _I,
        "{count} sources were not registered, among them {value}; they were added as consumed, owned, "
        "own control.",
        "Check role, tenure and control (`bilanz source list`).",
    ),
    "source_elsewhere": IssueKind(
        _W,
        'The source "{value}" is registered for {expected}, the data were imported for {found}.',
        "Check the organisation of the import or the terms of the source.",
    ),
    "withdrawn": IssueKind(_I, "The batch {value} was withdrawn: {reason}.", "Nothing to do."),
    "masterdata_differs": IssueKind(
        _E,
        "{value} is registered otherwise ({differences}). The row was not imported.",
        "Correct the row, or take the changes over with --update.",
    ),
    "masterdata_changed": IssueKind(_I, "{value} was changed ({differences}).", "Nothing to do."),
    "masterdata_refused": IssueKind(
        _E, "The row contradicts others: {reason} The row was not imported.", "Correct the row."
    ),
    "unknown_reference": IssueKind(
        _E,
        '"{value}" is not in the table {table}. The row was not imported.',
        "Add the row it refers to, or correct the name.",
    ),
}


def kind(code: str) -> IssueKind:
    """Return the catalogue entry of a code.

    Raises:
        UnknownName: the code is not in the catalogue.
    """
    try:
        return CATALOGUE[code]
    except KeyError:
        raise UnknownName('The issue code "{name}" is not in the catalogue.', name=code) from None
