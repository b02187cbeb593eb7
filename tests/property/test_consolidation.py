"""What holds of every consolidation, whatever the tree, the shares, the days and the deliveries."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidation import MEASURES, PARTS, Plan, levels, node_lines, parts, plan
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.doublecount import outcomes
from bilanz.result import LINE_SCHEMA

YEAR = 2024
ORGANISATIONS = ("league", "town", "works", "bus", "hall", "bath")
ABOVE = {
    "town": ("league",),
    "works": ("town", "league"),
    "bus": ("works", "town"),
    "hall": ("town",),
    "bath": ("hall", "works"),
}
"""Whom each may belong to: no choice of these is a circle."""

PLACES = [
    ("1", "stationary_combustion", "consumed"),
    ("2", "purchased_heat", "consumed"),
    ("3", "3.3", "consumed"),
    ("3", "3.11", "sold"),
    ("3", "3.8", "consumed"),
    ("3", "3.13", "consumed"),
    ("memo", "sold", "sold"),
]
days = st.dates(date(YEAR, 1, 1), date(YEAR, 12, 31))
share = st.sampled_from([Decimal(value) for value in ("0", "0.25", "0.333333", "0.51", "1")])
mass = st.none() | st.decimals(Decimal(0), Decimal(10_000_000), places=12)


@st.composite
def memberships(draw: st.DrawFn, *, whole: bool = False) -> list[dict[str, Any]]:
    rows = []
    for name, choices in ABOVE.items():
        cut = None if whole else draw(st.none() | days)
        for index, (first, end) in enumerate([(None, cut), (cut, None)] if cut else [(None, None)]):
            if not whole and index and draw(st.booleans()):
                continue  # left, and belongs to nobody
            control = whole or draw(st.booleans())
            rows.append(
                {
                    "organisation": name,
                    "parent": draw(st.sampled_from(choices)),
                    "valid_from": first,
                    "valid_to": end,
                    "equity_share": Decimal(1) if whole else draw(share),
                    "operational_control": control,
                    "financial_control": control,
                    "is_declared": True,
                }
            )
    return rows


@st.composite
def lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    def one() -> dict[str, Any]:
        scope, category, role = draw(st.sampled_from(PLACES))
        organisation = draw(st.sampled_from(ORGANISATIONS))
        return dict.fromkeys(LINE_SCHEMA) | {
            "book": draw(st.sampled_from(["bisko", "ghgp_location"])),
            "organisation": organisation,
            "source": f"{organisation}-{draw(st.integers(1, 2))}",
            "activity": "district_heat",
            "role": role,
            "month": date(YEAR, draw(st.integers(1, 12)), 1),
            "scope": scope,
            "category": category,
            "gas": "CO2e",
            "quantity": draw(st.decimals(Decimal(0), Decimal(1_000_000), places=6)),
            "unit": draw(st.sampled_from(["kWh", "MWh"])),
            "basis": "none",
            "is_lead": category != "3.3",
            "mass_kg": draw(mass),
            "co2e_kg": draw(mass),
        }

    return [one() for _ in range(draw(st.integers(0, 25)))]


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One delivery for each of some buyers: nobody buys the same thing from two."""
    rows = []
    for buyer in draw(st.lists(st.sampled_from(ORGANISATIONS), unique=True, max_size=3)):
        first = draw(days)
        rows.append(
            dict.fromkeys(DELIVERY_SCHEMA)
            | {
                "id": f"d-{buyer}",
                "kind": "generates",
                "seller": draw(st.sampled_from([name for name in ORGANISATIONS if name != buyer])),
                "buyer": buyer,
                "activity": "district_heat",
                "valid_from": first,
                "valid_to": draw(st.none() | st.just(first + timedelta(days=40))),
                "evidence": "contract",
            }
        )
    return rows


