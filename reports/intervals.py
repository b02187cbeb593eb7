"""How intervals and the quality of quantities are read out of a result and written."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.records import Quality
from bilanz.result import Result
from bilanz.rounding import as_quoted, place
from bilanz.uncertainty import CHANGE, SCOPE, STATED, TOTAL
from reports import names, numbers
from reports.numbers import NBSP
from reports.totals import counted

Row = Mapping[str, Any]

STANDINGS: Final = {
    "read": "read in the source",
    "quoted": "read in a text that quotes it",
    "unconfirmed": "not confirmed",
    "proposal": "proposal of this program",
    "own": "own statement",
}
"""The codes of `bilanz.quality.Standing`."""

_KILO: Final = 3
_SAFE: Final = ("read", "own")


def standing(code: str | None, language: Language) -> str:
    """Return how well a half width is known; none: the publication of the factor states it."""
    template = "stated with the factor" if code is None else STANDINGS.get(code, code)
    return translate(template, language)


def half_width_name(row: Row, language: Language) -> str:
    """Return what a half width is of."""
    if row["subject"] == STATED:
        return translate("factor with a half width of its own", language)
    return row[language] or row["title"] or numbers.missing(language)


def origin(row: Row, language: Language) -> str:
    """Return where a half width comes from; our own words in the language, titles as published."""
    return ": ".join(translate(row[name], language).rstrip(".") for name in ("title", "note") if row[name])


def rows(result: Result, kind: str) -> list[dict[str, Any]]:
    """Return the rows of a kind in the order of the books; none where intervals were not computed."""
    found = result.beside.intervals
    if found is None:
        return []
    of_kind = found.filter(pl.col("kind") == kind)
    return [
        row for book in result.manifest.books for row in of_kind.filter(pl.col("book") == book).to_dicts()
    ]


def of_total(result: Result, book: str, scope: str | None = None) -> Row | None:
    """Return the row of a book's total or of one of its scopes; None: not computed."""
    kind = TOTAL if scope is None else SCOPE
    found = (row for row in rows(result, kind) if row["book"] == book and row["scope"] == scope)
    return next(found, None)


def _digits(row: Row) -> int:
    """Return the decimals of tonnes that an interval leaves."""
    power = place((row["high_kg"] - row["low_kg"]) / 2)
    return 1 if power is None else max(0, _KILO - power)


def span(row: Row | None, language: Language) -> str:
    """Return an interval as `1,080 to 1,310 t CO₂e`, rounded by uncertainty, or that there is none."""
    quoted = None if row is None else as_quoted(row)
    if row is None or quoted is None:
        return translate("not computed", language)
    low, high = (numbers.thousandth(bound, language, digits=_digits(row)) for bound in quoted[1:])
    return translate("{low} to {high}", language, low=low, high=high) + f"{NBSP}t{NBSP}CO₂e"


def value(row: Row, language: Language) -> str:
    """Return a total rounded by its uncertainty: no digit says more than is known."""
    quoted = as_quoted(row)
    if quoted is None:
        return numbers.tonnes(row["co2e_kg"], language)
    return f"{numbers.thousandth(quoted[0], language, digits=_digits(row))}{NBSP}t{NBSP}CO₂e"


def statement(result: Result, language: Language) -> str:
    """Return the intervals of all totals in one sentence, with what they rest on."""
    found = rows(result, TOTAL)
    if not any(as_quoted(row) for row in found):
        return translate("Not computed. Judge the totals by coverage and grades.", language)
    said = "; ".join(f"{names.book(row['book'], language)}: {span(row, language)}" for row in found)
    return translate(
        "{intervals}. By Monte Carlo with {draws} draws, over what the balance holds: no gap is in it.",
        language,
        intervals=said,
        draws=numbers.decimal(found[0]["draws"], language),
    )


def changes(result: Result, language: Language) -> str:
    """Return one sentence per book about the change against another year; empty where there is none."""
    return " ".join(_change(row, language) for row in rows(result, CHANGE))


def _change(row: Row, language: Language) -> str:
    """Return what may be said of a change: a difference only where its interval excludes zero."""
    different = "{book}: different from {year} by {change} (95 % interval {interval})."
    same = "{book}: not known to differ from {year}; the interval of the change, {interval}, holds zero."
    unknown = "{book}: whether the total differs from {year} was not computed."
    message = {True: different, False: same, None: unknown}[row["is_different"]]
    told = {"book": names.book(row["book"], language), "year": row["year"]}
    more = {"change": value(row, language), "interval": span(row, language)}
    wanted = {name: text for name, text in more.items() if f"{{{name}}}" in message}
    return translate(message, language, **told, **wanted)


def qualities(result: Result) -> pl.DataFrame:
    """Return book, quality, co2e_kg and its share: scopes 1 to 3, the best first.

    Shares are of the sum of absolute amounts, so that credits do not make them exceed the whole.
    """
    order = {name: position for position, name in enumerate([*result.manifest.books, *Quality])}
    known = counted(result.lines).filter(pl.col("co2e_kg").is_not_null())
    sums = known.group_by("book", "quality").agg(
        pl.col("co2e_kg").sum(), pl.col("co2e_kg").cast(pl.Float64).abs().sum().alias("_size")
    )
    whole = pl.col("_size").sum().over("book")
    places = [
        pl.col(name).replace_strict(order, default=len(order), return_dtype=pl.Int64)
        for name in ("book", "quality")
    ]
    told = sums.with_columns(pl.when(whole > 0).then(pl.col("_size") / whole).alias("share")).sort(*places)
    return told.select("book", "quality", "co2e_kg", "share")


def qualities_text(result: Result, book: str, language: Language) -> str:
    """Return the shares of a book's emissions by how its quantities came about."""
    found = qualities(result).filter(pl.col("book") == book)
    said = [
        f"{names.quality(quality, language)} {numbers.share(share, language)}"
        for quality, share in found.select("quality", "share").iter_rows()
    ]
    return ", ".join(said) or numbers.missing(language)


def unsafe_share(result: Result, book: str, of: str) -> float | None:
    """Return the share of a book's amounts whose half width no source that was read states; None: unknown."""
    found = [row for row in rows(result, "half_width") if row["book"] == book and row["of"] == of]
    if not found:
        return None
    return sum(
        row["share"] or 0.0
        for row in found
        if row["standing"] not in (None, *_SAFE) or row["subject"] is None
    )
