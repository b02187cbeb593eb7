"""Indicators a municipality reports by a list of its own choice, and the figures of a balance they may take.

A list (BNK, SDG indicators for municipalities, a council's own) is data of the organisation, not of the
program: nothing is shipped that was not read in its publication. Each has a value or an explanation.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bilanz.result import Result
from reports import figures
from reports.figures import Amount
from reports.inventory import LOCATION, MARKET
from reports.totals import scope_of, total_of

_PER_THOUSAND: Final = Decimal(1000)

Per = Literal["population", "staff", "floor_area_m2"]


class Indicator(BaseModel):
    """One indicator as the organisation states it.

    Attributes:
        id: in its list.
        framework: the list, such as "BNK 2.0".
        aspect: what it belongs to.
        name: as the list calls it.
        formula: how it is made, in words.
        unit: of `value`; a figure of the balance brings its own.
        figure: of the balance (`FIGURES`).
        per: what the figure is divided by.
        value: year → what was found elsewhere; needs `source`.
        source: of `value`.
        explanation: why there is none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(min_length=1)
    framework: str = ""
    aspect: str = ""
    name: str = Field(min_length=1)
    formula: str = ""
    unit: str = ""
    figure: str | None = None
    per: Per | None = None
    value: dict[str, int | Decimal] = Field(default_factory=dict)
    source: str = ""
    explanation: str = ""


def _scope(book: str, scope: str) -> Callable[[Result], Amount]:
    return lambda run: _tonnes(scope_of(run.lines, book, scope))


def _total(book: str) -> Callable[[Result], Amount]:
    return lambda run: _tonnes(total_of(run.lines, book))


def _tonnes(kg: Decimal | None) -> Amount:
    return Amount(None, 0) if kg is None else Amount(kg / _PER_THOUSAND)


def _quantity(codes: tuple[str, ...], unit: str) -> Callable[[Result], Amount]:
    return lambda run: figures.quantity(run, codes, unit)


def _energy(run: Result) -> Amount:
    return figures.energy_mwh(run)


def _electricity(run: Result) -> Amount:
    return figures.energy_mwh(run, figures.is_electricity)


def _fuels(run: Result) -> Amount:
    return figures.energy_mwh(run, figures.is_fuel)


_BOOKS: Final = ("bisko", LOCATION, MARKET)

FIGURES: Final[Mapping[str, tuple[str, Callable[[Result], Amount]]]] = {
    **{f"{book}.total": ("t CO₂e", _total(book)) for book in _BOOKS},
    **{
        f"{book}.scope{scope}": ("t CO₂e", _scope(book, scope))
        for book in _BOOKS
        for scope in ("1", "2", "3")
    },
    "energy_mwh": ("MWh", _energy),
    "electricity_mwh": ("MWh", _electricity),
    "fuels_mwh": ("MWh", _fuels),
    "water_m3": ("m³", _quantity(figures.WATER, "m3")),
    "waste_t": ("t", _quantity(figures.WASTE, "t")),
    "paper_t": ("t", _quantity(figures.PAPER, "t")),
}
"""Name → unit and how it is taken from a run. Energy: own consumption, net, with vehicles."""
