"""Issues of interval data in tables: standing meters, days as rows, readings of registers."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "standstill": IssueKind(
        _I,
        "{count} cells are empty, marked as measured, and the meter reading did not move: "
        "they were read as 0.",
        "Nothing to do.",
    ),
    "grid_series": IssueKind(
        _W,
        'The column "{value}" is the load or generation of a whole grid area, not of an organisation.',
        "Do not count it: take the meters of the organisation.",
    ),
    "uncovered_total": IssueKind(
        _W,
        "The row holds the total {value} of a period without its intervals. "
        "Totals of the other periods repeat their intervals, so it was not counted.",
        "Ask for the missing intervals.",
    ),
    "date_order": IssueKind(
        _I,
        "The dates were read as {layout} ({reason}).",
        'Declare the format if that is wrong: --declare "{column}=MM/DD/YYYY".',
    ),
    "standard_time": IssueKind(
        _I,
        "The file has values in the hour that is left out when clocks go forward: it keeps the standard time "
        "of {zone} all the year round, and was read so.",
        "Nothing to do.",
    ),
    "period_outside_day": IssueKind(
        _I,
        "The clocks go forward on {value}; the zero in this column belongs to no time of the day "
        "and was ignored.",
        "Nothing to do.",
    ),
    "value_outside_day": IssueKind(
        _E,
        "The clocks of {zone} go forward on {value}, and the day has no such interval. "
        "The value was not imported.",
        "Check whether the columns are local time; state the zone with --zone.",
    ),
    "suspect_mpan": IssueKind(
        _W,
        '"{value}" is no valid metering point number (MPAN: 13 digits, the last one a check digit). '
        "Its values were imported under this name.",
        "Check the number.",
    ),
    "register_readings": IssueKind(
        _E,
        "The values (the first one {value}) are readings of a register, no quantities of intervals: they "
        "never fall and are large against their steps. They were not imported.",
        "Ask the sender for the load profile (energy by interval); "
        "take monthly consumption from readings into the template.",
    ),
    "unit_row": IssueKind(
        _I, "The row states the unit of its column ({value}) and was read as such.", "Nothing to do."
    ),
    "direction_unknown": IssueKind(
        _E,
        '"{value}" does not say whether the energy was drawn or fed in. The values were not imported.',
        'Write "Bezug" or "Einspeisung" (import or export) into the column.',
    ),
    "reset_declared": IssueKind(
        _I,
        "The readings fall {count} times; as declared, the meter started over at zero each time.",
        "Take the declaration back if the meter was exchanged and did not start at zero.",
    ),
    "repeated_header": IssueKind(
        _I, "The row repeats the header between the values and was ignored.", "Nothing to do."
    ),
}
