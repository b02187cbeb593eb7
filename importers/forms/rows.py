"""Rows of a form: which of them are records, and what its own words mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import partial
from typing import Final

import polars as pl

from bilanz.activity import folded
from bilanz.issues import Issue
from bilanz.messages import LANGUAGES
from bilanz.records import INSTANT, QUANTITY
from importers.base import ImportRequest
from importers.forms.form import NOTE, Form, FormColumn
from importers.upload import sorting
from importers.upload.columns import Columns
from importers.upload.findings import ROW
from importers.upload.vocabulary import EXAMPLE_NOTES
from importers.upload.words import with_meaning

TYPED: Final = "__typed"
WORD: Final = "__word"
"""Behind a field of words: the word as the file has it; the field itself holds the code."""

ORIGINAL: Final = "__original"
TOLD_BY: Final = "__told_by"
"""Title of the column the quantity of a row is told by, where parts of a file differ in it."""
_STEP: Final = Decimal("0.000001")
_LIMIT: Final = Decimal(10) ** 13
_DIGITS: Final = 60


Span = tuple[datetime, datetime]
"""First day of a period and the day after its last one, both at midnight."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a rule works with beside the rows.

    Attributes:
        form: the form.
        columns: its columns in this file, and their findings.
        request: what the caller states.
        titles: field → title of the column a computed field is told by.
        units: field → unit stated in the header; a rule that computes in another unit takes its entry away.
    """

    form: Form
    columns: Columns
    request: ImportRequest
    titles: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def title(self, name: str) -> str:
        """Return the header of a field, or of the column it is told by."""
        return self.titles.get(name) or self.columns.title(name)

    def flag(
        self,
        rows: pl.DataFrame,
        code: str,
        name: str,
        value: pl.Expr | None = None,
        **parameters: pl.Expr | str,
    ) -> None:
        """Raise an issue about a field for each row."""
        self.columns.findings.flag(rows, code, self.title(name), value, **parameters)

    def add(self, *issues: Issue) -> None:
        """Raise single issues."""
        self.columns.findings.add(*issues)

    def without_rejected(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows no error was found in so far."""
        return self.columns.findings.without_rejected(rows)

    def unit(self, *names: str) -> pl.Expr:
        """Return the unit of a row: its own, that of the header of one of some fields, or the caller's."""
        headers = [pl.lit(self.units.get(name), dtype=pl.String) for name in names]
        return pl.coalesce("unit", *headers, pl.lit(self.request.unit, dtype=pl.String))

    def numbers(self, rows: pl.DataFrame, *names: str) -> pl.DataFrame:
        """Return the rows with `<name>_value`; a text that is no number rejects its row."""
        for name in names:
            rows = self.columns.number(rows, name)
        return rows

    def require(self, rows: pl.DataFrame, *names: str) -> pl.DataFrame:
        """Return the rows that fill some fields; the others are rejected, each field by its name."""
        for name in names:
            self.flag(rows.filter(pl.col(name).is_null()), "missing_value", name)
        return self.without_rejected(rows)

    def limits(self, rows: pl.DataFrame, name: str, bad: pl.Expr, expected: str) -> pl.DataFrame:
        """Return the rows whose number lies within its bounds; the others are rejected."""
        self.flag(
            rows.filter(bad.fill_null(value=False)), "unknown_value", name, pl.col(name), expected=expected
        )
        return self.without_rejected(rows)

    def days(self, rows: pl.DataFrame, name: str) -> pl.DataFrame:
        """Return the rows with `<name>_local`, the local time of a date; what is no date rejects its row."""
        rows = self.columns.instant(rows, name)
        utc = pl.col(f"{name}_utc").dt.replace_time_zone("UTC")
        local = utc.dt.convert_time_zone(self.columns.zone).dt.replace_time_zone(None)
        return rows.with_columns(local.cast(INSTANT).alias(f"{name}_local"))


