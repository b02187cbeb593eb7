"""Amounts of money as people and programs write them, brought to a number, its currency and its sign.

£1,234.50   1.234,50 €   GBP 12   the sign or code of the cell becomes the unit of the row
(1,234.50)                        what accountants put in brackets is negative
1.234,50 H                        debit (S, Soll, DR), credit (H, Haben, CR): behind it, or in a column

A mark of debit or credit says on which side of an account an amount stands, not whether it adds to what was
spent: on the account of a supplier a bill is credit, on the account of the expense it is debit. So the side
that adds is declared, unless the amounts bear their minus signs already.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.activity import folded
from bilanz.issues import Issue
from importers.columns.numbers import BLANKS
from importers.upload.columns import Columns
from importers.upload.findings import ROW
from importers.upload.quantities import currency
from importers.upload.table import Table
from importers.upload.words import looked_up, with_meaning

DOLLAR: Final = "$"
"""A sign many currencies share: it is no part of the number, and names no currency."""

DEBIT: Final = "S"
CREDIT: Final = "H"
_MARKS: Final = {
    DEBIT: ("s", "soll", "d", "dr", "debit"),
    CREDIT: ("h", "haben", "c", "cr", "credit", "kredit"),
}
_WRITTEN: Final = f"[^0-9.,'\u2019()+\\-\u2212{BLANKS}]"
_BRACKETS: Final = rf"^[{BLANKS}]*\([{BLANKS}]*(.+?)[{BLANKS}]*\)[{BLANKS}]*$"
_MINUS: Final = r"^\s*[-\u2212]|[-\u2212]\s*$"
_NONE: Final = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Money:
    """How the amounts of a table are to be read.

    Attributes:
        mark: position of the column with debit and credit marks; None: there is none.
        is_turned: what was spent is written with a minus sign.
    """

    mark: int | None = None
    is_turned: bool = False


def side(text: str) -> str | None:
    """Return the side of an account a word means, `DEBIT` or `CREDIT`; None: neither."""
    return next((code for code, words in _MARKS.items() if folded(text) in words), None)


def read_money(named: pl.DataFrame, table: Table, money: Money, columns: Columns) -> pl.DataFrame:
    """Return the rows with plain numbers in `quantity`, and in `unit` the currency of the cell.

    Args:
        named: texts of the fields.
        table: of the file, for the column of marks.
        money: see `Money`.
        columns: titles, declarations and findings.
    """
    mark = _NONE if money.mark is None else pl.col(str(money.mark)).str.strip_chars()
    stated = table.frame.select(ROW, pl.when(mark != "").then(mark).alias("__mark"))
    rows = named.with_columns(stated["__mark"], __beside=pl.col("quantity").str.replace_all(_WRITTEN, ""))
    rows = rows.with_columns(__word=_words(pl.col("quantity")))
    rows = with_meaning(rows, "__word", "__cell", _currency_of)
    rows = with_meaning(rows, "__word", "__end", _side_of)
    rows = with_meaning(rows, "__word", "__known", _known)
    bare = pl.when(pl.col("__known").is_not_null()).then("__beside").otherwise("quantity")
    rows = rows.with_columns(quantity=bare.str.replace(_BRACKETS, "-${1}").str.strip_chars(BLANKS))
    rows = _with_sign(rows, "" if money.mark is None else table.header[money.mark], columns)
    if money.is_turned:
        rows = rows.with_columns(quantity=turned(pl.col("quantity")))
    _refuse_other_currency(rows, columns)
    of_header = currency(columns.match.brackets.get("quantity", ""))
    own = pl.coalesce("unit", pl.when(pl.col("__cell").ne_missing(of_header)).then("__cell"))
    return rows.with_columns(unit=own).drop("__mark", "__beside", "__word", "__cell", "__end", "__known")


def refuse_unstated(named: pl.DataFrame, columns: Columns, *, is_requested: bool) -> None:
    """Refuse a column of amounts whose currency nobody states, once and not row by row."""
    amounts = named.filter(pl.col("quantity").is_not_null())
    is_stated = is_requested or "quantity" in columns.match.brackets
    if is_stated or amounts.is_empty() or amounts["unit"].null_count() < amounts.height:
        return
    columns.findings.add(Issue("currency_undeclared", column=columns.title("quantity")))
    columns.findings.reject(amounts[ROW])


def turned(text: pl.Expr) -> pl.Expr:
    """Return the texts of numbers with the other sign; what is no number stays none."""
    bare = text.str.strip_chars(f"-\u2212+{BLANKS}")
    is_zero = ~bare.str.contains("[1-9]")
    return pl.when(text.str.contains(_MINUS) | is_zero).then(bare).otherwise(pl.concat_str(pl.lit("-"), bare))


def _known(words: str) -> str | None:
    """Return the words of a cell where each is a currency or a side; None: some of them are neither."""
    parts = words.split()
    is_known = all(part == DOLLAR or currency(part) or side(part) for part in parts)
    return words if is_known else None


def _currency_of(words: str) -> str | None:
    return next((code for part in words.split() if _known(words) and (code := currency(part))), None)


def _side_of(words: str) -> str | None:
    return next((code for part in words.split() if _known(words) and (code := side(part))), None)


def _words(text: pl.Expr) -> pl.Expr:
    """Return the letters and signs of a cell that are no part of its number; null where there are none."""
    words = text.str.extract_all(f"{_WRITTEN}+").list.join(" ")
    return pl.when(words != "").then(words)


def _refuse_other_currency(rows: pl.DataFrame, columns: Columns) -> None:
    code = looked_up(rows, "unit", currency)
    other = rows.filter((code != pl.col("__cell")).fill_null(value=False))
    title = columns.title("quantity")
    columns.findings.flag(other, "unit_conflict", columns.title("unit"), pl.col("unit"), stated=title)


def _with_sign(rows: pl.DataFrame, title: str, columns: Columns) -> pl.DataFrame:
    """Return the rows with a minus before the amounts whose side takes away."""
    rows = with_meaning(rows, "__mark", "__side", side)
    amounts = pl.col("quantity").is_not_null()
    unknown = rows.filter(amounts & pl.col("__mark").is_not_null() & pl.col("__side").is_null())
    columns.findings.flag(unknown, "unknown_value", title, pl.col("__mark"), expected="S, H")
    rows = rows.with_columns(__side=pl.coalesce("__side", "__end"))
    marked = rows.filter(amounts & pl.col("__side").is_not_null())
    is_back = pl.col("quantity").str.contains(_MINUS)
    if marked.is_empty() or _is_signed(marked.with_columns(back=is_back)):
        return rows.drop("__side")
    title = title or columns.title("quantity")
    declared = columns.declared.get(title, "").strip()
    adds = side(declared.removesuffix("+")) if declared.endswith("+") else None
    if adds is None:
        columns.findings.add(Issue("side_undeclared", column=title, value=", ".join(_met(marked))))
        columns.findings.reject(marked[ROW])
        return rows.drop("__side")
    columns.findings.flag(marked.filter(is_back), "side_and_sign", title, pl.col("quantity"))
    takes = (pl.col("__side") != adds).fill_null(value=False) & amounts & ~is_back
    turned = pl.when(takes).then(pl.concat_str(pl.lit("-"), pl.col("quantity").str.strip_chars_start("+")))
    return rows.with_columns(quantity=turned.otherwise("quantity")).drop("__side")


def _is_signed(marked: pl.DataFrame) -> bool:
    """Return whether the amounts bear their signs: all of one side are negative, none of the other."""
    shares = dict(marked.group_by("__side").agg(pl.col("back").mean()).rows())
    return sorted(shares.values()) == [0, 1]


def _met(marked: pl.DataFrame) -> list[str]:
    return sorted(marked["__side"].unique().to_list())
