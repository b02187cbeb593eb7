"""Rows of the fund for tests of its rules: a project for nature in euros that may be paid for, its flows."""

from datetime import date
from decimal import Decimal
from typing import Any

from bilanz.fund.project import FundFlow, FundProject


def project(**told: Any) -> FundProject:  # noqa: ANN401 - columns of a project
    """Return a project that heat pumps are bought for."""
    columns: dict[str, Any] = {
        "id": "pumps",
        "organisation": "works",
        "programme": "heat",
        "title": "Pumps",
        "nature_share": Decimal(1),
        "social_share": Decimal(0),
        "democracy_share": Decimal(0),
        "starts_on": date(2024, 1, 1),
        "planned_completion": date(2024, 12, 31),
        "currency": "EUR",
        "measurement_plan": "plan 1",
        "baseline": "old pumps",
        "baseline_from": date(2022, 7, 1),
        "baseline_to": date(2023, 7, 1),
        "activity": "electricity",
        "unit": "kWh",
        "evidence": "resolution",
    }
    return FundProject(**columns | told)


def flow(kind: str, amount: str, on: date = date(2024, 2, 1), **told: Any) -> FundFlow:  # noqa: ANN401 - columns
    """Return money committed to the project, or paid out."""
    columns: dict[str, Any] = {"id": f"{kind} {amount} {on}", "project": "pumps", "currency": "EUR"}
    return FundFlow(**columns | {"kind": kind, "amount": Decimal(amount), "on": on, "evidence": "e"} | told)
