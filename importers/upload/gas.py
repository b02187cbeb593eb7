"""Gas in cubic metres whose row states what its bill states: it becomes kWh (Hs), as the bill computes it.

m³ at the meter × state number × gross calorific value     both are needed
standard m³ × gross calorific value                        the state number is in them

Rows that state neither stay cubic metres; the parameters of the supply area convert them (docs/method.md).
"""

from decimal import Decimal
from typing import Final

import polars as pl

from bilanz import units
from bilanz.activity import activities
from bilanz.records import QUANTITY, Basis
from importers.upload.columns import Columns

PARAMETERS: Final = ("state_number", "calorific_value")
_VOLUMES: Final = ("volume", "norm_volume")
_ENERGY: Final = "kWh"
# Within bounds comma and point can only be decimal signs, and MJ per m³ (above 30) are not taken as kWh.
_BOUNDS: Final = {"state_number": ("0.7", "6"), "calorific_value": ("2", "20")}
_EXPECTED: Final = {
    "state_number": "numbers from 0.7 to 6",
    "calorific_value": "numbers from 2 to 20 (kWh per standard cubic metre)",
}
_LONG: Final = pl.Decimal(38, 12)


def to_energy(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows with `billed_energy`; where it is true, `amount` is in kWh and the basis is Hs.

    A parameter beyond its bounds refuses the row; one without the other is remarked on, and nothing is done.
    """
    gases = [code for code, entry in activities().items() if "norm_volume" in entry.dimensions]
    is_volume = (pl.col("activity_code").is_in(gases) & pl.col("kind").is_in(_VOLUMES)).fill_null(value=False)
    rows = rows.with_columns(is_volume.alias("gas_volume"), *(_read(name) for name in PARAMETERS))
    stated = rows.filter("gas_volume")
    for name in PARAMETERS:
        wrong = stated.filter(pl.col(name).is_not_null() & pl.col(f"{name}_value").is_null())
        columns.findings.flag(
            wrong, "unknown_value", columns.title(name), pl.col(name), expected=_EXPECTED[name]
        )
    state = (
        pl.when(pl.col("kind") == "norm_volume").then(pl.lit(1).cast(_LONG)).otherwise("state_number_value")
    )
    energy = pl.col("amount").cast(_LONG) * _base(rows) * state * pl.col("calorific_value_value")
    rows = rows.with_columns(energy=pl.when("gas_volume").then(energy.cast(QUANTITY, strict=False)))
    billed = pl.col("energy").is_not_null()
    return rows.with_columns(
        billed_energy=billed,
        amount=pl.coalesce("energy", "amount"),
        unit_code=pl.when(billed).then(pl.lit(_ENERGY)).otherwise("unit_code"),
        basis_code=pl.when(billed).then(pl.lit(str(Basis.HS))).otherwise("basis_code"),
    )


def remark_parameters(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows where a parameter stands without the other."""
    alone = rows.filter(
        pl.col("gas_volume") & ~pl.col("billed_energy") & pl.any_horizontal(pl.col(PARAMETERS).is_not_null())
    )
    text = pl.coalesce(PARAMETERS)
    reason = "state number and calorific value only count together"
    columns.findings.flag(alone, "suspect_value", columns.title(PARAMETERS[0]), text, reason=pl.lit(reason))


def _read(name: str) -> pl.Expr:
    """Return a parameter as a number; null where it is none or beyond its bounds."""
    low, high = (pl.lit(bound).cast(_LONG) for bound in _BOUNDS[name])
    plain = pl.col(name).str.strip_chars().str.replace(",", ".", literal=True)
    shaped = pl.when(plain.str.contains(r"^\d{1,3}(\.\d{1,12})?$")).then(plain)
    value = shaped.cast(_LONG, strict=False)
    return pl.when(value.is_between(low, high)).then(value).alias(f"{name}_value")


def _base(rows: pl.DataFrame) -> pl.Expr:
    """Return cubic metres per unit of the quantity."""
    codes = rows.filter("gas_volume")["unit_code"].drop_nulls().unique()
    bases = {code: "m3n" if units.dimension(code) == "norm_volume" else "m3" for code in codes}
    ratios = {code: units.ratio(code, base) for code, base in bases.items()}
    exact = {
        code: f"{Decimal(ratio.numerator) / Decimal(ratio.denominator):.12f}"
        for code, ratio in ratios.items()
    }
    return pl.col("unit_code").replace_strict(exact, default=None, return_dtype=pl.String).cast(_LONG)
