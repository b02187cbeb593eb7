"""Whatever is declared: no more is taken off of a seller, within its member and between, than it sold."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from bench.leaguecases import YEAR, lines_of, memberships_of, use
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.boundary import Approach
from bilanz.consolidation import Plan, plan
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.doublecount import outcomes
from bilanz.league.across import across
from bilanz.league.publication import share_of
from bilanz.league.statements import stated

MONTHS = (1, 2, 7)
WITHIN, OUTSIDE = ("hall-a", "bath-a"), {"pool": "b", "baths": "c"}
PER_KWH = {"generates": Decimal("0.2"), "resells": Decimal("0.06"), "lets": Decimal("0.363")}
"""kg CO2e that go with each kWh: of heat, scope 2 and 3.3 of the buyer; of power, 3.3, 3.13 of the seller."""
ACTIVITIES = {"generates": "district_heat", "resells": "electricity", "lets": "electricity"}
KINDS = dict.fromkeys(("works", "hall-a", "bath-a", "pool", "baths"), "agency")
NOBODY = Decimal("0.000001")

quantities = st.lists(st.integers(0, 1000), min_size=len(MONTHS), max_size=len(MONTHS))
days = st.dates(date(YEAR, 1, 1), date(YEAR, 8, 31))


@st.composite
def bought(draw: st.DrawFn, *, whole: bool = False) -> dict[str, Any]:
    """Return what a buyer buys in each month, and the days on which each side says the delivery holds."""
    spans = []
    for _ in range(2):
        first = date(2020, 1, 1) if whole else draw(st.just(date(2020, 1, 1)) | days)
        end = None if whole else draw(st.none() | st.integers(1, 90))
        start = max(first, date(YEAR, 1, 1))
        spans.append((first, None if end is None else start + timedelta(days=end)))
    return {"quantities": draw(quantities), "spans": spans}


def some(names: tuple[str, ...], *, whole: bool = False) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    return st.dictionaries(st.sampled_from(names), bought(whole=whole), max_size=len(names))


def used(unit: str, activity: str, amounts: list[int], role: str = "consumed") -> list[dict[str, Any]]:
    pairs = zip(MONTHS, amounts, strict=True)
    return [row for month, amount in pairs for row in use(unit, activity, amount, role=role, months=(month,))]


def sale(kind: str, amounts: list[int]) -> list[dict[str, Any]]:
    """Return what the works sell; of a resale with what they count in 3.3 for it; of what is let, 3.13."""
    activity = ACTIVITIES[kind]
    if kind == "lets":
        metered = [row for row in used("works", activity, amounts) if row["scope"] == "2"]
        return [row | {"scope": "3", "category": "3.13"} for row in metered]
    upstream = used("works", activity, amounts) if kind == "resells" else []
    own = [row | {"role": "sold", "source": "out"} for row in upstream if row["category"] == "3.3"]
    told = [row | {"source": "out"} for row in used("works", activity, amounts, "sold")]
    return told + own + (used("works", "natural_gas", amounts) if kind == "generates" else [])


def declared(kind: str, buyers: dict[str, dict[str, Any]], side: int) -> pl.DataFrame:
    rows = [
        {
            "id": f"d-{buyer}",
            "kind": kind,
            "seller": "works",
            "buyer": buyer,
            "activity": ACTIVITIES[kind],
            "valid_from": told["spans"][side][0],
            "valid_to": told["spans"][side][1],
            "evidence": "contract",
        }
        for buyer, told in buyers.items()
    ]
    return pl.DataFrame(rows, schema=DELIVERY_SCHEMA, orient="row")


def published(
    node: str, lines: pl.DataFrame, deliveries: pl.DataFrame
) -> tuple[Plan, list[pl.DataFrame], pl.DataFrame]:
    """Return the plan of a member, what it states of deliveries, and its organisations."""
    names = sorted({*lines["organisation"]})
    made = plan(lines, memberships_of(names, node, {}), deliveries, year=YEAR, approach=Approach.OPERATIONAL)
    told = stated(lines, deliveries, share_of(made, node), KINDS, year=YEAR, made=made)
    own = pl.DataFrame({"organisation": [node, *names]})
    named = [frame.with_columns(member=pl.lit(node)) for frame in (*told, own)]
    return made, named[:2], named[2]


def taken(
    kind: str, sold: list[int], within: dict[str, dict[str, Any]], outside: dict[str, dict[str, Any]]
) -> tuple[Decimal, Decimal]:
    """Return kg CO2e taken off within A, and between it and others, in one book."""
    activity = ACTIVITIES[kind]
    lines = lines_of(
        sale(kind, sold), *(used(name, activity, each["quantities"]) for name, each in within.items())
    )
    made, told, names = published("a", lines, declared(kind, within | outside, 0))
    tables, organisations = [told], [names]
    for buyer, each in outside.items():
        own = lines_of(used(buyer, activity, each["quantities"]))
        _, more, others = published(OUTSIDE[buyer], own, declared(kind, {buyer: each}, 1))
        tables.append(more)
        organisations.append(others)
    found = across(
        *(pl.concat(each) for each in zip(*tables, strict=True)), pl.concat(organisations), year=YEAR
    )
    own_book = pl.col("book") == "bisko"
    gone = outcomes(lines, made).filter(own_book, pl.col("node") == "a")["eliminated"].sum()
    return gone, found.eliminated.filter(own_book)["eliminated"].sum()


kinds = st.sampled_from(sorted(PER_KWH))


@settings(deadline=None, max_examples=60)
@given(kinds, quantities, some(WITHIN), some(tuple(OUTSIDE)))
def test_no_more_is_taken_off_than_was_sold(
    kind: str, sold: list[int], within: dict[str, dict[str, Any]], outside: dict[str, dict[str, Any]]
) -> None:
    inner, outer = taken(kind, sold, within, outside)
    assert inner >= 0
    assert outer >= 0
    assert inner + outer <= sum(sold) * PER_KWH[kind] + NOBODY


@settings(deadline=None, max_examples=40)
@given(kinds, quantities, some(WITHIN, whole=True), some(tuple(OUTSIDE), whole=True))
def test_where_all_hold_all_year_just_what_was_sold_and_bought_goes(
    kind: str, sold: list[int], within: dict[str, dict[str, Any]], outside: dict[str, dict[str, Any]]
) -> None:
    """Of heat over the year, of power month by month: first within, then of what is left, between."""
    inner, outer = taken(kind, sold, within, outside)
    sums = [
        [sum(each["quantities"][month] for each in some_of.values()) for month in range(len(MONTHS))]
        for some_of in (within, outside)
    ]
    periods = [(sum(sold), *map(sum, sums))] if kind == "generates" else list(zip(sold, *sums, strict=True))
    first = sum(min(amount, one) for amount, one, _ in periods)
    rest = sum(min(max(amount - one, 0), other) for amount, one, other in periods)
    assert abs(inner - first * PER_KWH[kind]) <= NOBODY
    assert abs(outer - rest * PER_KWH[kind]) <= NOBODY
