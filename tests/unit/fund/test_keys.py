"""Solidarity keys by hand: three invented cities, T = 60 · 5.4 m = 324 m EUR."""

from decimal import Decimal
from fractions import Fraction

import pytest
from unit.fund.paying import anchored, cities, key

from bilanz.errors import Refused
from bilanz.fund.cents import decimal
from bilanz.fund.keys import Payer, amounts, rates
from bilanz.fund.member import FundKey

VECTORS: list[tuple[FundKey, str, str, str]] = [
    # ȳ = (3.7·40 + 1.6·32 + 0.1·24)/5.4 · 1000 = 201.6/5.4 · 1000 = 37,333.33
    # S1, ε = 1: c = 324 · y/201,600: 40,000 → 64.29
    (key("elastic", elasticity=1), "64.29", "51.43", "38.57"),
    (key("elastic", elasticity="0.5"), "62.21", "55.64", "48.18"),
    (key("elastic", elasticity="1.5"), "66.24", "47.40", "30.79"),
    (key("elastic", elasticity=0), "60.00", "60.00", "60.00"),
    # S2: b is 1 − 0.8·(1 − 32/37.33) = 0.8857 of its income, c 1 − 0.8·(1 − 24/37.33) = 0.7143
    # Σ = 148,000 + 45,348.57 + 1,714.29 = 195,062.86 m; a: 324 · 40,000/195,062.86 = 66.44
    (key("relief", relief="0.8"), "66.44", "47.08", "28.47"),
    # S3, β = 1: ΣU = 7,400 + 2,400 + 90 = 9,890 m; u = 324/9,890; a: 2,000 u = 65.52
    (key("two_tier", relief="0.8", fiscal_weight=1), "65.52", "49.14", "29.48"),
    (key("two_tier", elasticity=1, fiscal_weight=1), "65.52", "49.14", "29.48"),
    # β = 0.75: a: 0.25 · 60 + 0.75 · 65.52 = 64.14
    (key("two_tier", relief="0.8", fiscal_weight="0.75"), "64.14", "51.86", "37.11"),
    (key("two_tier", elasticity=1, fiscal_weight="0.75"), "64.14", "51.86", "37.11"),
    # anchored: 60 · 32/40 = 48
    (anchored("elastic", elasticity=1), "60.00", "48.00", "36.00"),
    # 48 · (1 − 0.8 · (1 − 0.8)) = 40.32; 36 · (1 − 0.8 · 0.4) = 24.48
    (anchored("relief", relief="0.8"), "60.00", "40.32", "24.48"),
    # 60 · (0.25 + 0.75 · 1,500/2,000) = 48.75
    (anchored("two_tier", elasticity=1, fiscal_weight="0.75"), "60.00", "48.75", "35.25"),
]


@pytest.mark.parametrize(("given", "a", "b", "c"), VECTORS)
def test_the_amounts_per_head_are_those_of_the_hand_calculation(
    given: FundKey, a: str, b: str, c: str
) -> None:
    found = rates(given, cities())
    assert {name: str(decimal(rate, 2)) for name, rate in found.items()} == {"a": a, "b": b, "c": c}


def test_a_fixed_total_is_met_to_the_cent() -> None:
    for given, *_ in VECTORS:
        if given.mode == "total":
            assert sum(amounts(given, cities()).values()) == 324_000_000_00


def test_with_a_fixed_anchor_the_total_follows() -> None:
    owed = amounts(anchored("elastic", elasticity=1), cities())
    # 3.7 m · 60 + 1.6 m · 48 + 0.1 m · 36 = 222 + 76.8 + 3.6 = 302.4 m
    assert owed == {"a": 222_000_000_00, "b": 76_800_000_00, "c": 3_600_000_00}


def test_the_relief_has_no_jump_at_the_mean() -> None:
    """The scale of the United Nations has one: who is above the mean also bears the relief of the others."""
    near = [Payer("a", "DE", Fraction(1), Fraction(2)), Payer("c", "DE", Fraction(1), Fraction(1))]
    below, above = (
        Payer("b", "DE", Fraction(1, 10**9), Fraction(3, 2) + step)
        for step in (-Fraction(1, 10**6), Fraction(0))
    )
    given = key("relief", relief="0.8")
    gap = rates(given, [*near, above])["b"] - rates(given, [*near, below])["b"]
    assert 0 < gap < Fraction(1, 1000)


def test_the_elastic_key_clips_weights_before_it_scales() -> None:
    # w = 40/37.333 = 1.0714, 0.8571, 0.6429 → 1.05, 0.8571, 0.8; ΣN·w = 3.885 + 1.371429 + 0.08 = 5.336429
    # λ = 324/5.336429 = 60.7148; c: 63.7505, 52.0412, 48.5718
    found = rates(key("elastic", elasticity=1, lowest="0.8", highest="1.05"), cities())
    assert [str(decimal(rate, 4)) for rate in found.values()] == ["63.7505", "52.0412", "48.5718"]


