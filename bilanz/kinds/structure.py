"""Issues about the shape of a file: rows, columns, sheets, encoding."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "missing_column": IssueKind(
        _E,
        'The column "{expected}" is missing. Similar: {near}.',
        "Rename the column, or use the template written by `bilanz template`.",
    ),
    "ragged_row": IssueKind(
        _E,
        "The row has {found} fields where {expected} were expected. The row was not imported.",
        "Check delimiters and quotation marks.",
    ),
    "duplicate_header": IssueKind(
        _W,
        'The column name "{value}" occurs more than once; each column was read once.',
        "Rename the columns.",
    ),
    "rival_column": IssueKind(
        _W,
        'The column "{value}" may mean the same as "{taken}"; only "{taken}" was read.',
        "Delete or rename the column that does not apply.",
    ),
    "no_rows": IssueKind(
        _W, "The file has a header and no row below it. Nothing was imported.", "Check the export."
    ),
    "column_ignored": IssueKind(_I, 'The column "{value}" was not used.', "Nothing to do."),
    "columns_ignored": IssueKind(_I, "{count} columns were not used: {value}.", "Nothing to do."),
    "personal_data": IssueKind(
        _I, "{count} columns with personal data were not kept: {value}.", "Nothing to do."
    ),
    "sheet_ignored": IssueKind(
        _W,
        'The sheet "{value}" looks like data, too, and was not read; only "{sheet}" was.',
        "Upload one file per sheet.",
    ),
    "profile_applied": IssueKind(_I, 'The file was read by the mapping profile "{value}".', "Nothing to do."),
    "encoding_assumed": IssueKind(
        _I, "The file does not state its encoding; {value} was taken.", "Check names with umlauts."
    ),
}
