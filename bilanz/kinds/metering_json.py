"""Issues about metering data and charging sessions in messages: repeated values, sessions that are none."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "no_length": IssueKind(
        _E,
        "No usable length is stated for the interval at {value}. The row was not imported.",
        "Ask the sender for the length of the intervals.",
    ),
    "marked_missing": IssueKind(
        _I,
        'The sender marks {value} as missing ("{status}"): it is no measured value. It was ignored.',
        "Ask for the missing values; none is filled in.",
    ),
    "wrong_offset": IssueKind(
        _W,
        "Readings at midnight with an offset that does not hold in {zone} then, such as {value}: {count}. "
        "They were taken as of midnight.",
        "Nothing to do; tell the sender.",
    ),
    "repeated_series": IssueKind(
        _I,
        'Values of "{value}" that are the same energy as "{first}" or a part of it: {count}. '
        "They were ignored.",
        "Nothing to do; import a meter behind another one on its own, and register it as a sub-meter.",
    ),
    "session_not_finished": IssueKind(
        _I,
        'The charging session is not finished or void ("{value}"). It was ignored.',
        "Nothing to do; import it again when it is finished.",
    ),
    "session_incomplete": IssueKind(
        _E,
        "The charging session {value} cannot be counted: {reason}. It was not imported.",
        "Ask for the complete record, or enter the session in the template.",
    ),
    "exchanged_dates": IssueKind(
        _W,
        "In {count} rows day and month of a date stand exchanged: as written, sessions end before they start "
        "and the rows lose their order; the other way round neither happens. They were read that way.",
        "Check some dates of the first twelve days of a month, and ask for an export that was not opened and "
        "saved in between.",
    ),
    "session_end_missing": IssueKind(
        _W,
        "The charging session of {value} states no end. Its energy was put at its start.",
        "Check the session; enter its end if it is known.",
    ),
}
