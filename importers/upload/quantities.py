"""What a row's quantity is: stated, read from a meter, or a delivery set against the stock.

quantity given                            as stated
opening and closing reading               (closing − opening) × multiplier
both                                      as stated; they must agree
role delivered, stock before and after    stock before + quantity − stock after
activity measured in money only, no quantity    the net cost
"""

from decimal import Decimal
from typing import Final

import polars as pl

from bilanz import units
from bilanz.records import QUANTITY, Basis, DocumentType, Quality, Role
from importers.upload.columns import Columns
from importers.upload.words import pure_spend

NUMBERS: Final = (
    "quantity",
    "cost_net",
    "opening_reading",
    "closing_reading",
    "multiplier",
    "stock_before",
    "stock_after",
)
_MAY_BE_NEGATIVE: Final = (str(DocumentType.CORRECTION), str(DocumentType.CREDIT))
_TOLERANCE: Final = 1000  # a stated quantity may differ by a thousandth, or by one step of the meter


def split_blank(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows that state a quantity in any way; the others are ignored: empty is not zero."""
    has_readings = pl.col("opening_reading").is_not_null() & pl.col("closing_reading").is_not_null()
    has_money = (
        pl.col("activity_code").is_in(pure_spend()).fill_null(value=False) & pl.col("cost_net").is_not_null()
    )
    has = pl.col("quantity").is_not_null() | has_readings | has_money
    columns.findings.flag(rows.filter(~has), "blank", columns.title("quantity"))
    return rows.filter(has)


def derive(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `amount` (what counts) and `delivered` (where the stock decides)."""
    value = {name: pl.col(f"{name}_value") for name in NUMBERS}
    factor = (
        pl.when(pl.col("multiplier").is_null()).then(pl.lit(1).cast(QUANTITY)).otherwise(value["multiplier"])
    )
    read = ((value["closing_reading"] - value["opening_reading"]) * factor).cast(QUANTITY, strict=False)
    rows = rows.with_columns(read.alias("from_readings"), factor.alias("step"))
    money = pl.when(pl.col("kind") == "money").then(value["cost_net"])
    rows = rows.with_columns(stated=pl.coalesce(value["quantity"], "from_readings", money))
    in_stock = value["stock_before"].is_not_null() & value["stock_after"].is_not_null()
    # stock before and after make sense for a delivery only, whether or not the row says that it is one
    is_delivery = pl.col("role_code").fill_null(str(Role.DELIVERED)) == Role.DELIVERED
    with_stock = (in_stock & is_delivery).fill_null(value=False)
    used = (value["stock_before"] + pl.col("stated") - value["stock_after"]).cast(QUANTITY, strict=False)
    return rows.with_columns(
        amount=pl.when(with_stock).then(used).otherwise("stated").cast(QUANTITY),
        delivered=pl.when(with_stock).then(plain(pl.col("stated"))),
        role_code=pl.when(with_stock).then(pl.lit(str(Role.DELIVERED))).otherwise("role_code"),
    )


def refuse_negative(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse negative quantities of rows that are neither a correction nor a credit."""
    negative = (pl.col("amount") < 0) & ~pl.col("document_type_code").is_in(_MAY_BE_NEGATIVE).fill_null(
        value=False
    )
    text = pl.coalesce("quantity", pl.col("amount").cast(pl.String))
    columns.findings.flag(rows.filter(negative), "negative_quantity", columns.title("quantity"), text)


def read_cost(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows with `cost` and `cost_currency`; a cost without a known currency is null."""
    bracket = columns.match.brackets.get("cost_net")
    given = pl.coalesce("currency", pl.lit(bracket, dtype=pl.String))
    rows = rows.with_columns(currency_text=given)
    texts = rows["currency_text"].drop_nulls().unique().sort()
    codes = pl.Series([currency(text) for text in texts], dtype=pl.String)
    code = pl.col("currency_text").replace_strict(texts, codes, default=None, return_dtype=pl.String)
    rows = rows.with_columns(currency_code=code)
    has = pl.col("currency_code").is_not_null() & pl.col("cost_net_value").is_not_null()
    scaled = in_whole_currency(pl.col("cost_net_value"), pl.col("currency_code"))
    return rows.with_columns(
        cost=pl.when(has).then(scaled),
        cost_currency=pl.when(has).then(whole_currency(pl.col("currency_code"))),
        cost_lost=pl.when(~has).then("cost_net"),
    )


def spend_in_currency(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with money in whole currency units: thousands of euros become euros."""
    money = pl.col("kind") == "money"
    code = pl.col("unit_code")
    return rows.with_columns(
        amount=pl.when(money)
        .then(in_whole_currency(pl.col("amount"), code))
        .otherwise("amount")
        .cast(QUANTITY),
        unit_code=pl.when(money).then(whole_currency(code)).otherwise(code),
        basis_code=pl.when(money).then(pl.lit(str(Basis.NONE))).otherwise("basis_code"),
        quality_code=pl.when(money).then(pl.lit(str(Quality.SPEND))).otherwise("quality_code"),
    )


def total(values: pl.Series) -> Decimal:
    """Return the exact sum of a DECIMAL series, which may be wider than one of its values."""
    return Decimal(values.cast(pl.Decimal(38, QUANTITY.scale)).sum())


def plain(value: pl.Expr) -> pl.Expr:
    """Return a DECIMAL as text without trailing zeros."""
    return value.cast(pl.String).str.replace(r"\.?0+$", "")


def currency(text: str) -> str | None:
    """Return the code of a currency by its spelling; None: it is none."""
    found = units.find(text)
    return found.unit if found and units.unit(found.unit).kind == "money" else None


def whole_currency(code: pl.Expr) -> pl.Expr:
    """Return the currency of a code: `kEUR` is counted in EUR."""
    names = {name: entry.dimension.partition(":")[2] for name, entry in _multiples().items()}
    return code.replace(names)


def in_whole_currency(value: pl.Expr, code: pl.Expr) -> pl.Expr:
    """Return amounts of money in whole currency units."""
    for name, entry in _multiples().items():
        factor = units.ratio(name, entry.dimension.partition(":")[2])
        scaled = (value * pl.lit(int(factor))).cast(QUANTITY, strict=False)
        value = pl.when(code == name).then(scaled).otherwise(value)
    return value


def _multiples() -> dict[str, units.Unit]:
    """Return the units of money that are not a currency themselves."""
    return {
        code: entry
        for code, entry in units.units().items()
        if entry.kind == "money" and entry.dimension != f"money:{code}"
    }


def remark_quantities(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows where quantity and meter readings differ, and which deliveries lack a stock."""
    stated, read = pl.col("quantity_value"), pl.col("from_readings")
    off = (stated - read).abs()
    differs = (off > pl.col("step").abs()) & (off * _TOLERANCE > stated.abs())
    wrong = rows.filter(differs.fill_null(value=False))
    factor = pl.col("multiplier").fill_null("1")
    reason = pl.format("({} − {}) × {} = {}", "closing_reading", "opening_reading", factor, plain(read))
    columns.findings.flag(
        wrong, "suspect_value", columns.title("quantity"), pl.col("quantity"), reason=reason
    )
    bare = rows.filter((pl.col("role_code") == Role.DELIVERED) & pl.col("delivered").is_null())
    columns.findings.flag(bare, "delivery_not_consumption", columns.title("role"), pl.col("role"))


def remark_cost(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows which cost could not be used, because its currency is not known."""
    text = pl.concat_str("cost_net", "currency_text", separator=" ", ignore_nulls=True)
    lost = rows.filter(pl.col("cost_net_value").is_not_null() & pl.col("cost").is_null())
    none = pl.col("currency_text").is_null()
    reason = pl.when(none).then(pl.lit("no currency")).otherwise(pl.lit("unknown currency"))
    columns.findings.flag(lost, "cost_unusable", columns.title("cost_net"), text, reason=reason)
