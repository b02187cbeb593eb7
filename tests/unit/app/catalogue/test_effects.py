"""What other factors do to a balance, calculated by hand; the effects add up to the difference, exactly."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, factor, with_factors

from bilanz.app.catalogue.effects import CAUSES, EFFECT_SCHEMA, effects, totals
from bilanz.result import Result
from bilanz.slices import QuantityLost
from factors.base import Catalogue, catalogue

JUNE = (date(2024, 6, 1), date(2024, 7, 1))
BOOK = ("ghgp_location",)


def heat(value: str, **told: object) -> dict[str, Any]:
    return factor("district_heat", value, **told)


def only(*rows: dict[str, Any]) -> Catalogue:
    return with_factors(rows, only=True)


def both(
    ledger: Ledger, old: Catalogue, new: Catalogue, books: tuple[str, ...] = BOOK
) -> tuple[Result, Result]:
    return ledger.calculate(catalogue=old, books=books), ledger.calculate(catalogue=new, books=books)


def told(before: Result, after: Result, changed: set[str] = frozenset()) -> list[tuple[Any, ...]]:  # type: ignore[assignment] # an empty frozenset is read only
    frame = effects(before, after, changed)
    assert frame.schema == pl.Schema(EFFECT_SCHEMA)
    assert set(frame["cause"]) <= set(CAUSES)
    columns = ["activity", "chain", "factor_a", "factor_b", "cause", "slices", "effect_kg"]
    return [
        (*row[:-1], f"{row[-1].normalize():f}")
        for row in frame.filter("is_counted").select(columns).iter_rows()
    ]


def warm() -> Ledger:
    """Return a ledger of 1000 kWh in one hall and 200 kWh in another, June 2024."""
    ledger = Ledger()
    ledger.bill("hall", "district_heat", "1000", *JUNE)
    ledger.bill("pool", "district_heat", "200", *JUNE)
    return ledger


def test_the_same_factors_have_no_effect() -> None:
    ledger = warm()
    ledger.bill("meter", "electricity", "70", *JUNE)
    assert effects(*both(ledger, catalogue(), catalogue(), ()), set()).is_empty()


def test_another_value_of_the_same_factor() -> None:
    """(1000 + 200) kWh x (0.25 - 0.2) kg/kWh = 60 kg."""
    pair = both(warm(), only(heat("0.2")), only(heat("0.25")))
    heats = "own:district_heat"
    assert told(*pair, {heats}) == [("district_heat", "direct", heats, heats, "value", 2, "60")]


def test_another_factor_and_one_that_came_or_went() -> None:
    """Heat 1200 x (0.15 - 0.2) = -60; steam 10 x 0.3 = 3 came, it was heat before: 10 x 0.2 = 2; oil
    7 x 0.1 = 0.7 went, pellets 3 x 0.1 = 0.3 came.
    """
    ledger = warm()
    ledger.bill("laundry", "district_steam", "10", *JUNE)
    for source, activity, kwh in (("boiler", "heating_oil", "7"), ("stove", "wood_pellets", "3")):
        ledger.bill(source, activity, kwh, *JUNE, basis="Hi")
    old = only(heat("0.2", factor_id="own:a"), factor("heating_oil", "0.1", basis="Hi"))
    new = only(
        heat("0.15", factor_id="own:b"),
        factor("district_steam", "0.3"),
        factor("wood_pellets", "0.1", basis="Hi"),
    )
    assert told(*both(ledger, old, new)) == [
        ("district_heat", "direct", "own:a", "own:b", "other_factor", 2, "-60"),
        ("district_steam", "direct", "own:a", "own:district_steam", "other_factor", 1, "1"),
        ("heating_oil", "direct", "own:heating_oil", None, "lost", 1, "-0.7"),
        ("wood_pellets", "direct", None, "own:wood_pellets", "found", 1, "0.3"),
    ]


def test_one_part_of_a_factor_changes_and_the_other_stays() -> None:
    """Upstream 1200 x (0.05 - 0.03) = 24 kg; the direct part has no effect and is not listed."""
    same = {"factor_id": "own:h"}
    old = only(heat("0.2", **same), heat("0.03", chain="upstream", **same))
    new = only(heat("0.2", **same), heat("0.05", chain="upstream", **same))
    assert told(*both(warm(), old, new), {"own:h"}) == [
        ("district_heat", "upstream", "own:h", "own:h", "value", 2, "24")
    ]


def test_a_direct_value_in_the_place_of_two_parts_is_one_pair() -> None:
    """1200 x 0.22 - 1200 x (0.2 + 0.03) = -12 kg."""
    same = {"factor_id": "own:h"}
    old = only(heat("0.2", **same), heat("0.03", chain="upstream", **same))
    new = only(heat("0.22", factor_id="own:one"))
    assert told(*both(warm(), old, new)) == [
        ("district_heat", None, "own:h", "own:one", "other_factor", 2, "-12")
    ]


def test_a_potential_changes_what_the_same_factor_does() -> None:
    """1200 kWh x 0.001 kg CH4/kWh x (59.6 - 29.8) = 35.76 kg."""
    known = only(heat("0.001", gas="CH4_fossil"))
    methane = (pl.col("gwp") == "AR6") & (pl.col("gas") == "CH4_fossil")
    kind = known.gwp.schema["value"]
    twice = known.gwp.with_columns(
        value=pl.when(methane).then((pl.col("value") * 2).cast(kind)).otherwise("value")
    )
    assert known.gwp.filter(methane)["value"].to_list() == [Decimal("29.8")]
    heats = "own:district_heat"
    assert told(*both(warm(), known, replace(known, gwp=twice))) == [
        ("district_heat", "direct", heats, heats, "conversion", 2, "35.76")
    ]


def test_what_is_in_no_total_is_told_apart() -> None:
    """Fleet fuel is memo in BISKO: an effect beside the total, and none on it."""
    ledger = Ledger()
    ledger.bill("truck", "diesel", "100", *JUNE, unit="l")
    known = catalogue()
    diesel = pl.col("factor_id").str.contains("diesel")
    kind = known.factors.schema["value"]
    twice = replace(
        known,
        factors=known.factors.with_columns(
            value=pl.when(diesel).then((pl.col("value") * 2).cast(kind)).otherwise("value")
        ),
    )
    before, after = both(ledger, known, twice, ("bisko",))
    frame = effects(before, after, set())
    assert frame["is_counted"].to_list() == [False]
    assert totals(before)["bisko", True] == totals(after)["bisko", True] == 0
    aside = totals(before)["bisko", False]
    assert aside == Decimal("267.6284")
    assert frame["effect_kg"].to_list() == [aside]


def test_every_book_has_its_own_effects_the_largest_first() -> None:
    ledger = warm()
    ledger.bill("meter", "electricity", "500", *JUNE)
    ledger.bill("gas", "natural_gas", "300", *JUNE, basis="Hs")
    known = catalogue()
    changed = pl.col("source").is_in(["uba_strommix", "ebev2030", "bisko", "geg", "aib_residual_mix"])
    kind = known.factors.schema["value"]
    raised = (pl.col("value") * pl.lit("1.1").cast(pl.Decimal(3, 1))).cast(kind)
    new = replace(
        known, factors=known.factors.with_columns(value=pl.when(changed).then(raised).otherwise("value"))
    )
    before, after = both(ledger, known, new, ())
    frame = effects(before, after, set())
    assert set(frame["book"]) == set(before.manifest.books)
    for book in before.manifest.books:
        sizes = frame.filter((pl.col("book") == book) & pl.col("is_counted"))["effect_kg"]
        assert len(sizes) >= 2
        assert sizes.abs().to_list() == sorted(sizes.abs(), reverse=True)
        assert sizes.sum() == totals(after)[book, True] - totals(before)[book, True]


def test_an_effect_that_got_lost_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = both(warm(), only(heat("0.2")), only(heat("0.25")))
    monkeypatch.setattr(
        "bilanz.app.catalogue.effects.totals", lambda _result: {("ghgp_location", True): Decimal(0)}
    )
    with pytest.raises(QuantityLost, match=r"effects of 60.0+ kg, difference of the totals 0 kg"):
        effects(before, after, set())


quantities = st.integers(1, 10**9).map(lambda micro: micro * Decimal("0.000001"))
values = st.integers(1, 10**9).map(lambda nano: str(nano * Decimal("0.000000001")))
SOURCES = ("hall", "pool", "depot")
ACTIVITIES = ("district_heat", "district_steam", "district_cooling")
shelves = st.dictionaries(
    st.tuples(st.sampled_from(ACTIVITIES), st.sampled_from(["direct", "upstream"])), values, min_size=1
)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(SOURCES), st.sampled_from(ACTIVITIES), quantities), min_size=1, max_size=5
    ),
    shelves,
    shelves,
    st.booleans(),
)
def test_the_effects_add_up_whatever_the_factors(
    bills: list[tuple[str, str, Decimal]],
    old: dict[tuple[str, str], str],
    new: dict[tuple[str, str], str],
    is_renamed: bool,  # noqa: FBT001 - drawn
) -> None:
    ledger = Ledger()
    for source, activity, quantity in bills:
        ledger.bill(source, activity, str(quantity), *JUNE)
    ours, theirs = (
        only(
            *(
                factor(activity, value, chain=chain, factor_id=f"own:{activity}{suffix}")
                for (activity, chain), value in shelf.items()
            )
        )
        for shelf, suffix in ((old, ""), (new, ":2" if is_renamed else ""))
    )
    before, after = both(ledger, ours, theirs)
    frame = effects(before, after, set())
    difference = totals(after)["ghgp_location", True] - totals(before)["ghgp_location", True]
    assert Decimal(frame["effect_kg"].sum() or 0) == difference
    assert effects(before, before, set()).is_empty()
    back = effects(after, before, set())
    assert sorted(-size for size in back["effect_kg"]) == sorted(frame["effect_kg"])
