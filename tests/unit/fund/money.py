"""Invented projects and flows for the tests of the fund's money."""

from datetime import date
from decimal import Decimal
from typing import Any

from bilanz.fund.project import FundFlow, FundProject
from bilanz.fund.rate import FundRate, RateKind

D = Decimal
ZERO = D(0)


def project(name: str = "P", **told: Any) -> FundProject:  # noqa: ANN401 - columns of a project
    columns: dict[str, Any] = {
        "id": name,
        "organisation": "town",
        "programme": "programme",
        "title": f"Project {name}",
        "nature_share": D(1),
        "social_share": D(0),
        "democracy_share": D(0),
        "starts_on": date(2024, 1, 1),
        "planned_completion": date(2024, 12, 31),
        "currency": "EUR",
        "evidence": "resolution",
    }
    return FundProject(**columns | told)


def split(name: str, nature: str, social: str, democracy: str, **told: object) -> FundProject:
    shares = {"nature_share": D(nature), "social_share": D(social), "democracy_share": D(democracy)}
    return project(name, **shares, **told)


def flow(kind: str, on: date | int, amount: str, of: str = "P", currency: str = "EUR") -> FundFlow:
    day = on if isinstance(on, date) else date(on, 6, 30)
    name = f"{of}-{kind}-{day}-{amount}-{currency}"
    return FundFlow(
        id=name, project=of, kind=kind, on=day, amount=D(amount), currency=currency, evidence="bill"
    )


def paid(on: date | int, amount: str, of: str = "P", currency: str = "EUR") -> FundFlow:
    return flow("disbursement", on, amount, of, currency)


def committed(on: date | int, amount: str, of: str = "P", currency: str = "EUR") -> FundFlow:
    return flow("commitment", on, amount, of, currency)


def rate(value: str, **told: Any) -> FundRate:  # noqa: ANN401 - columns of a rate
    columns: dict[str, Any] = {
        "set": "board",
        "kind": RateKind.CLIMATE_COST,
        "time_preference": ZERO,
        "year": 2025,
        "organisation": "league",
        "value": D(value),
        "unit": "EUR/t",
        "price_year": 2025,
        "source": "resolution 7",
    }
    return FundRate(**columns | told)


def discount(value: str, year: int, time_preference: Decimal = ZERO) -> FundRate:
    told = {"kind": RateKind.DISCOUNT, "unit": "1", "price_year": None}
    return rate(value, year=year, time_preference=time_preference, **told)
