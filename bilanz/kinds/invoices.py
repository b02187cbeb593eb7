"""Issues about lines of bills: what repeats a quantity, what is none, whose period is not stated."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_W, _I = Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
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
    "relief": IssueKind(
        _I,
        '"{value}" is a relief: its net amount joins the cost of line {first}, its quantity does not count.',
        "Nothing to do.",
    ),
    "not_counted": IssueKind(
        _W,
        '"{value}" ({reason}) stands beside the supply of line {first}; its quantity was not counted.',
        "If it is a consumption of its own, ask the supplier for a bill with its period and its price.",
    ),
    "quantity_doubtful": IssueKind(
        _W,
        '"{value}" states {quantity} beside other lines of the supply, but no fitting amount; it counts.',
        "Check that it is a consumption of its own and repeats no other line; else withdraw the delivery.",
    ),
    "feed_in_settled": IssueKind(
        _W,
        '"{value}" is credited without reference to an earlier document: it counts as fed in, and as income.',
        "If it takes back what was settled before, ask for a credit note that names that document.",
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
}
