"""Issues about what a delivery states of itself."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_W = Severity.WARNING

KINDS: Final[dict[str, IssueKind]] = {
    "stated_sum": IssueKind(
        _W,
        "The file states a control sum of {expected}; {value} were imported.",
        "Look at the rejected rows; if there are none, ask the sender whether the file is complete.",
    ),
    "stated_records": IssueKind(
        _W,
        "The file states {expected} records; {value} were read.",
        "Ask the sender whether the file is complete.",
    ),
    "stated_unreadable": IssueKind(
        _W,
        'The control sum "{value}" cannot be read: unit=number, each unit once, is expected.',
        "Correct the line of control sums.",
    ),
}
