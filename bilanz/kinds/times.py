"""Issues about dates, times, intervals and zones."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
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
        "Check whether the time stamps are local time; where the whole file is in standard time, import it "
        "with its fixed zone (UTC+1: --zone Etc/GMT-1).",
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
    "interval_changes": IssueKind(
        _E,
        "At {value} the values lie {distance} minutes apart, most of the others {minutes}: how long they "
        "last is not certain. The row was not imported.",
        "Import the parts of different intervals as files of their own.",
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
}
