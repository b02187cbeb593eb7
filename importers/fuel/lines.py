"""The lines of a fuel card: what was bought, which vehicle, how much, and whether it is there twice."""

import hashlib
from datetime import datetime
from typing import Final

import polars as pl

from bilanz import activity, units
from bilanz.issues import Issue
from bilanz.records import Basis, DocumentType
from importers.base import ImportRequest
from importers.fuel.products import classify
from importers.upload import vocabulary
from importers.upload.columns import Columns
from importers.upload.findings import ROW
from importers.upload.quantities import currency, total
from importers.upload.spans import shown_period
from importers.upload.words import (
    activity_name,
    expected_dimensions,
    looked_up,
    measures,
    with_meaning,
)

PRODUCT_NAMES: Final = ("product_description", "product", "product_class")
_NOT_RELEVANT: Final = "__reason"
_MIDNIGHT: Final = r"[ T]00:00(:00)?$"
_PRICE: Final = r"^(?:([A-Z]{3}|€)\s*)?([-+]?[0-9][0-9.,' ]*)(?:\s*([A-Z]{3}|€))?$"


def with_time(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with date and time of day in one text, where they are two columns."""
    both = pl.concat_str([pl.col("date").str.replace(_MIDNIGHT, ""), "time"], separator=" ")
    return rows.with_columns(date=pl.coalesce(both, "date"))


def with_product(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `activity_code`, `__reason` (not relevant because) and `product_text`."""
    names = rows.select(PRODUCT_NAMES).unique()
    found = [classify(*entry) for entry in names.rows()]
    means = names.with_columns(
        pl.Series("activity_code", [it.activity if it else None for it in found], dtype=pl.String),
        pl.Series(_NOT_RELEVANT, [it.reason if it else None for it in found], dtype=pl.String),
    )
    rows = rows.join(means, on=PRODUCT_NAMES, how="left", nulls_equal=True, maintain_order="left")
    return rows.with_columns(product_text=pl.coalesce(PRODUCT_NAMES))


def set_apart(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the lines that state a quantity of fuel or current; the others are ignored, and said."""
    findings = columns.findings
    other = pl.col(_NOT_RELEVANT).is_not_null()
    title = next((columns.title(name) for name in PRODUCT_NAMES if name in columns.match.positions), "")
    text, reason = pl.col("product_text"), pl.col(_NOT_RELEVANT)
    findings.flag(rows.filter(other), "not_relevant", title, text, reason=reason)
    rows = rows.filter(~other)
    blank = pl.col("quantity").is_null()
    findings.flag(rows.filter(blank), "blank", columns.title("quantity"))
    return rows.filter(~blank)


def with_activity(rows: pl.DataFrame, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with the activity of the request where the line names no product."""
    if request.activity is None:
        return rows
    return rows.with_columns(
        activity_code=pl.when(pl.col("product_text").is_null())
        .then(pl.lit(request.activity))
        .otherwise("activity_code")
    )


def with_unit(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with `unit_text`, `unit_code`, `kind`: of the cell, the header or the request."""
    title = columns.title("quantity")
    stated = columns.match.brackets.get("quantity") or unit_of_header(title)
    header = stated or columns.unit_of("quantity") or request.unit
    rows = rows.with_columns(unit_text=pl.coalesce("unit", pl.lit(header, dtype=pl.String)))
    rows = with_meaning(rows, "unit_text", "unit_code", _unit_code)
    rows = with_meaning(rows, "unit_code", "kind", lambda code: units.unit(code).kind)
    text, findings = pl.col("unit_text"), columns.findings
    _refuse_other_unit(rows, header, columns)
    unit_title = columns.title("unit") if "unit" in columns.match.positions else title
    findings.flag(rows.filter(text.is_null()), "missing_unit", unit_title)
    unknown = rows.filter(text.is_not_null() & pl.col("unit_code").is_null())
    near = looked_up(unknown, "unit_text", lambda name: ", ".join(units.near(name)) or "–")
    findings.flag(unknown, "unknown_unit", unit_title, text, near=near)
    known = rows.filter(pl.col("unit_code").is_not_null() & pl.col("activity_code").is_not_null())
    pairs = known.select("activity_code", "kind").unique()
    fits = [kind != "money" and measures(code, kind) for code, kind in pairs.rows()]
    wrong = pairs.filter(~pl.Series(fits, dtype=pl.Boolean))
    bad = known.join(wrong, on=["activity_code", "kind"], how="semi")
    named = looked_up(bad, "activity_code", activity_name)
    expected = looked_up(bad, "activity_code", expected_dimensions)
    findings.flag(bad, "unit_mismatch", unit_title, text, activity=named, expected=expected)
    return rows


def _refuse_other_unit(rows: pl.DataFrame, header: str | None, columns: Columns) -> None:
    """Refuse lines in another unit of the same kind than the header of their quantity states.

    Litres in the header and kWh in the line are a charging session among refuellings; gallons are a mistake.
    """
    stated = units.find(header or "")
    if stated is None:
        return
    kind = units.unit(stated.unit).kind
    other = rows.filter((pl.col("unit_code") != stated.unit) & (pl.col("kind") == kind))
    columns.findings.flag(
        other, "unit_conflict", columns.title("unit"), pl.col("unit_text"), stated=columns.title("quantity")
    )


def unit_of_header(title: str) -> str | None:
    """Return the unit a header such as `Liter` or `Menge in Liter` names; None: it names none."""
    words = title.replace("[", " ").replace("(", " ").strip("]) ").split()
    return next((text for text in (title, words[-1] if words else "") if text and units.find(text)), None)


def with_source(rows: pl.DataFrame, _columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with `source`: the vehicle, else a pseudonym of the card, else the requested source."""
    rows = with_meaning(rows, "card", "card", _pseudonym)
    given = pl.lit(request.source, dtype=pl.String)
    return rows.with_columns(source=pl.coalesce("vehicle", "card", given))


def with_document_type(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `document_type_code` where they are marked as correction or credit."""
    marks = {str(DocumentType.CORRECTION), str(DocumentType.CREDIT)}

    def mark(word: str) -> str | None:
        code = vocabulary.find("document_type", word)
        return code if code in marks else None

    return with_meaning(rows, "document_type", "document_type_code", mark)


def with_price(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the rows with the number of a price apart from a currency written beside it (`EUR 50.00`)."""
    bare = pl.col(name).str.extract(_PRICE, 2).str.strip_chars()
    beside = pl.coalesce(pl.col(name).str.extract(_PRICE, 1), pl.col(name).str.extract(_PRICE, 3))
    return rows.with_columns(
        pl.coalesce(bare, name).alias(name), pl.coalesce("currency", beside).alias("currency")
    )


def with_currency(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows with `cost` and `cost_currency`; a cost without a known currency stays text."""
    given = columns.match.brackets.get("cost_net")
    text = pl.coalesce("currency", pl.lit(given, dtype=pl.String)).str.to_uppercase()
    rows = with_meaning(rows.with_columns(currency_text=text), "currency_text", "cost_currency", currency)
    has = pl.col("cost_net_value").is_not_null() & pl.col("cost_currency").is_not_null()
    return rows.with_columns(
        cost=pl.when(has).then("cost_net_value"),
        cost_currency=pl.when(has).then("cost_currency"),
        cost_lost=pl.when(~has).then("cost_net"),
        gross_currency=pl.when(pl.col("cost_gross").is_not_null()).then("currency_text"),
    )


def remark_products(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted lines whose product is not known; once for the file where it has no such column."""
    named = [name for name in PRODUCT_NAMES if name in columns.match.positions]
    unknown = rows.filter(pl.col("activity_code").is_null())
    if named:
        text = pl.col("product_text").fill_null("–")
        columns.findings.flag(unknown, "not_classified", columns.title(named[0]), text)
    elif not unknown.is_empty():
        columns.findings.add(Issue("not_classified", value=columns.title("quantity")))


def remark_cost(rows: pl.DataFrame, columns: Columns) -> None:
    """Say which cost could not be used, once for each reason, with its sum."""
    lost = rows.filter(pl.col("cost_net_value").is_not_null() & pl.col("cost").is_null())
    for (text,), group in lost.group_by("currency_text", maintain_order=True):
        value = f"{total(group['cost_net_value']).normalize():f} {text or ''}".strip() + f" ({group.height})"
        reason = "no currency" if text is None else "unknown currency"
        title, parameters = columns.title("cost_net"), {"reason": reason}
        columns.findings.add(Issue("cost_unusable", column=title, value=value, parameters=parameters))


def with_basis(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with `basis_code`: of the request for fuels in units of energy, else none applies.

    A pump states no basis; where nobody states it, the row is imported and stands in the exceptions.
    """
    needs = [entry.code for entry in activity.activities().values() if entry.needs_basis]
    fuel = pl.col("activity_code").is_in(needs).fill_null(value=False) & (pl.col("kind") == "energy")
    given = pl.when(fuel).then(pl.lit(request.basis, dtype=pl.String)).fill_null(str(Basis.NONE))
    rows = rows.with_columns(basis_code=given)
    if request.basis is None:
        unit = pl.col("unit_text")
        columns.findings.flag(rows.filter(fuel), "basis_missing", columns.title("quantity"), unit=unit)
    return rows


def refuse_doubles(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse lines that are there twice: the same transaction and line, or the same in every cell.

    A number alone proves nothing: stations number their receipts each by itself, and some leave the line out.
    """
    stated, lined = pl.col("transaction_id").is_not_null(), pl.col("line").is_not_null()
    number = ["transaction_id", "vehicle", "date"]
    parts = (
        (rows.filter(stated & lined), [*number, "line"]),
        (rows.filter(stated & ~lined), [*number, "product_text"]),
        (rows.filter(~stated), ["__cells"]),
    )
    for part, key in parts:
        first = part.with_columns(first=pl.col(ROW).min().over(key))
        doubled = first.filter(pl.col("first") != pl.col(ROW))
        columns.findings.flag(
            doubled, "duplicate_row", columns.title("date"), pl.col("date"), first=pl.col("first")
        )


def refuse_negative(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse negative quantities that are not marked as a correction or credit, and positive credits."""
    title, text, kind = columns.title("quantity"), pl.col("quantity"), pl.col("document_type_code")
    negative = rows.filter((pl.col("quantity_value") < 0) & kind.is_null())
    columns.findings.flag(negative, "negative_quantity", title, text)
    given = rows.filter((pl.col("quantity_value") > 0) & (kind == DocumentType.CREDIT))
    columns.findings.flag(given, "positive_credit", title, text)


def refuse_outside(rows: pl.DataFrame, columns: Columns, period: tuple[datetime, datetime] | None) -> None:
    """Refuse lines without a date or outside the declared period."""
    columns.findings.flag(rows.filter(pl.col("date").is_null()), "missing_value", columns.title("date"))
    if period is None:
        return
    first, last = (moment.replace(tzinfo=None) for moment in period)
    date = pl.col("date_utc")
    outside = rows.filter((date < first) | (date >= last))
    expected = shown_period(period, columns.zone)
    columns.findings.flag(outside, "outside_period", columns.title("date"), pl.col("date"), expected=expected)


def _unit_code(text: str) -> str | None:
    found = units.find(text)
    return found.unit if found else None


def _pseudonym(card: str) -> str:
    """Return a name for a card that keeps its lines together and does not show its number."""
    return f"card-{hashlib.sha256(card.encode()).hexdigest()[:10]}"
