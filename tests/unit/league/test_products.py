from datetime import date
from decimal import Decimal

import polars as pl
from bench.leaguecases import BOOKS, factors, lines_of, use, weights

from bilanz.conversion import Converter
from bilanz.factor import PROPERTY_SCHEMA
from bilanz.league.bundle import CONVERSION_SCHEMA, POTENTIAL_SCHEMA
from bilanz.league.grain import joined
from bilanz.league.products import marked, ways

DAY = date(2024, 7, 1)
NO_POTENTIALS = pl.DataFrame(schema=POTENTIAL_SCHEMA)
NO_CONVERSIONS = pl.DataFrame(schema=CONVERSION_SCHEMA)


def rows_of(lines: pl.DataFrame) -> pl.DataFrame:
    nothing = (pl.col("co2e_kg") - pl.col("co2e_kg")).alias
    parts = [nothing(name) for name in ("outside_kg", "minority_kg", "eliminated_kg")]
    return joined(lines.with_columns(*parts, consolidated_kg="co2e_kg"), 1).filter(pl.col("book") == BOOKS[0])


def electricity() -> pl.DataFrame:
    return rows_of(lines_of(use("hall", "electricity", 100, months=(1, 2, 3))))


def test_a_row_that_is_quantity_times_factor_says_so() -> None:
    """300 kWh × 0.363 kg = 108.9 kg."""
    rows, used = marked(electricity(), factors(), NO_POTENTIALS, NO_CONVERSIONS)
    assert rows["is_recomputable"].all()
    assert rows["mass_kg"].drop_nulls().to_list() == [Decimal("108.9")]
    assert used.is_empty()


def test_a_row_that_is_not_does_not() -> None:
    more = electricity().with_columns(
        pl.col("mass_kg") + Decimal("0.001"), pl.col("co2e_kg") + Decimal("0.001")
    )
    rows, _ = marked(more, factors(), NO_POTENTIALS, NO_CONVERSIONS)
    assert not rows["is_recomputable"].any()


def test_a_unit_of_the_last_decimal_for_each_line_is_rounding() -> None:
    step = Decimal("0.000000000001")
    for times, is_so in ((4, True), (5, False)):
        near = electricity().with_columns(pl.col("mass_kg") + step * times, pl.col("co2e_kg") + step * times)
        rows, _ = marked(near, factors(), NO_POTENTIALS, NO_CONVERSIONS)
        assert rows["is_recomputable"].to_list() == [is_so] * 2, times


def test_units_of_one_dimension_convert_by_themselves() -> None:
    """0.1 MWh × 3 at 0.363 kg per kWh."""
    rows = electricity().with_columns(unit=pl.lit("MWh"), quantity=pl.lit(Decimal("0.3"), pl.Decimal(38, 6)))
    assert marked(rows, factors(), NO_POTENTIALS, NO_CONVERSIONS)[0]["is_recomputable"].all()


def test_a_factor_of_two_figures_for_one_gas_is_none() -> None:
    twice = pl.concat([factors(), factors()])
    assert not marked(electricity(), twice, NO_POTENTIALS, NO_CONVERSIONS)[0]["is_recomputable"].any()


def gas_by_net_energy() -> tuple[pl.DataFrame, pl.DataFrame, Converter]:
    """Return rows of gas by gross energy, a factor per kWh net, and the property between them."""
    stated = factors().filter(pl.col("activity") == "natural_gas").with_columns(basis=pl.lit("Hi"))
    rows = rows_of(lines_of(use("hall", "natural_gas", 1000, months=(1,))))
    # 1 000 kWh (Hs) × 0.9 = 900 kWh (Hi); masses are nine tenths of those of 1 000.
    measured = [name for name in rows.columns if name.endswith("_kg")]
    less = [(pl.col(name) * Decimal("0.9")).cast(rows.schema[name]).alias(name) for name in measured]
    ratio = {
        "property_id": "case:hi_per_hs",
        "activity": "natural_gas",
        "kind": "hi_per_hs",
        "region": "DE",
        "valid_from": date(2020, 1, 1),
        "value": Decimal("0.9"),
        "unit": "1",
        "per_unit": "1",
        "basis": "none",
        "rank": 1,
        "source": "case",
        "edition": "1",
        "evidence": "primary",
        "publisher": "nobody",
        "title": "Properties",
        "locator": "page 7",
        "licence": "CC0-1.0",
    }
    properties = pl.DataFrame([ratio], schema=PROPERTY_SCHEMA, orient="row")
    return rows.with_columns(*less, basis=pl.lit("Hs")), stated, Converter(properties)


def test_a_conversion_by_a_property_is_published_with_its_source() -> None:
    rows, stated, converter = gas_by_net_energy()
    told, used = marked(rows, stated, NO_POTENTIALS, ways(rows, stated, converter, ("DE",), DAY))
    assert told["is_recomputable"].all()
    assert used.select("numerator", "denominator").row(0) == ("9", "10")
    assert "page 7" in used["source"].item()
    assert set(told["conversion"]) == {used["conversion"].item()}


def test_without_the_property_nothing_is_claimed() -> None:
    rows, stated, _ = gas_by_net_energy()
    nothing = ways(rows, stated, Converter(pl.DataFrame(schema=PROPERTY_SCHEMA)), ("DE",), DAY)
    assert nothing.is_empty()
    assert not marked(rows, stated, NO_POTENTIALS, nothing)[0]["is_recomputable"].any()


def test_a_factor_in_co2e_of_a_gas_is_divided_by_the_potential_it_was_published_with() -> None:
    """0.0005096 kg CO2e of methane per kWh under AR5 (28) is a mass of 0.0000182 kg."""
    is_methane = pl.col("gas") == "CH4"
    stated = factors().with_columns(
        value=pl.when(is_methane).then(pl.lit(Decimal("0.0005096"))).otherwise("value"),
        gwp=pl.when(is_methane).then(pl.lit("AR5")).otherwise("gwp"),
    )
    rows = rows_of(lines_of(use("hall", "natural_gas", 1000, months=(1,))))
    five = pl.DataFrame([(None, "AR5", "CH4", Decimal(28), "exact")], schema=POTENTIAL_SCHEMA, orient="row")
    assert marked(rows, stated, five, NO_CONVERSIONS)[0]["is_recomputable"].all()
    without = marked(rows, stated, NO_POTENTIALS, NO_CONVERSIONS)[0]
    assert without.filter(pl.col("is_recomputable") != (pl.col("gas") != "CH4")).is_empty()


def test_the_weights_of_the_cases_are_those_of_the_set() -> None:
    assert weights().books["bisko"].values["CH4"] == Decimal("27.9")
