"""Issues about meter data in messages: register readings, deliveries, metering points."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "opening_reading": IssueKind(
        _I,
        "The register showed {value} at {instant}: quantities are counted from there. "
        "The reading itself is no quantity and was ignored.",
        "Nothing to do.",
    ),
    "single_reading": IssueKind(
        _W,
        "The register was read once only ({value} at {instant}); a quantity is the difference of two "
        "readings. The reading was ignored.",
        "Upload one file that holds the reading before it as well.",
    ),
    "repeated_reading": IssueKind(
        _I,
        "The reading {value} of {instant} is there again in row {later} and was ignored here.",
        "Nothing to do.",
    ),
    "restated_reading": IssueKind(
        _W,
        "The reading {value} of {instant} is restated as {taken} in row {later}, and the later one was "
        "taken. This one was ignored.",
        "Check which of the two is right.",
    ),
    "doubtful_reading": IssueKind(
        _E,
        "The reading {value} (before it {opening}) stands beside one that makes the register fall; one of "
        "them is wrong, and the difference is not to be trusted. The row was not imported.",
        "Correct or delete the wrong reading and upload the file again.",
    ),
    "series_ignored": IssueKind(_I, "{count} values of {value} were ignored ({reason}).", "Nothing to do."),
    "shared_start": IssueKind(
        _E,
        "All {count} intervals of {name} begin at the same instant ({value}): that is when the file was "
        "made, not when they were measured. They were not imported.",
        "Ask the sender for a file with the begin of each interval.",
    ),
    "negative_metered": IssueKind(
        _E,
        "{value} is negative; a meter counts each direction by itself. The row was not imported.",
        "Check the value and its direction.",
    ),
    "length_missing": IssueKind(
        _E,
        "The interval that begins at {value} has no length in whole minutes. The row was not imported.",
        "Ask the sender for begin and end of each interval.",
    ),
    "series_refused": IssueKind(
        _E,
        "The values are no quantities of their intervals ({value}: {reason}). They were not imported.",
        "Ask the sender for energy or volume per interval and direction.",
    ),
    "number_too_small": IssueKind(
        _E,
        '"{value}" is smaller than any quantity that can be stored (10^-6 of its unit). '
        "The row was not imported.",
        "Check the power of ten.",
    ),
    "series_unknown": IssueKind(
        _E,
        'What "{value}" counts is not known; its {count} values were not imported.',
        "Ask the sender what the code means, and report it to the makers of bilanz.",
    ),
    "register_unit": IssueKind(
        _E,
        "The file does not state the unit of its registers, and none is assumed. "
        "Their differences were not imported.",
        "Declare it with --declare unit=kWh, or register the source with its unit.",
    ),
    "factor_applied": IssueKind(
        _I,
        "Every difference of readings was multiplied by the declared factor {value}.",
        "Check it against the transformer ratio of the meter.",
    ),
    "placeholder": IssueKind(
        _W,
        "The {count} values of {value} on {day} are all zero and marked provisional (condition {code}): they "
        "announce a day and measure nothing. They were ignored; the day stays a gap until its values come.",
        "Import the later delivery of the day, or ask the grid operator for it.",
    ),
    "block_unusable": IssueKind(
        _E,
        "{count} values belong to no usable interval ({value}): begin, end or length are missing or wrong. "
        "They were not imported.",
        "Ask the sender for the file again.",
    ),
    "interval_count": IssueKind(
        _W,
        "From {start} to {end} there are {expected} intervals, and {value} values were sent.",
        "Ask for the missing values; none is filled in.",
    ),
    "position_outside": IssueKind(
        _E,
        "The position {value} lies outside its interval (1 to {expected}). The row was not imported.",
        "Ask the sender for the file again.",
    ),
    "virtual_point": IssueKind(
        _W,
        "{value} is a virtual metering point: its values are calculated from those of others. "
        "They were imported.",
        "Withdraw the import if the points it is made of are imported, too: their energy would count twice.",
    ),
    "delivery_cancelled": IssueKind(
        _W,
        "The message cancels an earlier delivery (status {value}); its {count} values were ignored.",
        "Withdraw the import of the delivery it cancels (`bilanz batch withdraw`).",
    ),
}
