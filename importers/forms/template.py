"""The empty form: what `bilanz template --kind` writes. Its example rows are ignored on import."""

from pathlib import Path

from bilanz.errors import UsageError
from bilanz.messages import Language
from importers.forms.form import NOTE, Form, FormColumn
from importers.upload.sheet import SheetColumn, write_sheet
from importers.upload.vocabulary import EXAMPLE_NOTES


def write_form(form: Form, path: Path, language: Language) -> None:
    """Write the form as CSV (semicolon, UTF-8 with byte order mark) or XLSX, by the name's ending.

    Raises:
        UsageError: the ending is neither `.csv` nor `.xlsx`; or another one than `.csv` for a table of master
            data, which is read as CSV only.
    """
    if form.is_master and path.suffix.lower() != ".csv":
        raise UsageError("A table of master data is written as .csv, not {name}.", name=path.name)
    columns = [_column(form, column, language) for column in form.columns]
    write_sheet(path, columns, example_rows(form, language), language)


def example_rows(form: Form, language: Language) -> list[list[str]]:
    """Return the example rows as texts in the order of the columns."""
    note = EXAMPLE_NOTES[language]
    return [
        [{**example, NOTE: note}.get(column.field, "") for column in form.columns]
        for example in form.examples[language]
    ]


def _column(form: Form, column: FormColumn, language: Language) -> SheetColumn:
    words = [word.shown(language) for word in form.vocabulary(column.words)] if column.words else []
    return SheetColumn(
        header=column.header(language),
        meaning=column.meaning.shown(language),
        is_needed=column.is_filled,
        words=words,
        is_number=column.is_number,
    )
