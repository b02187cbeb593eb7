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
    is_counted = pl.col("kind") != "money"  # a meter counts no money
    rows = rows.with_columns(pl.when(is_counted).then(read).alias("from_readings"), factor.alias("step"))
    money = pl.when(pl.col("kind") == "money").then(value["cost_net"])
    rows = rows.with_columns(stated=pl.coalesce(value["quantity"], "from_readings", money))
    in_stock = value["stock_before"].is_not_null() & value["stock_after"].is_not_null()
    # stock before and after make sense for a delivery only, whether or not the row says that it is one, and
    # never for money: a tank holds litres
    is_delivery = pl.col("role_code").fill_null(str(Role.DELIVERED)) == Role.DELIVERED
    with_stock = (in_stock & is_delivery & (pl.col("kind") != "money")).fill_null(value=False)
    used = (value["stock_before"] + pl.col("stated") - value["stock_after"]).cast(QUANTITY, strict=False)
    return rows.with_columns(
        amount=pl.when(with_stock).then(used).otherwise("stated").cast(QUANTITY),
        delivered=pl.when(with_stock).then(plain(pl.col("stated"))),
        role_code=pl.when(with_stock).then(pl.lit(str(Role.DELIVERED))).otherwise("role_code"),
    )


def refuse_amounts(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse quantities whose sign contradicts the document, and ones that are beyond all bounds."""
    findings, title = columns.findings, columns.title("quantity")
    factor = findings.without_rejected(rows).filter(pl.col("step") <= 0)
    expected = "numbers above 0"
    text = pl.col("multiplier")
    findings.flag(factor, "unknown_value", columns.title("multiplier"), text, expected=expected)
    rows = findings.without_rejected(rows)
    kind = pl.col("document_type_code").fill_null("")
    _refuse_negative(rows.filter((pl.col("amount") < 0) & ~kind.is_in(_MAY_BE_NEGATIVE)), columns)
    given = rows.filter((pl.col("amount") > 0) & (kind == DocumentType.CREDIT))
    findings.flag(given, "positive_credit", title, pl.coalesce("quantity", "cost_net"))
    lost = rows.filter(pl.col("amount").is_null())
    is_empty = (pl.col("kind") == "money") & pl.col("stated").is_null()
    findings.flag(lost.filter(is_empty), "missing_value", title)
    text = pl.coalesce("quantity", _reading_text())
    findings.flag(lost.filter(~is_empty), "number_too_large", title, text)


def _refuse_negative(negative: pl.DataFrame, columns: Columns) -> None:
    """Say why a quantity is negative: two meter readings, the stock after a delivery, or as stated."""
    flag, title = columns.findings.flag, columns.title
    is_stock = pl.col("delivered").is_not_null()
    is_read = pl.col("quantity").is_null() & pl.col("from_readings").is_not_null() & ~is_stock
    closing, opening = pl.col("closing_reading"), pl.col("opening_reading")
    flag(negative.filter(is_read), "meter_reset", title("closing_reading"), closing, opening=opening)
    reason = pl.format("{} + {} − {}", "stock_before", "delivered", "stock_after")
    after = pl.col("stock_after")
    flag(negative.filter(is_stock), "stock_exceeds", title("stock_after"), after, reason=reason)
    text = pl.coalesce("quantity", "cost_net")
    flag(negative.filter(~is_read & ~is_stock), "negative_quantity", title("quantity"), text)


def _reading_text() -> pl.Expr:
    """Return how a quantity comes from meter readings, as text."""
    factor = pl.col("multiplier").fill_null("1")
    return pl.format("({} − {}) × {}", "closing_reading", "opening_reading", factor)


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
    for name in _multiples():
        scaled = (value * pl.lit(money_factor(name))).cast(QUANTITY, strict=False)
        value = pl.when(code == name).then(scaled).otherwise(value)
    return value


def money_factor(text: str) -> int:
    """Return how many whole currency units one of a unit's spelling is: 1000 for `T€`; else 1."""
    found = units.find(text)
    entry = _multiples().get(found.unit) if found else None
    return int(units.ratio(entry.code, entry.dimension.partition(":")[2])) if entry else 1


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
    reason = pl.format("{} = {}", _reading_text(), plain(read))
    columns.findings.flag(
        wrong, "suspect_value", columns.title("quantity"), pl.col("quantity"), reason=reason
    )
    is_bare = (pl.col("role_code") == Role.DELIVERED) & pl.col("delivered").is_null()
    bare = rows.filter(is_bare & (pl.col("kind") != "money"))
    columns.findings.flag(bare, "delivery_not_consumption", columns.title("role"), pl.col("role"))


def remark_cost(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows which cost could not be used, because its currency is not known."""
    text = pl.concat_str("cost_net", "currency_text", separator=" ", ignore_nulls=True)
    lost = rows.filter(pl.col("cost_net_value").is_not_null() & pl.col("cost").is_null())
    none = pl.col("currency_text").is_null()
    reason = pl.when(none).then(pl.lit("no currency")).otherwise(pl.lit("unknown currency"))
    columns.findings.flag(lost, "cost_unusable", columns.title("cost_net"), text, reason=reason)
