"""Issues about messages (EDIFACT): trailers, registers, qualifiers; and about statements on a bill."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "segment_count": IssueKind(
        _W,
        'The message "{reference}" states {value} segments and has {counted}. What it holds was read.',
        "Check whether the file is complete; ask the sender to send it again if it is not.",
    ),
    "message_count": IssueKind(
        _W,
        "The interchange states {value} messages and has {counted}. What it holds was read.",
        "Check whether the file is complete; ask the sender to send it again if it is not.",
    ),
    "message_open": IssueKind(
        _W,
        'The message "{value}" has no end (UNT). What it holds was read.',
        "Check whether the file is complete; ask the sender to send it again if it is not.",
    ),
    "interchange_open": IssueKind(
        _W,
        "The interchange has no end (UNZ). What it holds was read.",
        "Check whether the file is complete; ask the sender to send it again if it is not.",
    ),
    "message_repeated": IssueKind(
        _W,
        'The message reference "{value}" was used in row {first} already. Both messages were read.',
        "Ask the sender whether one of the two was sent by mistake.",
    ),
    "message_ignored": IssueKind(
        _I,
        "A message of the type {value} holds no metered values and was ignored.",
        "Nothing to do.",
    ),
    "message_withdrawn": IssueKind(
        _W,
        'The message "{value}" withdraws what was sent before; {count} values were ignored.',
        "If the withdrawn values were imported from another file, withdraw that import.",
    ),
    "value_replaced": IssueKind(
        _I,
        "A later message of the file states the interval again; the value {value} was ignored.",
        "Nothing to do.",
    ),
    "value_unusable": IssueKind(
        _E,
        "The value {value} has the qualifier {qualifier}: {reason}. The row was not imported.",
        "Ask the sender for a measured or a substitute value.",
    ),
    "placeholder_value": IssueKind(
        _I,
        "{value} has the qualifier {qualifier}, not final: a zero there is a placeholder. It was ignored.",
        "Import the final values when they come.",
    ),
    "register_refused": IssueKind(
        _E,
        'The register "{value}" is no consumption ({reason}). Its values were not imported.',
        "Ask the sender for active energy by interval (1-1:1.29.0) or by month (1-1:1.9.0).",
    ),
    "no_metering_point": IssueKind(
        _E,
        '"{value}" (LOC+{qualifier}) is a grid area or a balance group, no metering point. '
        "Its values were not imported.",
        "Ask the sender for the values of your metering points.",
    ),
    "meter_reading": IssueKind(
        _I,
        "{value} is a meter reading of one day, no consumption of a period. It was ignored.",
        "Ask for the energy of the period, or enter it from two readings.",
    ),
    "no_own_period": IssueKind(
        _E,
        "The value {value} states no begin and end of its own. The row was not imported.",
        "Ask the sender for begin and end (DTM+163 and DTM+164) behind each value.",
    ),
    "interval_moved": IssueKind(
        _W,
        "{count} intervals begin beside the quarter hour, the first at {value}. They follow each other "
        "without a break and were put onto the quarter hours (or other slots) they fill.",
        "Ask the sender to set the clock of the meter.",
    ),
    "days_unclear": IssueKind(
        _E,
        "Nothing in the file says whether the last day of {value} belongs to the period. "
        "The row was not imported.",
        "Ask the sender for begin and end with the time of day (format 303).",
    ),
    "tariff_part": IssueKind(
        _I,
        "{value} is the part of one tariff; the total of all tariffs is there and counts. It was ignored.",
        "Nothing to do.",
    ),
    "same_series_twice": IssueKind(
        _E,
        'Two series of "{source}" state the same times: "{value}" and "{first}". They would count twice; the '
        "{count} values of the first-named one at those times were not imported.",
        "Check what the two measure. If both count, register them as two sources and import each on its own.",
    ),
    "partly_covered": IssueKind(
        _W,
        "Shorter intervals cover {share} % of {period} and add up to {sum}; {value} {unit} is stated for the "
        "whole of it. The intervals count, the longer value was not counted and was ignored.",
        "Ask the sender for the missing intervals, or import the longer value without the intervals.",
    ),
    "co2_statement_differs": IssueKind(
        _W,
        "The statement on CO2 does not agree with itself or with the bill: {what} is {value}, "
        "{expected} would follow from {reason}. The line was imported.",
        "Ask the supplier to correct the statement; it decides how the cost of CO2 is shared.",
    ),
}
