"""What instruments cover adds up exactly, never exceeds, and does not depend on the order of anything."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import CITY, Ledger, factor, instrument, organisations, with_factors

from bilanz.allocation import apportion, grains
from bilanz.result import Result
from bilanz.units import ratio

MARKET = "ghgp_market"
KWH = Fraction(1, 1_000_000)
UNITS = ("kWh", "MWh", "GJ")
CATALOGUE = with_factors(
    [
        factor("electricity", "0", factor_id="own:green"),
        factor("electricity", "0.05", factor_id="own:park"),
    ]
)

amounts = st.lists(st.integers(0, 10**15), max_size=12)
limits = st.integers(0, 10**16)


@settings(deadline=None)
@given(amounts, limits)
def test_the_parts_add_up_to_what_there_is_to_cover_and_never_exceed(held: list[int], limit: int) -> None:
    parts = apportion(held, [1] * len(held), limit)
    assert sum(parts) == min(limit, sum(held))
    assert all(0 <= part <= amount for part, amount in zip(parts, held, strict=True))


@settings(deadline=None)
@given(amounts, limits)
def test_every_part_is_within_a_millionth_of_its_share(held: list[int], limit: int) -> None:
    parts = apportion(held, [1] * len(held), limit)
    share = Fraction(min(limit, sum(held)), max(sum(held), 1))
    assert all(abs(part - amount * share) < 1 for part, amount in zip(parts, held, strict=True))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**12), 10**12), st.sampled_from(UNITS)), max_size=8), limits)
def test_in_mixed_units_it_stays_below_the_limit_by_less_than_one_step(
    held: list[tuple[int, str]], limit: int
) -> None:
    scale, sizes = grains(UNITS)
    assert Fraction(sizes["MWh"], sizes["kWh"]) == 1000
    assert Fraction(sizes["kWh"], scale) == KWH
    steps, amounts = [sizes[unit] for _, unit in held], [amount for amount, _ in held]
    kwh = limit // 10**6
    parts = apportion(amounts, steps, kwh * scale)
    total = sum(a * s for a, s in zip(amounts, steps, strict=True))
    used = sum(p * s for p, s in zip(parts, steps, strict=True))
    wanted = max(min(kwh * scale, total), 0)
    assert wanted - max(steps, default=0) <= used <= wanted
    assert all(
        abs(part) <= abs(amount) and part * amount >= 0 for part, amount in zip(parts, amounts, strict=True)
    )


bills = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 10**12),
        st.sampled_from(UNITS),
        st.integers(1, 11),
        st.sampled_from([CITY, "school"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda bill: (bill[0], bill[3], bill[4]),
)
held = st.lists(
    st.tuples(st.sampled_from(["certificate", "contract"]), st.integers(1, 2_000_000), st.integers(1, 11)),
    max_size=4,
)


def run(found: list[Any], instruments: list[dict[str, Any]]) -> Result:
    ledger = Ledger()
    ledger.instruments = instruments
    for source, micro, unit, month, organisation in found:
        quantity = str(Decimal(micro).scaleb(-6))
        told = {"unit": unit, "organisation": organisation}
        ledger.bill(source, "electricity", quantity, date(2024, month, 1), date(2024, month + 1, 1), **told)
    frame = organisations(CITY, "school")
    result = ledger.calculate(catalogue=CATALOGUE, organisations=frame, books=("ghgp_location", MARKET))
    ledger.store.con.close()
    return result


@settings(max_examples=12, deadline=None)
@given(bills, held, st.randoms(use_true_random=False))
def test_a_whole_balance(found: list[Any], named: list[Any], random: Any) -> None:  # noqa: ANN401 - hypothesis' own
    instruments = [
        instrument(
            f"i{index}",
            "own:green" if kind == "certificate" else "own:park",
            kind=kind,
            quantity_kwh=kwh,
            valid_from=date(2024, first, 1),
        )
        for index, (kind, kwh, first) in enumerate(named)
    ]
    result = run(found, instruments)
    for book in ("ghgp_location", MARKET):
        lines = result.lines.filter(pl.col("book") == book, pl.col("is_lead"))
        for unit in UNITS:
            stated = sum(
                (Decimal(micro).scaleb(-6) for _, micro, name, *_ in found if name == unit), Decimal(0)
            )
            assert Decimal(lines.filter(pl.col("unit") == unit)["quantity"].sum() or 0) == stated
    green = result.lines.filter(pl.col("factor_id") == "own:green")
    used = sum(
        (Fraction(q) * ratio(u, "kWh") for q, u in green.select("quantity", "unit").iter_rows()), Fraction(0)
    )
    assert used <= sum(kwh for kind, kwh, _ in named if kind == "certificate")
    assert (result.lines["quantity"] > 0).all()
    mixed = random.sample(found, len(found))
    again = run(mixed, random.sample(instruments, len(instruments)))
    assert again.manifest.result_hash == result.manifest.result_hash
    assert again.assumptions.equals(result.assumptions)
