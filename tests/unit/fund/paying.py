"""Members that pay, for tests: three invented cities, whose figures are illustrative, not data of anybody."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bilanz.fund.figures import Figures
from bilanz.fund.keys import Payer
from bilanz.fund.member import FundFigure, FundKey, FundMember, FundPayment

YEAR = 2026
THREE = (
    ("a", 3_700_000, 40_000, 2_000),
    ("b", 1_600_000, 32_000, 1_500),
    ("c", 100_000, 24_000, 900),
)
"""Member, inhabitants, income per head, tax capacity per head."""


def cities() -> list[Payer]:
    return [
        Payer(name, "DE", Fraction(people), Fraction(income), Fraction(capacity))
        for name, people, income, capacity in THREE
    ]


def key(kind: str, **told: Any) -> FundKey:  # noqa: ANN401 - cells of a key
    row: dict[str, Any] = {
        "id": f"key-{kind}",
        "organisation": "league",
        "first_year": YEAR,
        "key": kind,
        "mode": "total",
        "amount": 60,
        "currency": "EUR",
        "mean_years": 3,
        "evidence": "resolution 1",
    }
    decimals = ("amount", "elasticity", "relief", "fiscal_weight", "lowest", "highest")
    row |= told
    return FundKey(**{name: Decimal(str(cell)) if name in decimals else cell for name, cell in row.items()})


def anchored(kind: str, **told: Any) -> FundKey:  # noqa: ANN401 - cells of a key
    return key(kind, **{"mode": "anchor", "anchor": "a"} | told)


def member(name: str, **told: Any) -> FundMember:  # noqa: ANN401 - cells of a member
    row = {"organisation": name, "country": "DE", "currency": "EUR", "joined_on": date(YEAR, 1, 1)}
    return FundMember(**row | {"evidence": f"accession of {name}"} | told)


def figure(name: str, kind: str, year: int, value: Any, unit: str) -> FundFigure:  # noqa: ANN401 - a number
    return FundFigure(
        organisation=name,
        kind=kind,
        year=year,
        value=Decimal(str(value)),
        unit=unit,
        source="invented table 1",
        retrieved_on=date(2026, 1, 15),
        licence="CC0-1.0",
    )


def constant(
    name: str, values: Mapping[str, tuple[object, str]], years: Iterable[int] = range(2020, YEAR)
) -> list[FundFigure]:
    """Return the same figures for all years: kind → value and unit."""
    return [figure(name, kind, year, value, unit) for year in years for kind, (value, unit) in values.items()]


def town(
    name: str, people: object, income: object, unit: str = "EUR", capacity: object = 1
) -> list[FundFigure]:
    return constant(
        name, {"inhabitants": (people, "person"), "income": (income, unit), "tax_capacity": (capacity, "EUR")}
    )


def three() -> list[FundFigure]:
    return [
        row for name, people, income, capacity in THREE for row in town(name, people, income, "EUR", capacity)
    ]


def members() -> list[FundMember]:
    return [member(name) for name, *_ in THREE]


def known(*rows: FundFigure, without: Iterable[tuple[str, str, int]] = ()) -> Figures:
    """Return the figures of the three cities and others, later ones in the place of earlier ones."""
    held = {(row.organisation, row.kind, row.year): row for row in (*three(), *rows)}
    for place in without:
        del held[place]
    return Figures(held.values())


def payment(name: str, year: int, amount: object, currency: str = "EUR", **told: Any) -> FundPayment:  # noqa: ANN401 - cells
    row: dict[str, Any] = {
        "id": f"{name}-{year}-{amount}",
        "organisation": name,
        "year": year,
        "paid_on": date(year, 6, 30),
        "amount": Decimal(str(amount)),
        "currency": currency,
        "evidence": "statement 7",
    }
    return FundPayment(**row | told)