@st.composite
def resales(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One seller and some buyers."""
    seller, *buyers = draw(st.permutations(ORGANISATIONS))
    rows = draw(deliveries())
    kind = draw(st.sampled_from(["resells", "lets"]))
    chosen = {row["buyer"] for row in rows} - {seller}
    return [
        row | {"kind": kind, "seller": seller}
        for row in rows
        if row["buyer"] in chosen and row["buyer"] in buyers
    ]


def made(
    told: list[dict[str, Any]],
    members: list[dict[str, Any]],
    delivered: list[dict[str, Any]],
    approach: Approach = Approach.EQUITY,
) -> tuple[pl.DataFrame, Plan]:
    frame = pl.DataFrame(told, schema=LINE_SCHEMA, orient="row")
    belong = pl.DataFrame(members, schema=MEMBERSHIP_SCHEMA, orient="row")
    declared = pl.DataFrame(delivered, schema=DELIVERY_SCHEMA, orient="row")
    return frame, plan(frame, belong, declared, year=YEAR, approach=approach)


@settings(deadline=None, max_examples=60)
@given(lines(), memberships(), deliveries() | resales(), st.sampled_from(Approach))
def test_every_line_is_the_sum_of_its_parts_and_nothing_is_negative(
    told: list[dict[str, Any]],
    members: list[dict[str, Any]],
    delivered: list[dict[str, Any]],
    approach: Approach,
) -> None:
    frame, decided = made(told, members, delivered, approach)
    found = parts(frame, decided)
    for measure in MEASURES:
        for row in found.select(measure, *(f"{measure}_{part}" for part in PARTS)).iter_rows():
            own, *others = row
            assert (own is None) == any(part is None for part in others)
            if own is not None:
                assert sum(others, Decimal(0)) == own
                assert all(part >= 0 for part in others)
    home = found.filter(pl.col("node") == pl.col("organisation"))
    assert home.height == frame.height
    assert home["co2e_kg_outside"].sum() == home["co2e_kg_minority"].sum() == 0


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(), deliveries() | resales(), st.randoms(use_true_random=False))
def test_the_order_of_members_lines_and_deliveries_is_irrelevant(
    told: list[dict[str, Any]],
    members: list[dict[str, Any]],
    delivered: list[dict[str, Any]],
    random: Any,  # noqa: ANN401 - of the standard library
) -> None:
    frame, decided = made(told, members, delivered)
    expected = levels(frame, decided), outcomes(frame, decided)
    for rows in (told, members, delivered):
        random.shuffle(rows)
    frame, decided = made(told, members, delivered)
    for before, after in zip(expected, (levels(frame, decided), outcomes(frame, decided)), strict=True):
        assert_frame_equal(before, after)


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(whole=True), st.sampled_from(Approach))
def test_whole_shares_and_no_deliveries_are_the_plain_sum(
    told: list[dict[str, Any]], members: list[dict[str, Any]], approach: Approach
) -> None:
    frame, decided = made(told, members, [], approach)
    found = node_lines(frame, decided, "league")
    assert_frame_equal(found, frame, check_row_order=False)


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(whole=True), deliveries() | resales())
def test_what_is_eliminated_is_eliminated_once(
    told: list[dict[str, Any]], members: list[dict[str, Any]], delivered: list[dict[str, Any]]
) -> None:
    """At the top goes what went at the lowest nodes together, and no line goes twice."""
    frame, decided = made(told, members, delivered)
    top = levels(frame, decided).filter(node="league")
    assert top["eliminated"].sum() == outcomes(frame, decided)["eliminated"].sum()
    assert top["own"].sum() == frame["co2e_kg"].sum()


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(), deliveries())
def test_single_organisations_without_members_are_untouched(
    told: list[dict[str, Any]], members: list[dict[str, Any]], delivered: list[dict[str, Any]]
) -> None:
    frame, decided = made(told, members, delivered)
    parents = Counter(row["parent"] for row in members)
    single = levels(frame, decided).filter(~pl.col("node").is_in(list(parents)))
    assert single["own"].equals(single["consolidated"].rename("own"))


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(whole=True), deliveries())
def test_removing_a_delivery_adds_what_it_took(
    told: list[dict[str, Any]], members: list[dict[str, Any]], delivered: list[dict[str, Any]]
) -> None:
    frame, decided = made(told, members, delivered)
    plain, without = made(told, members, [])
    with_, bare = (
        levels(one, other).filter(node="league")["consolidated"].sum()
        for one, other in ((frame, decided), (plain, without))
    )
    assert bare - with_ == outcomes(frame, decided)["eliminated"].sum()


@settings(deadline=None, max_examples=40)
@given(lines(), memberships(whole=True), deliveries(), st.lists(share, min_size=5, max_size=5))
def test_a_node_is_its_own_lines_and_its_shares_of_the_level_below_less_what_meets_there(
    told: list[dict[str, Any]],
    members: list[dict[str, Any]],
    delivered: list[dict[str, Any]],
    owned: list[Decimal],
) -> None:
    """Consolidating level by level gives the same as at once, up to the rounding of each line."""
    for row, part in zip(members, owned, strict=True):
        row["equity_share"] = part
    frame, decided = made(told, members, delivered)
    sums = dict(levels(frame, decided).group_by("node").agg(pl.col("consolidated").sum()).iter_rows())
    met = dict(outcomes(frame, decided).group_by("node").agg(pl.col("eliminated").sum()).iter_rows())
    own = dict(frame.group_by("organisation").agg(pl.col("co2e_kg").sum()).iter_rows())
    for node in ORGANISATIONS:
        below = sum(
            (
                row["equity_share"] * sums.get(row["organisation"], 0)
                for row in members
                if row["parent"] == node
            ),
            Decimal(0),
        )
        expected = own.get(node, Decimal(0)) + below - met.get(node, Decimal(0))
        assert abs(sums.get(node, Decimal(0)) - expected) < Decimal("1e-9")
