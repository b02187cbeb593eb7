"""Issues about what is registered already: sources, batches, master data."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "new_source": IssueKind(
        _I,
        'The source "{value}" was not registered; it was added as consumed, owned, own control.',
        "Check role, tenure and control (`bilanz source list`).",
    ),
    "overlap": IssueKind(
        _W,
        "{value}: batch {second} ({second_file}) covers {period} already held by batch {first} "
        "({first_file}, row {first_row}); rule: {rule}.",
        "Choose with --on-overlap first, replace or both (replace and both need --reason).",
    ),
    "new_sources": IssueKind(
        _I,
        "{count} sources were not registered, among them {value}; they were added as consumed, owned, "
        "own control.",
        "Check role, tenure and control (`bilanz source list`).",
    ),
    "source_elsewhere": IssueKind(
        _W,
        'The source "{value}" is registered for {expected}, the data were imported for {found}.',
        "Check the organisation of the import or the terms of the source.",
    ),
    "source_of_others": IssueKind(
        _E,
        'The source "{value}" is at that time registered for an organisation for which you may not hand in '
        "data. Nothing of it was imported.",
        "Name a source of your own, state the period in which it was yours, or ask whoever may hand in for "
        "both.",
    ),
    "withdrawn": IssueKind(_I, "The batch {value} was withdrawn: {reason}.", "Nothing to do."),
    "masterdata_differs": IssueKind(
        _E,
        "{value} is registered otherwise ({differences}). The row was not imported.",
        "Correct the row, or take the changes over with --update.",
    ),
    "masterdata_changed": IssueKind(_I, "{value} was changed ({differences}).", "Nothing to do."),
    "masterdata_refused": IssueKind(
        _E, "The row contradicts others: {reason} The row was not imported.", "Correct the row."
    ),
    "masterdata_foreign": IssueKind(
        _E,
        "The row is not yours to change, or its identifier is taken. The row was not imported.",
        "Leave the row out, or ask whoever is responsible for the organisation.",
    ),
    "text_too_long": IssueKind(
        _E,
        "The text has more than {most} characters. The row was not imported.",
        "Shorten the text.",
    ),
    "no_text": IssueKind(
        _E,
        "The cell holds signs that are no text. The row was not imported.",
        "Type the text again instead of copying it.",
    ),
    "thousands_or_decimals": IssueKind(
        _E,
        '"{value}" can be {whole} or {fraction}. The row was not imported.',
        "Write the number without a sign between thousands, or with one decimal more.",
    ),
    "number_too_fine": IssueKind(
        _E,
        '"{value}" has more digits than are kept (decimals: {decimals}). The row was not imported.',
        "Round the number yourself: it is never rounded for you.",
    ),
    "repeated_column": IssueKind(
        _E,
        'The column "{value}" occurs more than once. Nothing of the table was imported.',
        "Delete one of the columns, or rename it.",
    ),
    "unknown_reference": IssueKind(
        _E,
        '"{value}" is not in the table {table}. The row was not imported.',
        "Add the row it refers to, or correct the name.",
    ),
}
