"""The rules of forms: how a row of a form becomes a row of the upload; one module a subject."""

from collections.abc import Mapping
from typing import Final

from importers.forms.rules import (
    bills,
    capacity,
    deliveries,
    masterdata,
    meters,
    refrigerants,
    renewables,
    sectors,
    survey,
    tenants,
    traffic,
    waste,
)
from importers.forms.rules.rule import Rule

RULES: Final[Mapping[str, Rule]] = {
    "plain": Rule(lambda rows, _sheet: [rows]),
    "bills": Rule(bills.read),
    "capacity": Rule(capacity.read),
    "deliveries": Rule(deliveries.read),
    "masterdata": Rule(masterdata.read),
    "meters": Rule(meters.read),
    "refrigerants": Rule(refrigerants.read),
    "renewables": Rule(renewables.read),
    "sectors": Rule(sectors.read),
    "survey": Rule(survey.read, statements=2),
    "tenants": Rule(tenants.read, statements=2),
    "traffic": Rule(traffic.read),
    "waste": Rule(waste.read),
}
"""Name in a declaration → rule."""
