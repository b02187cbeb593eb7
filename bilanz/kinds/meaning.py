"""Issues about what a record means: activity, basis, quality, cost, relevance."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "quality_assumed": IssueKind(
        _I,
        "{count} rows do not say how their quantity came about; they were taken as {quality}.",
        "Fill in the column quality (measured, billed, estimated).",
    ),
    "activity_assumed": IssueKind(
        _W,
        "The file does not name the energy carrier; {value} was taken ({reason}).",
        "Register the source with its activity (`bilanz source add`), or check the file.",
    ),
    "outlier_day": IssueKind(
        _W,
        "{value}: {quantity} on {day}, and {usual} on a day of much use. It was imported as it is.",
        "Check the reading of that day, and the unit.",
    ),
    "outlier_record": IssueKind(
        _W,
        "{value} are {rate} {unit} a day; the other records of {source} lie between {low} and {high}. "
        "It was imported as it is.",
        "Check quantity, unit and period.",
    ),
    "not_classified": IssueKind(
        _W,
        '"{value}" could not be assigned to an activity. The row was imported and stands in the exceptions.',
        "Assign the supplier or article to an activity.",
    ),
    "not_relevant": IssueKind(
        _I, '"{value}" is not relevant to the balance ({reason}). The row was ignored.', "Nothing to do."
    ),
    "basis_missing": IssueKind(
        _W,
        "A quantity of fuel in {unit} without calorific basis (Hi or Hs). The row was imported and stands "
        "in the exceptions until the basis is known.",
        "State Hi (Heizwert) or Hs (Brennwert) in the column basis.",
    ),
    "basis_unused": IssueKind(
        _W,
        'The row states a calorific basis ("{value}"), and {activity} has none. '
        "The row was imported without it.",
        "Check the activity.",
    ),
    "basis_conflict": IssueKind(
        _E,
        "Two calorific bases are stated: {value}. The row was not imported.",
        "Correct the basis or the unit.",
    ),
    "delivery_not_consumption": IssueKind(
        _W,
        "A delivery to stock without stock before and after: it was taken as the consumption of its period.",
        "Enter the stock before and after.",
    ),
    "cost_unusable": IssueKind(
        _W, 'The cost "{value}" could not be used ({reason}). The quantity was imported.', "Correct the cost."
    ),
}