def test_limits_of_the_relief_are_redistributed() -> None:
    # c is held at 40 (4 m EUR), a at 65 (240.5 m); b pays the rest: 324 − 244.5 = 79.5 m / 1.6 m = 49.6875
    found = rates(key("relief", relief="0.8", lowest=40, highest=65), cities())
    assert found == {"a": 65, "b": Fraction("49.6875"), "c": 40}


def test_a_limit_reached_only_after_redistribution_holds_too() -> None:
    # a held at 60.2: 222.74 m; 101.26 m are left for weights of 28,342.86 (b) and 17,142.86 (c) per head:
    # b 28,342.86 · 101.26/(1.6 · 28,342.86 + 0.1 · 17,142.86) = 60.98, above 60.2 though it began at 47.08
    # b held: 96.32 m; c pays the rest, 4.94 m / 0.1 m = 49.40
    found = rates(key("relief", relief="0.8", highest="60.2"), cities())
    assert found == {"a": Fraction("60.2"), "b": Fraction("60.2"), "c": Fraction("49.4")}


def test_a_limit_inside_the_second_tier_stays_in_its_country() -> None:
    towns = [
        Payer("p", "PL", Fraction(100), Fraction(10), Fraction(1)),
        Payer("q", "PL", Fraction(100), Fraction(10), Fraction(9)),
        Payer("d", "DE", Fraction(100), Fraction(30), Fraction(5)),
    ]
    # ȳ = 50/3; T_PL: 200 · 60 · 10/(50/3) = 7,200, 36 per head; DE 108. Second tier: p 36 · 0.2 = 7.2, q 64.8
    free = rates(key("two_tier", elasticity=1, fiscal_weight=1), towns)
    assert free == {"p": Fraction("7.2"), "q": Fraction("64.8"), "d": 108}
    # lowest 20: p 20, q the rest of its country: 7,200 − 2,000 = 5,200, 52 per head; d as before
    held = rates(key("two_tier", elasticity=1, fiscal_weight=1, lowest=20), towns)
    assert held == {"p": 20, "q": 52, "d": 108}


def test_an_anchored_two_tier_key_takes_the_anchor_for_its_country() -> None:
    towns = [*cities(), Payer("p", "PL", Fraction(500_000), Fraction(20_000), Fraction(700))]
    found = rates(anchored("two_tier", elasticity=1, fiscal_weight="0.75"), towns)
    # p: 60 · 20/40 = 30 per head of its country, of which it is all; the others as without it
    assert [str(decimal(rate, 2)) for rate in found.values()] == ["60.00", "48.75", "35.25", "30.00"]


@pytest.mark.parametrize("mode", ["total", "anchor"])
def test_limits_that_cannot_hold_are_refused_with_figures(mode: str) -> None:
    given = key("relief", relief="0.8", lowest=61, mode=mode, anchor="a" if mode == "anchor" else None)
    with pytest.raises(Refused) as refusal:
        rates(given, cities())
    people, least, whole = ("5400000", "329400000", "324000000")
    if mode == "anchor":
        people, least, whole = ("3700000", "225700000", "222000000")
    assert str(refusal.value) == (
        f'The key "key-relief" cannot be kept: {people} inhabitants at 61 to – EUR per head owe {least} to '
        f"–, and {whole} is to be raised."
    )


def test_an_anchor_outside_the_limits_of_its_weight_is_refused() -> None:
    with pytest.raises(Refused, match=r"\(1.01 to –\) must hold 1"):
        rates(anchored("elastic", elasticity=1, lowest="1.01"), cities())


@pytest.mark.parametrize(
    ("given", "payers"),
    [
        (anchored("elastic", elasticity=1, anchor="x"), cities()),
        (key("other"), cities()),
        (key("elastic"), cities()),
        (key("two_tier", relief="0.8", fiscal_weight=1), [Payer("a", "DE", Fraction(1), Fraction(1))]),
    ],
)
def test_a_key_that_lacks_something_is_refused(given: FundKey, payers: list[Payer]) -> None:
    with pytest.raises(Refused):
        rates(given, payers)


def test_nobody_owes_nothing() -> None:
    assert rates(key("elastic", elasticity=1), []) == {}
    assert amounts(key("elastic", elasticity=1), []) == {}


def test_powers_have_34_digits() -> None:
    towns = [Payer("a", "DE", Fraction(1), Fraction(2)), Payer("b", "DE", Fraction(1), Fraction(1))]
    found = rates(anchored("elastic", elasticity="0.5", amount=1), [towns[1], towns[0]][::-1])
    assert found["b"] == Fraction(Decimal("0.7071067811865475244008443621048490"))  # √½