def filled(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Return the rows with a text column for each name; null throughout where the file has none."""
    absent = [name for name in names if name not in rows.columns]
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def read_words(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows, the words of the form's own vocabularies as codes; an unknown word rejects its row."""
    for column in sheet.form.columns:
        name = column.field
        if column.words not in sheet.form.words or name not in rows.columns:
            continue
        told = with_meaning(rows, name, "__code", partial(sheet.form.word, column.words))
        unknown = told.filter(pl.col(name).is_not_null() & pl.col("__code").is_null())
        expected = ", ".join(word.en for word in sheet.form.words[column.words])
        sheet.flag(unknown, "unknown_value", name, pl.col(name), expected=expected)
        rows = told.with_columns(pl.col(name).alias(name + WORD), pl.col("__code").alias(name)).drop("__code")
    return sheet.without_rejected(rows)


def without_asides(rows: pl.DataFrame, original: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows that are records; empty rows, examples and totals are ignored, and said."""
    findings = sheet.columns.findings
    rows = sorting.split_empty(sorting.with_first_text(rows, original), findings)
    example = pl.col(ROW).is_in(_examples(rows, sheet).implode())
    sheet.flag(rows.filter(example), "example_row", NOTE, pl.col(NOTE))
    rows = rows.filter(~example)
    is_left = pl.col(NOTE).is_in(list(EXAMPLE_NOTES.values()))  # of an example that became a record
    rows = rows.with_columns(pl.when(~is_left).then(NOTE).alias(NOTE))
    begin = next((name for name in ("year", "start", "date") if name in rows.columns), NOTE)
    total = sorting.is_total(begin)
    _compare(rows.filter(~total), rows.filter(total), sheet)
    return rows.filter(~total)


def _compare(rows: pl.DataFrame, totals: pl.DataFrame, sheet: Sheet) -> None:
    """Say which rows state totals, and hold them against the sum of their column where it is summed."""
    text = pl.col("__first_text")
    if totals.is_empty() or "quantity" not in rows.columns:
        reason = "a total of other rows"
        sheet.columns.findings.flag(totals, "not_relevant", "", text, reason=reason)
        return
    sheet.columns.findings.flag(totals, "total_row", "", text)
    unit = [] if "unit" in rows.columns else [pl.lit(None, dtype=pl.String).alias("unit")]
    both = sheet.columns.lenient_number(pl.concat([rows, totals]).with_columns(unit), "quantity")
    is_total = pl.col(ROW).is_in(totals[ROW].implode())
    sorting.compare_totals(both.filter(~is_total), both.filter(is_total), sheet.columns)


def _examples(rows: pl.DataFrame, sheet: Sheet) -> pl.Series:
    """Return the rows that are examples of the form as its template has them, in any number format."""
    found = sheet.columns.match.positions
    columns = [it for it in sheet.form.columns if it.field in found and not it.is_personal]
    marks = {
        _mark({**example, NOTE: EXAMPLE_NOTES[language]}, columns)
        for language in LANGUAGES
        for example in sheet.form.examples[language]
    }
    noted = rows.filter(pl.col(NOTE).is_in(list(EXAMPLE_NOTES.values())).fill_null(value=False))
    texts = noted.select(ROW, *(column.field for column in columns)).to_dicts()
    return pl.Series([row[ROW] for row in texts if _mark(row, columns) in marks], dtype=pl.Int64)


def _mark(row: Mapping[str, str | None], columns: Sequence[FormColumn]) -> tuple[str, ...]:
    """Return what an example is known by: its words, and its digits but zeros, which formats add and take."""
    return tuple(
        "".join(sorted(re.sub(r"[^1-9]", "", row.get(column.field) or "")))
        if column.is_number or column.kind == "date"
        else folded(row.get(column.field) or "")
        for column in columns
    )


def stored(value: Decimal) -> Decimal | None:
    """Return a computed quantity as it is stored, rounded half-even; None: larger than can be stored."""
    if abs(value) >= _LIMIT:
        return None
    with localcontext(prec=_DIGITS):
        return value.quantize(_STEP, rounding=ROUND_HALF_EVEN)


def told(value: Decimal) -> str:
    """Return a number as issues tell it."""
    return f"{value.normalize():f}"


def with_quantity(
    rows: pl.DataFrame, sheet: Sheet, values: Mapping[int, tuple[Decimal, str]], unit: str | None
) -> pl.DataFrame:
    """Return the rows, the quantity of some of them replaced by a computed one.

    Args:
        rows: with the texts `quantity` and `unit` (added where the form has no such column).
        sheet: told by `sheet.title("quantity")`.
        values: row → the quantity and how it was computed.
        unit: of the computed quantities; None: the one the row states.

    A unit the header states behind the quantity is written into the rows it holds for.
    """
    keys = list(values)
    kept = [stored(value) for value, _ in values.values()]
    frame = pl.DataFrame(
        {
            ROW: pl.Series(keys, dtype=pl.Int64),
            "__amount": pl.Series(kept, dtype=QUANTITY),
            ORIGINAL: pl.Series([reason for _, reason in values.values()], dtype=pl.String),
        }
    )
    rows = _with_texts(rows, "quantity", "unit").join(frame, on=ROW, how="left", maintain_order="left")
    large = pl.col(ROW).is_in(keys) & pl.col("__amount").is_null()
    sheet.flag(rows.filter(large), "number_too_large", "quantity", pl.col(ORIGINAL))
    is_new = pl.col("__amount").is_not_null()
    stated = pl.coalesce("unit", pl.lit(sheet.units.pop("quantity", None), dtype=pl.String))
    own = stated if unit is None else pl.lit(unit)
    return sheet.without_rejected(rows).with_columns(
        quantity=pl.when(is_new).then(pl.col("__amount").cast(pl.String)).otherwise("quantity"),
        quantity__typed=is_new | pl.col("quantity__typed"),
        unit=pl.when(is_new).then(own).when(pl.col("quantity").is_not_null()).then(stated),
    )


def with_span(rows: pl.DataFrame, values: Mapping[int, Span]) -> pl.DataFrame:
    """Return the rows with the periods of some of them."""
    texts = [(row, f"{first:%Y-%m-%d}", after) for row, (first, after) in values.items()]
    frame = pl.DataFrame(
        texts, schema={ROW: pl.Int64, "__first": pl.String, "__after": INSTANT}, orient="row"
    ).with_columns(__last=pl.col("__after").dt.offset_by("-1d").dt.to_string("%Y-%m-%d"))
    rows = _with_texts(rows, "start", "end").join(frame, on=ROW, how="left", maintain_order="left")
    is_new = pl.col("__first").is_not_null()
    return rows.with_columns(
        start=pl.coalesce("__first", "start"),
        end=pl.coalesce("__last", "end"),
        start__typed=is_new | pl.col("start__typed"),
        end__typed=is_new | pl.col("end__typed"),
    ).drop("__first", "__after", "__last")


def _with_texts(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Return the rows with some text columns and whether their cells are numbers or dates."""
    flags = [pl.lit(value=False).alias(name + TYPED) for name in names if name + TYPED not in rows.columns]
    return filled(rows, *names).with_columns(flags)
