"""Issues about forms of a small town and of its territory: computed, added up, extrapolated, not counted."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "quantity_computed": IssueKind(_I, "The quantity was computed: {reason}.", "Nothing to do."),
    "capacity_only": IssueKind(
        _W,
        "The row states a capacity of {value} and no hours: that is no energy. The row was ignored.",
        "Enter the hours of full output, or the energy itself.",
    ),
    "aggregated": IssueKind(
        _I,
        "Further rows contained in the record of row {first}: {count}. They are no records of their own.",
        "Nothing to do.",
    ),
    "rollover_contradicts": IssueKind(
        _E,
        "The row states a rollover, and {value} is no fall below the reading before ({opening}) within the "
        "capacity of the register. The row was not imported.",
        "Correct the occasion, the reading or the capacity.",
    ),
    "role_by_name": IssueKind(
        _W,
        'By its name the meter "{value}" counts no consumption, and its readings state no role: they were '
        "imported as consumption.",
        "Enter the role of the meter (fed in, generated, sold) into the column Role.",
    ),
    "meter_gap": IssueKind(
        _W,
        "Another meter begins on {value}, and the last reading of the one before is of {before}: what was "
        "used between them is not known, and was not counted.",
        "Add the last reading of the old meter on the day of the change.",
    ),
    "change_incomplete": IssueKind(
        _E,
        "The row says that the meter was changed, and {value} is the only reading of that day: whether it is "
        "of the old or of the new meter is not known. The row was not imported.",
        "Enter two rows for the day: the last reading of the old meter and the first of the new one.",
    ),
    "span_incomplete": IssueKind(
        _E,
        "Row {lost} of this tank was rejected, and it lies between the two levels: what was used is not "
        "known. The row was not imported.",
        "Correct the rejected row and import the whole file again.",
    ),
    "opening_level": IssueKind(
        _I,
        "The level {value} of {date} opens the account of the tank; by itself it is no quantity.",
        "Nothing to do.",
    ),
    "single_level": IssueKind(
        _W,
        "The level {value} of {date} is the only one of this tank: what was used needs two. It was ignored.",
        "Enter the level at the beginning and at the end of the year.",
    ),
    "recovered_beside_added": IssueKind(
        _W,
        "{value} were added and {recovered} recovered in one service; what was added counts as leaked.",
        "If part of it only replaced what was recovered, enter the difference as added.",
    ),
    "density_missing": IssueKind(
        _E,
        "{value} is a volume, and the row states no density: its mass is not known. "
        "The row was not imported.",
        "Enter the mass, or the density of the waste in the container.",
    ),
    "waste_code_unmapped": IssueKind(
        _E,
        'No activity is known for the waste code "{value}". The row was not imported.',
        "Name the kind of waste in its column (a name listed by `bilanz activities`).",
    ),
    "share_conflict": IssueKind(
        _E,
        "The share {value} and the areas ({let} of {area}) contradict each other. The row was not imported.",
        "Enter either the share or the areas.",
    ),
    "survey_extrapolated": IssueKind(
        _W,
        "Answers: {answers}, extrapolated to a staff of {staff} (response rate {rate} %). "
        "The sums count as estimated.",
        "Check that those who answered travel like the others.",
    ),
    "survey_differs": IssueKind(
        _E,
        'The answers of this survey state more than one value here ("{value}" in this row), and it must be '
        "the same for all. The row was not imported.",
        "Enter one value in one row, or the same in all.",
    ),
    "small_group": IssueKind(
        _W,
        "The sum of {mode} has {count} behind it, fewer answers than {least}: people may be told by it.",
        "Do not publish this sum by itself.",
    ),
    "answers_not_counted": IssueKind(
        _I,
        "Answers with {mode}: {count}. They make no record ({reason}), and count as answers.",
        "Nothing to do.",
    ),
    "home_not_counted": IssueKind(
        _I,
        "Working at home was not counted (answers: {count}): no days at home, or no hours a day, are stated.",
        "Enter the working hours per day in one row.",
    ),
    "territory_figures": IssueKind(
        _W,
        "These are figures of a territory. Imported for an administration, they would count as its own "
        "consumption.",
        "Register the territory as an organisation of its own, and import with its --org.",
    ),
}
