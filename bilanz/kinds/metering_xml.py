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
    "register_ignored": IssueKind(
        _I, '{count} readings of the register "{value}" were ignored ({reason}).', "Nothing to do."
    ),
    "factor_applied": IssueKind(
        _I,
        "Every difference of readings was multiplied by the declared factor {value}.",
        "Check it against the transformer ratio of the meter.",
    ),
}
