"""What rates and factor series must keep to: one unit for a series, and a unit that fits its kind."""

from collections.abc import Iterable
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.project import FundProject
from bilanz.fund.rate import FundFactor, FundRate, RateKind
from bilanz.money import CURRENCIES

_NO_UNIT: Final = "1"
_PER_TONNE: Final = "/t"


def check_rate(new: FundRate, others: Iterable[FundRate]) -> None:
    """Hold a rate against the rules and the others of its set.

    Raises:
        Refused: the unit does not fit the kind or that of the others, a cost is negative, or a discount rate
            is −100 % or less.
    """
    label = f"{new.set}, {new.year}"
    if new.kind == RateKind.CLIMATE_COST:
        _check_cost(new, label)
    elif new.unit != _NO_UNIT:
        raise Refused('The unit of the discount rate "{id}" is 1: 0.02 is two percent.', id=label)
    elif new.value <= -1:
        raise Refused('The discount rate "{id}" must be above −1 (−100 %).', id=label)
    same = [rate for rate in others if (rate.set, rate.kind) == (new.set, new.kind)]
    if any(rate.unit != new.unit for rate in same):
        raise Refused('"{id}" is in {unit}, others of the set are not.', id=label, unit=new.unit)


def _check_cost(new: FundRate, label: str) -> None:
    if not new.unit.endswith(_PER_TONNE) or new.unit.removesuffix(_PER_TONNE) not in CURRENCIES:
        message = 'The unit of the climate cost "{id}" is a currency per tonne, for example EUR/t.'
        raise Refused(message, id=label)
    if new.value < 0:
        raise Refused('The climate cost "{id}" must not be negative.', id=label)


def check_factor(new: FundFactor, others: Iterable[FundFactor], projects: Iterable[FundProject]) -> None:
    """Hold a factor against the others of its series and the projects that name it.

    Raises:
        Refused: it is negative, its uncertainty is, or the unit is not that of the series or of a project.
    """
    label = f"{new.series}, {new.year}"
    if new.value < 0:
        raise Refused('The factor "{id}" must not be negative.', id=label)
    if new.half_width is not None and new.half_width < 0:
        raise Refused('The uncertainty of "{id}" must not be negative.', id=label)
    same = [factor for factor in others if factor.series == new.series and factor.year != new.year]
    if any(factor.unit != new.unit for factor in same):
        message = '"{id}" is in {unit}, the other years of the series are not.'
        raise Refused(message, id=label, unit=new.unit)
    for project in projects:
        check_series(project, [new])


def check_series(project: FundProject, factors: Iterable[FundFactor]) -> None:
    """Hold the unit of a project against that of the series it names. `factors`: of any series.

    Raises:
        Refused: a saved unit cannot be multiplied by a factor of another one.
    """
    units = {factor.unit for factor in factors if factor.series == project.factor_series}
    if units - {project.unit}:
        message = 'The project "{id}" saves {unit}; its factor series "{series}" is per {expected}.'
        raise Refused(
            message,
            id=project.id,
            unit=project.unit or "–",
            series=project.factor_series,
            expected=", ".join(sorted(units)),
        )
