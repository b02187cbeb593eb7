"""Issues about tables of buildings, meters of portfolios and fleets."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "format_of_table": IssueKind(
        _I,
        "The values of this column can be read in two ways; they were read as {value}, as the other columns "
        "of quantities are written.",
        'If that is wrong, declare it: --declare "{column}=1.234,56" or --declare "{column}=1,234.56".',
    ),
    "ends_excluded": IssueKind(
        _I,
        "The end date of an entry is the start date of the next: its day was taken as not included.",
        "Nothing to do.",
    ),
    "cost_without_currency": IssueKind(
        _I,
        "The currency of this column is not known; its costs were left out. The quantities were imported.",
        'Declare the currency: --declare "{column}=USD".',
    ),
    "sections_ignored": IssueKind(
        _I, "{count} sections hold no refuellings and were not read: {value}.", "Nothing to do."
    ),
    "distance_unassigned": IssueKind(
        _W,
        "{count} distances of {value} could not be assigned to an activity. They were imported and stand in "
        "the exceptions: the fuel or current of own vehicles counts by its bills.",
        "Where no fuel is billed to the organisation (private or rented cars), register the source with the "
        "activity travel_car.",
    ),
    "mileage_unassigned": IssueKind(
        _W,
        "{count} values in {value} state the mileage of an operation and no activity. They were imported and "
        "stand in the exceptions: its fuel and current count by their bills.",
        "Nothing to do where the bills are there; else register the source with an activity.",
    ),
    "same_distance": IssueKind(
        _I,
        'The column states the distance of "{taken}" in another measure and was not counted.',
        "Nothing to do.",
    ),
    "distance_stood_in": IssueKind(
        _W,
        'The cell is empty; {value} was taken from the column "{taken}", which states the distance in '
        "another measure.",
        "Check that the two measures are alike; else enter the missing distance.",
    ),
    "distance_unit": IssueKind(
        _W,
        'The column "{value}" states a distance in a unit that is not known, and was not counted.',
        "Write the unit into the header (km, Tsd. km, Pkm).",
    ),
    "places_offered": IssueKind(
        _I,
        "The column states places offered and no movement of vehicles or passengers; it was not counted.",
        "Nothing to do.",
    ),
    "several_travellers": IssueKind(
        _E,
        "The row is a trip of {value} people by {mode}, and states one distance. The row was not imported.",
        "Enter one row per person.",
    ),
    "spend_instead": IssueKind(
        _W,
        "{count} trips state no distance, and none is guessed; their amount was imported as spend.",
        "Enter the distances where they are known.",
    ),
    "mode_unknown": IssueKind(
        _W,
        '"{value}" is no way of travelling that is known. {count} rows were imported and stand in the '
        "exceptions.",
        "Use one of the names listed in docs/formats/fleet.md (a train is long-distance or regional).",
    ),
    "same_energy": IssueKind(
        _I,
        'The column states the same energy as "{taken}", in another unit or as a sum, and was not counted.',
        "Nothing to do.",
    ),
    "same_activity_columns": IssueKind(
        _W,
        'The columns "{other}" and "{value}" both state {activity} of the same {count} rows, and both were '
        "counted.",
        "Check that neither is part of the other; if one is, delete its column and import the file again.",
    ),
    "part_of_sum": IssueKind(
        _I,
        'By its name the column is part of "{taken}" and was not counted.',
        "If it is not contained there, rename the other column so that it names no total.",
    ),
    "part_without_sum": IssueKind(
        _W,
        'The cell of "{taken}" is empty; {value}, which should be part of it, was not imported.',
        "Enter the total of the row.",
    ),
    "quantity_per_year": IssueKind(
        _W,
        'The column "{value}" states a quantity per year, and the rows are no years; it was not counted.',
        "Write the quantities of the periods and their unit into the table.",
    ),
    "stood_in": IssueKind(
        _I,
        'The cell is empty; {value} was taken from the column "{taken}", which states the same energy.',
        "Nothing to do.",
    ),
    "energies_differ": IssueKind(
        _W,
        'The column "{other}" should state the same energy, but {found} differs from {value} by more than '
        "one per cent. Only {value} was imported.",
        "Check which of the two is right.",
    ),
    "own_generation_included": IssueKind(
        _W,
        "By its name the column includes electricity generated on site; all of it was imported as purchased.",
        "Where buildings generate electricity themselves, export the column of the grid purchase, too.",
    ),
    "not_consumption": IssueKind(
        _I,
        "{count} columns state no consumption (normalised values, totals, values per area, benchmarks, "
        "emissions) or nothing but zeros, and were not counted: {value}.",
        "Nothing to do.",
    ),
    "columns_empty": IssueKind(
        _I, "{count} columns hold no value in any row and were not read: {value}.", "Nothing to do."
    ),
    "carrier_unnamed": IssueKind(
        _W,
        "The column states energy and names no carrier that is known; {count} values with a total of {total} "
        "were not counted.",
        "Name the carrier in the header (district heat, natural gas, heating oil …), or enter these values "
        "with the standard upload.",
    ),
    "carrier_unit": IssueKind(
        _W,
        'The column names {activity}, but its unit ("{value}") is not known. Similar: {near}. The column was '
        "not counted.",
        'Write the unit into the header, or declare it: --declare "{column}=kWh".',
    ),
    "rollup_row": IssueKind(
        _I,
        "The row sums up properties that have rows of their own in the same period (rows {children}) and was "
        "ignored.",
        "Nothing to do.",
    ),
    "rollup_differs": IssueKind(
        _W,
        "The sum {value} of this row was ignored, but the properties it sums up state {found} together.",
        "Check whether a meter of the campus itself is missing from its buildings.",
    ),
    "basis_by_format": IssueKind(
        _I,
        "Energies of fuels were taken as gross (Hs): ENERGY STAR Portfolio Manager converts fuels by their "
        "gross calorific value.",
        "Nothing to do.",
    ),
    "not_reported": IssueKind(
        _I,
        '{count} cells say "{value}": not reported, so missing and not zero.',
        "Enter the values where they are known.",
    ),
    "private_distance": IssueKind(
        _W,
        'Trips that state private kilometres in "{value}": {count}. Their whole distance was imported.',
        "Leave private kilometres out of the distance.",
    ),
}
