"""The gate every factor row passes on load: a wrong unit or a slipped decimal point stops here.

A rule is an expression that is true where the row is broken. What cannot be decided, because an earlier value
is unreadable, is not reported twice (null counts as not broken). The bounds are wide: they catch factors of
ten and a thousand, not opinions.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.factor import FACTOR_VALUE, Chain, Delivery, Evidence, Method
from bilanz.gases import EQUIVALENT
from factors.siblings import TOLERANCE, per_net_energy
from factors.substances import ACTIVITIES as SUBSTANCES
from factors.table import FILE, ROW, Rule

# unit of the activity → what it measures, size in the base unit the bounds below are stated in
# (MJ, l, kg, km, pkm, tkm, EUR, SRm, m3n, scf, count, m2, night, fte_hour). A test compares every size with
# `bilanz.units`.
PER_UNITS: Final[dict[str, tuple[str, float]]] = {
    "kWh": ("energy", 3.6),
    "MWh": ("energy", 3600.0),
    "MJ": ("energy", 1.0),
    "GJ": ("energy", 1000.0),
    "TJ": ("energy", 1_000_000.0),
    "MMBtu": ("energy", 1055.05585262),
    "l": ("volume", 1.0),
    "Ml": ("volume", 1_000_000.0),
    "m3": ("volume", 1000.0),
    "gal_us": ("volume", 3.785411784),
    "ft3": ("volume", 28.316846592),
    "m3n": ("norm_volume", 1.0),
    "scf": ("standard_volume", 1.0),
    "kg": ("mass", 1.0),
    "t": ("mass", 1000.0),
    "lb": ("mass", 0.45359237),
    "short_ton": ("mass", 907.18474),
    "km": ("distance", 1.0),
    "mi": ("distance", 1.609344),
    "pkm": ("passenger_distance", 1.0),
    "pmi": ("passenger_distance", 1.609344),
    "tkm": ("freight", 1.0),
    "short_ton_mile": ("freight", 0.90718474 * 1.609344),
    "EUR": ("money", 1.0),
    "kEUR": ("money", 1000.0),
    "USD": ("money", 1.0),
    "SRm": ("bulk_volume", 1.0),
    "count": ("count", 1.0),
    "m2": ("area", 1.0),
    "night": ("nights", 1.0),
    "fte_hour": ("working_time", 1.0),
}
MASS_UNITS: Final[dict[str, float]] = {"g": 0.001, "kg": 1.0, "t": 1000.0, "lb": 0.45359237}
GWP_SETS: Final = ("SAR", "TAR", "AR4", "AR5", "AR6", "unstated")
BASES: Final = ("Hi", "Hs", "none", "unstated")
DELIVERIES: Final = tuple(kind.value for kind in Delivery)
PRICE_BASES: Final = ("basic", "purchaser")
HEAT: Final = ("district_heat", "district_steam", "district_cooling")

# kg per base unit. Pure carbon burns to 3.664 kg CO2 per kg (44.01 / 12.011); coke, the most carbon-rich
# fuel, stays under 0.12 kg CO2 per MJ. Oil is at about 3.2 kg per litre.
FUEL_CO2_PER_MJ: Final = 0.12
FUEL_CO2_PER_KG: Final = 3.67
_BOUNDS: Final = {
    "energy": 0.6,
    "volume": 5.0,
    "mass": 6.0,
    "distance": 5.0,
    "passenger_distance": 2.0,
    "freight": 5.0,
    "money": 20.0,
    "bulk_volume": 2000.0,
    "norm_volume": 5.0,
    "standard_volume": 0.2,
    "count": 5000.0,
    "nights": 500.0,
    "working_time": 5.0,
}
_FUEL_CO2E_PER_MJ: Final = 0.16
_SIBLINGS: Final = 10.0
_ROUNDING: Final = 0.01
_POWER: Final = "electricity"
_MAIN: Final = ("CO2", EQUIVALENT)
_COMBUSTION_GASES: Final = ("CO2", "CH4", "N2O")

_ALWAYS: Final = (
    "factor_id",
    "source",
    "edition",
    "region",
    "valid_from",
    "gas",
    "value",
    "mass_unit",
    "per_unit",
    "basis",
    "chain",
    "evidence",
    "title",
)
_WHEN_PUBLISHED: Final = ("publisher", "locator", "licence")

FINDING_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    FILE: pl.String,
    ROW: pl.Int64,
    "factor_id": pl.String,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
}


def findings(
    frame: pl.DataFrame,
    *,
    gases: Iterable[str],
    gwp: pl.DataFrame,
    properties: pl.DataFrame,
    negatives: Iterable[str] = (),
) -> pl.DataFrame:
    """Return what is wrong with factor rows.

    Args:
        frame: the columns of `FACTOR_SCHEMA` as text, with `_file` and `_row`.
        gases: the codes that may be named.
        gwp: rows of `GWP_SCHEMA`, to add up gases that stand beside their CO2e.
        properties: rows of `PROPERTY_SCHEMA`, to compare a fuel by mass, volume and energy.
        negatives: sources whose publication has negative values.

    Shape: one row per broken rule and row, in `FINDING_SCHEMA`, in the order of the rules.
    """
    rules = _rules(tuple(sorted(gases)), tuple(sorted(negatives)))
    measured = _measured(frame, gwp)
    measured = measured.with_columns(per_net_energy(measured, properties).alias("_kg_per_mj"))
    flags = measured.select(rule.broken.fill_null(value=False).alias(str(i)) for i, rule in enumerate(rules))
    broken = [i for i, column in enumerate(flags.iter_columns()) if column.any()]
    parts = [
        frame.filter(flags.get_column(str(i))).select(
            FILE,
            ROW,
            "factor_id",
            pl.lit(rules[i].column).alias("column"),
            pl.col(rules[i].column).alias("value"),
            pl.lit(rules[i].reason).alias("reason"),
        )
        for i in broken
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=FINDING_SCHEMA)


def decimal_text(column: str) -> pl.Expr:
    """Return whether a text is a plain decimal: digits, at most one point, at most 18 decimals."""
    return pl.col(column).str.contains(r"^-?\d{1,15}(\.\d{1,18})?$")


def iso_date(column: str) -> pl.Expr:
    """Return a text as a date, null where it is none in the form 2024-01-31."""
    shaped = pl.when(pl.col(column).str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(pl.col(column))
    return shaped.str.to_date("%Y-%m-%d", strict=False)


def _measured(frame: pl.DataFrame, gwp: pl.DataFrame) -> pl.DataFrame:
    """Add what the rules compare: the value in kg per base unit, dates, dimension, kind of activity."""
    fuels = [code for code, entry in activities().items() if entry.needs_basis]
    number = pl.when(decimal_text("value")).then(pl.col("value")).cast(FACTOR_VALUE).cast(pl.Float64)
    mass = pl.col("mass_unit").replace_strict(MASS_UNITS, default=None, return_dtype=pl.Float64)
    sizes = {unit: size for unit, (_, size) in PER_UNITS.items()}
    kinds = {unit: kind for unit, (kind, _) in PER_UNITS.items()}
    size = pl.col("per_unit").replace_strict(sizes, default=None, return_dtype=pl.Float64)
    weighted = pl.concat_str(pl.col("gwp").max().over("factor_id", "chain"), "gas", separator=" ")
    own = pl.concat_str("gwp", "gas", separator=" ")
    about = pl.coalesce("activity", pl.concat_str("category", "item", separator=": ", ignore_nulls=True))
    potentials = {
        f"{name} {gas}": float(value) for name, gas, value in gwp.select("gwp", "gas", "value").iter_rows()
    }
    return frame.with_columns(
        (number * mass / size).alias("_kg"),
        weighted.replace_strict(potentials, default=None, return_dtype=pl.Float64).alias("_potential"),
        own.replace_strict(potentials, default=None, return_dtype=pl.Float64).alias("_own_potential"),
        about.alias("_about"),
        _rounding(number).alias("_rounding"),
        pl.col("per_unit").replace_strict(kinds, default=None, return_dtype=pl.String).alias("_kind"),
        pl.col("activity").is_in(fuels).alias("_fuel"),
        iso_date("valid_from").alias("_from"),
        iso_date("valid_to").alias("_to"),
    )


def _rounding(number: pl.Expr) -> pl.Expr:
    """Return by what part a printed value may differ from the one that was meant.

    Half a unit of its last digit; of traces (CH4, N2O), which are seen cut off too, a whole one.
    """
    decimals = pl.col("value").str.extract(r"\.(\d+)$").str.len_chars().fill_null(0)
    units = pl.when(pl.col("gas").is_in(_MAIN)).then(0.5).otherwise(1.0)
    return units * pl.lit(10.0).pow(-decimals.cast(pl.Float64)) / number


@cache
def _rules(gases: tuple[str, ...], negatives: tuple[str, ...]) -> tuple[Rule, ...]:
    return (
        *_presence(),
        *_vocabulary(gases),
        *_values(negatives),
        *_consistency(),
        *_siblings(),
    )


def _presence() -> Iterable[Rule]:
    for name in _ALWAYS:
        yield Rule(name, pl.col(name).is_null(), "A value is required.")
    unnamed = pl.col("activity").is_null() & pl.col("item").is_null()
    yield Rule("activity", unnamed, "An activity, or the publisher's own name of the line, is required.")
    published = pl.col("evidence") != Evidence.CUSTOM.value
    for name in _WHEN_PUBLISHED:
        yield Rule(name, pl.col(name).is_null() & published, "A value is required.")
    heat = pl.col("activity").is_in(HEAT) & ~published
    allocated = "Own factors of heat need the method of allocation; unstated where the certificate is silent."
    yield Rule("method", heat & pl.col("method").is_null(), allocated)


def _vocabulary(gases: tuple[str, ...]) -> Iterable[Rule]:
    closed = {
        "activity": (list(activities()), "Not an activity of the vocabulary."),
        "gas": (list(gases), "Not a known gas."),
        "mass_unit": (list(MASS_UNITS), "Not a unit of mass in use (g, kg, t, lb)."),
        "per_unit": (list(PER_UNITS), "Not a unit in use here."),
        "basis": (list(BASES), "Expected Hi, Hs, none or unstated."),
        "chain": ([part.value for part in Chain], "Expected direct, upstream, total or biogenic."),
        "evidence": ([kind.value for kind in Evidence], "Not a kind of evidence in use."),
        "gwp": (list(GWP_SETS), "Not a GWP set in use."),
        "delivery": (list(DELIVERIES), "Expected generated, consumed or losses."),
        "method": ([way.value for way in Method], "Not a method of allocation in use."),
        "price_basis": (list(PRICE_BASES), "Expected basic or purchaser."),
    }
    for column, (codes, reason) in closed.items():
        yield Rule(column, ~pl.col(column).is_in(codes), reason)
    region = pl.col("region").str.contains(r"^(World|EU\d\d|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")
    yield Rule("region", ~region, "Expected an ISO 3166 code, EU27 or World.")
    edition = pl.col("edition").str.contains(r"^[a-z0-9_]+$")
    yield Rule("edition", ~edition, "Expected small letters, digits and underscores.")


def _values(negatives: tuple[str, ...]) -> Iterable[Rule]:
    kg, kind, fuel = pl.col("_kg"), pl.col("_kind"), pl.col("_fuel")
    yield Rule("value", ~decimal_text("value"), 'A plain decimal with a point is expected ("0.25").')
    refused = (kg < 0) & ~pl.col("source").is_in(list(negatives))
    yield Rule("value", refused, "Negative, and the source is not known for negative values.")
    co2, co2e = pl.col("gas") == "CO2", pl.col("gas") == EQUIVALENT
    energy, mass = kind == "energy", kind == "mass"
    yield Rule(
        "value",
        fuel & energy & co2 & (kg > FUEL_CO2_PER_MJ),
        "More CO2 than any fuel holds per unit of energy.",
    )
    yield Rule(
        "value",
        fuel & energy & co2e & (kg > _FUEL_CO2E_PER_MJ),
        "Implausibly high for a fuel and its upstream.",
    )
    yield Rule(
        "value", fuel & mass & co2 & (kg > FUEL_CO2_PER_KG), "More CO2 than pure carbon would give per mass."
    )
    limit = kind.replace_strict(_BOUNDS, default=None, return_dtype=pl.Float64)
    # The factor of a substance is its potential; what the vocabulary has no place for is not bounded here.
    bounded = pl.col("activity").is_not_null() & ~pl.col("activity").is_in(SUBSTANCES)
    yield Rule("value", bounded & (kg > limit), "Implausibly high; check the units.")
    yield Rule("valid_from", pl.col("_from").is_null(), "A date such as 2024-01-01 is expected.")
    no_end = pl.col("valid_to").is_not_null() & pl.col("_to").is_null()
    yield Rule("valid_to", no_end, "A date such as 2024-01-01 is expected.")
    yield Rule("valid_to", pl.col("_from") >= pl.col("_to"), "Ends before it begins.")
    percent = (
        pl.col("uncertainty").is_not_null() & pl.col("uncertainty").cast(pl.Float64, strict=False).is_null()
    )
    yield Rule("uncertainty", percent, "A number of percent is expected.")


def _consistency() -> Iterable[Rule]:
    measured = [
        (pl.col("activity") == code) & ~pl.col("_kind").is_in(list(entry.dimensions))
        for code, entry in activities().items()
    ]
    yield Rule("per_unit", pl.any_horizontal(measured), "Not a unit this activity is measured in.")
    energetic = pl.col("_fuel") & (pl.col("_kind") == "energy")
    none = pl.col("basis") == "none"
    yield Rule("basis", energetic & none, "The energy of a fuel needs a basis: Hi, Hs or unstated.")
    yield Rule("basis", ~energetic & ~none, "Only the energy of a fuel has a basis; expected none.")
    co2e = pl.col("gas") == EQUIVALENT
    yield Rule("gwp", co2e & pl.col("gwp").is_null(), "CO2e needs the publisher's GWP set, or unstated.")
    weighted = ~co2e & pl.col("gwp").is_not_null() & pl.col("_own_potential").is_null()
    yield Rule("gwp", weighted, "A gas stated as CO2e needs a GWP set that has a value for it.")
    biogenic = pl.col("chain") == Chain.BIOGENIC.value
    yield Rule("chain", biogenic & (pl.col("gas") != "CO2"), "Only CO2 can be biogenic, outside the scopes.")
    power = [code for code, entry in activities().items() if _POWER in {code, entry.parent}]
    stated = pl.col("delivery").is_not_null() & pl.col("activity").is_not_null()
    yield Rule(
        "delivery", stated & ~pl.col("activity").is_in(power), "Only electricity is delivered by a grid."
    )
    shipped = pl.col("evidence") != Evidence.CUSTOM.value
    owned = pl.col("organisation").is_not_null()
    yield Rule("organisation", owned & shipped, "Only an own factor belongs to an organisation.")
    money = pl.col("_kind") == "money"
    substance = pl.col("activity").is_in(SUBSTANCES)
    listed = pl.col("activity").is_not_null()
    lacking = listed & (money | substance) & pl.col("product_group").is_null()
    yield Rule("product_group", lacking, "Spend needs a product group, a release its substance.")
    foreign = listed & ~money & ~substance & pl.col("product_group").is_not_null()
    yield Rule("product_group", foreign, "Only spend and substances have a product group.")
    for name in ("price_year", "price_basis"):
        yield Rule(name, ~money & pl.col(name).is_not_null(), "Only spend has prices.")
    year = pl.col("price_year").is_not_null() & ~pl.col("price_year").str.contains(r"^(19|20)\d\d$")
    yield Rule("price_year", year, "A year such as 2023 is expected.")
    heat = pl.col("activity").is_in(HEAT)
    yield Rule("method", ~heat & pl.col("method").is_not_null(), "Only heat of a network was allocated.")
    prefix = pl.concat_str("source", "edition", separator=":") + ":"
    yield Rule("factor_id", ~pl.col("factor_id").str.starts_with(prefix), "Must begin with source:edition:.")


def _siblings() -> Iterable[Rule]:
    """Rules about rows beside each other: twice the same, counted twice, ten times the neighbour."""
    yield _repeated(("factor_id", "gas", "chain"), "The same factor, gas and chain twice.")
    place = ("source", "edition", "_about", "product_group", "region", "valid_from")
    measure = ("gas", "chain", "per_unit", "basis", "delivery")
    yield _repeated((*place, *measure), "The same statement twice.")
    total = pl.col("chain") == Chain.TOTAL.value
    part = pl.col("chain").is_in([Chain.DIRECT.value, Chain.UPSTREAM.value])
    both = total.any().over("factor_id") & part.any().over("factor_id")
    yield Rule("chain", both, "A total beside its parts would count twice.")
    yield _sum_of_gases()
    whole = ("activity", "region", "valid_from", "valid_to", "per_unit", "basis", "product_group")
    for column in (*whole, "delivery", "organisation"):
        several = pl.col(column).n_unique().over("factor_id") > 1
        yield Rule(column, several, "Differs within one factor.")
    losses = (pl.col("delivery") == Delivery.LOSSES.value).fill_null(value=False).alias("_losses")
    family = ("source", "_about", "product_group", "region", "gas", "chain", "_kind", losses)
    kg = pl.when(pl.col("_kg") > 0).then(pl.col("_kg"))
    apart = kg.max().over(family) > _SIBLINGS * kg.min().over(family)
    yield Rule("value", apart, "More than ten times another value of the same kind; check the units.")
    same = ("source", "edition", "_about", "region", "gas", "chain", "valid_from")
    fuel = pl.when(pl.col("_fuel") & (pl.col("_kg_per_mj") > 0)).then(pl.col("_kg_per_mj"))
    least, most = (fuel * (1 + sign * pl.col("_rounding")) for sign in (-1, 1))
    ratio = least.max().over(same) / most.min().over(same)
    reason = "By mass, volume and energy the fuel differs by more than 2 % (heating value and density)."
    yield Rule("value", fuel.is_not_null() & (ratio > 1 + TOLERANCE), reason)
    energy = pl.col("_kind") == "energy"
    gross = kg.filter(energy & (pl.col("basis") == "Hs")).max().over(same)
    net = kg.filter(energy & (pl.col("basis") == "Hi")).min().over(same)
    # traces are published with two digits and may be alike on both bases
    is_trace = ~pl.col("gas").is_in(_MAIN)
    inverted = (gross > net) | ((gross == net) & ~is_trace)
    yield Rule("basis", energy & inverted, "Per unit of gross calorific value it must be less than per net.")


def _sum_of_gases() -> Rule:
    """CO2e beside its gases: all of them must add up to it, some of them to no more than it."""
    part = ("factor_id", "chain")
    co2e = pl.col("gas") == EQUIVALENT
    stated = pl.col("_kg").filter(co2e).sum().over(part)
    as_stated = pl.when(pl.col("gwp").is_not_null()).then(1.0).otherwise("_potential")
    summed = (pl.col("_kg") * as_stated).filter(~co2e).sum().over(part)
    is_full = pl.col("gas").is_in(_COMBUSTION_GASES).sum().over(part) >= len(_COMBUSTION_GASES)
    both = co2e.any().over(part) & (~co2e).any().over(part)
    high = summed > stated * (1 + _ROUNDING)
    low = is_full & (summed < stated * (1 - _ROUNDING))
    weighted = pl.col("_potential").filter(~co2e).null_count().over(part) == 0
    return Rule("gas", both & weighted & (high | low), "The gases do not add up to the CO2e beside them.")


def _repeated(key: tuple[str, ...], reason: str) -> Rule:
    return Rule("factor_id", pl.len().over(key) > 1, reason)
