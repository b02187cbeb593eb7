"""The projects as a portfolio: money and tonnes by pillar, category, taxonomy and member.

    outstanding  what was paid out to a project and not taken back, never below 0: the weight of PCAF
    to_pay       committed and not yet paid out, held against each other in the currency of the project
    α coverage   outstanding money of projects with an effect and an α / outstanding money of all
    delivered    measured / expected effect, over the projects that have both

A project of several pillars stands in each of them with its share of money and tonnes. Sums over groups are
the total, to the last decimal. Half widths add up: that holds whatever the errors have in common, such as a
factor.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.fund.attribution import Attribution, attributed
from bilanz.fund.cents import decimal
from bilanz.fund.project import FlowKind, FundProject, Pillar, Sight
from bilanz.fund.share import TONNES, share
from bilanz.fund.spending import NOTHING, Spending, split_of


class Dimension(StrEnum):
    """What projects are grouped by."""

    PILLAR = "pillar"
    ICMA = "icma_category"
    TAXONOMY = "taxonomy_state"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class ProjectEffect:
    """What a project avoids in a year, as a whole, in t CO2e; None: not stated or not assessable.

    `half_width_t` is that of the 95 % interval of the measured effect.
    """

    project: str
    year: int
    expected_t: Decimal | None
    measured_t: Decimal | None
    half_width_t: Decimal | None


@dataclass(frozen=True, slots=True)
class Holding:
    """What the fund has in a project: money in its currency, the share α, tonnes of a year.

    `to_pay`: promised and not paid yet; None: a promise cannot be converted. Tonnes are less the overlap with
    other measures, where it is assessed: sums hold no tonne twice. `fund_expected_t` and `fund_measured_t`
    are the fund's part of the effect; None: no attributed figure.
    """

    project: FundProject
    committed: Decimal
    disbursed: Decimal
    to_pay: Decimal | None
    alpha: Decimal | None
    expected_t: Decimal | None
    measured_t: Decimal | None
    half_width_t: Decimal | None
    fund_expected_t: Decimal | None
    fund_measured_t: Decimal | None

    @property
    def outstanding(self) -> Decimal:
        """Paid out and not taken back."""
        return max(NOTHING, self.disbursed)

    @property
    def is_covered(self) -> bool:
        """Whether there is an effect and a share to attribute it by."""
        return self.alpha is not None and not (self.expected_t is None and self.measured_t is None)


@dataclass(frozen=True, slots=True)
class Group:
    """Projects with something in common; `key` None: it is not stated of them.

    Attributes:
        projects: how many, by name.
        covered: outstanding money of projects with an effect and an α.
        alpha_coverage: covered / outstanding; None: nothing is outstanding.
        expected_t, measured_t: t CO2e of the projects that have one; None: none has.
        half_width_t: of `measured_t`, 95 %; None: of one measured project it is not known.
        compared_expected_t, compared_measured_t: of the projects that have both.
        delivered: the second by the first; None: no project has both, or nothing was expected.
        fund_expected_t, fund_measured_t: the fund's part; None: no attributed figure.
        without_expected, without_measured: projects without the figure, by name.
    """

    key: str | None
    projects: tuple[str, ...]
    committed: Decimal
    disbursed: Decimal
    outstanding: Decimal
    to_pay: Decimal | None
    covered: Decimal
    alpha_coverage: Decimal | None
    expected_t: Decimal | None
    measured_t: Decimal | None
    half_width_t: Decimal | None
    compared_expected_t: Decimal | None
    compared_measured_t: Decimal | None
    delivered: Decimal | None
    fund_expected_t: Decimal | None
    fund_measured_t: Decimal | None
    without_expected: tuple[str, ...]
    without_measured: tuple[str, ...]


_Part = tuple[Holding, Decimal]
_Figure = Callable[[Holding], Decimal | None]
_WHOLE: Final = Decimal(1)


def holdings(
    projects: Iterable[FundProject],
    spending: Spending,
    attributions: Mapping[str, Attribution],
    effects: Iterable[ProjectEffect],
) -> tuple[Holding, ...]:
    """Return what the fund has in each project, by name.

    Args:
        projects: all of them, with or without money.
        spending: of these projects; what is apart there is in no figure here.
        attributions: project → the fund's share.
        effects: of one year; a project without one has none.
    """
    committed = spending.by_project(FlowKind.COMMITMENT)
    disbursed = spending.by_project(FlowKind.DISBURSEMENT)
    to_pay = spending.to_pay()
    known = {effect.project: effect for effect in effects}
    return tuple(
        _holding(
            project,
            committed.get(project.id, NOTHING),
            disbursed.get(project.id, NOTHING),
            to_pay.get(project.id, NOTHING),
            attributions.get(project.id),
            known.get(project.id),
        )
        for project in sorted(projects, key=lambda one: one.id)
    )


def groups(
    held: Iterable[Holding], by: Dimension, members: Mapping[str, str] | None = None
) -> tuple[Group, ...]:
    """Return the portfolio by pillar (in their order) or by key (in alphabetical order, not stated last).

    Args:
        held: what `holdings` returned.
        by: what is grouped by.
        members: organisation → the member it belongs to; one that is not there stands for itself.
    """
    parts: dict[str | None, list[_Part]] = {}
    if by == Dimension.PILLAR:
        parts = {pillar.value: [] for pillar in Pillar}
    for holding in held:
        for key, weight in _keys(holding.project, by, members or {}):
            parts.setdefault(key, []).append((holding, weight))
    keys = list(parts) if by == Dimension.PILLAR else sorted(parts, key=lambda key: (key is None, key or ""))
    return tuple(_group(key, parts[key]) for key in keys)


def total(held: Iterable[Holding]) -> Group:
    """Return all projects as one group."""
    return _group(None, [(holding, _WHOLE) for holding in held])


def outstanding(held: Iterable[Holding]) -> dict[str, Decimal]:
    """Return project → outstanding money, the weight of a score (`bilanz.fund.scoring`)."""
    return {holding.project.id: holding.outstanding for holding in held}


def _holding(
    project: FundProject,
    committed: Decimal,
    disbursed: Decimal,
    to_pay: Decimal | None,
    attribution: Attribution | None,
    effect: ProjectEffect | None,
) -> Holding:
    expected = None if effect is None else effect.expected_t
    measured = None if effect is None else effect.measured_t
    return Holding(
        project,
        committed,
        disbursed,
        to_pay,
        None if attribution is None else attribution.alpha,
        net_of_overlap(project, expected),
        net_of_overlap(project, measured),
        None if effect is None or measured is None else net_of_overlap(project, effect.half_width_t),
        _of_fund(project, attribution, expected, Sight.EX_ANTE),
        _of_fund(project, attribution, measured, Sight.EX_POST),
    )


def net_of_overlap(project: FundProject, tonnes: Decimal | None) -> Decimal | None:
    """Return tonnes less what other measures bring about as well; as they are where nobody assessed it."""
    if tonnes is None or project.overlap_share is None:
        return tonnes
    return decimal(Fraction(tonnes) * (1 - Fraction(project.overlap_share)), TONNES)


def _of_fund(
    project: FundProject, attribution: Attribution | None, effect_t: Decimal | None, sight: Sight
) -> Decimal | None:
    return None if attribution is None else attributed(project, attribution, effect_t, sight).attributed_t


def _keys(
    project: FundProject, by: Dimension, members: Mapping[str, str]
) -> Iterable[tuple[str | None, Decimal]]:
    match by:
        case Dimension.PILLAR:
            split = split_of(project)
            if split is None:
                return [(None, _WHOLE)]
            return [(pillar.value, split.of(pillar)) for pillar in Pillar if split.of(pillar)]
        case Dimension.ICMA:
            return [(project.icma_category, _WHOLE)]
        case Dimension.TAXONOMY:
            return [(project.taxonomy_state, _WHOLE)]
        case Dimension.MEMBER:
            return [(members.get(project.organisation, project.organisation), _WHOLE)]


def _group(key: str | None, parts: list[_Part]) -> Group:
    measured = [part for part in parts if part[0].measured_t is not None]
    both = [part for part in measured if part[0].expected_t is not None]
    covered = [part for part in parts if part[0].is_covered]
    is_bounded = all(holding.half_width_t is not None for holding, _ in measured)
    out, with_alpha = _money(parts, lambda one: one.outstanding), _money(covered, lambda one: one.outstanding)
    hoped, came = _tonnes(both, lambda one: one.expected_t), _tonnes(both, lambda one: one.measured_t)
    return Group(
        key,
        tuple(holding.project.id for holding, _ in parts),
        _money(parts, lambda one: one.committed),
        _money(parts, lambda one: one.disbursed),
        out,
        _to_pay(parts),
        with_alpha,
        share(with_alpha, out),
        _tonnes(parts, lambda one: one.expected_t),
        _tonnes(parts, lambda one: one.measured_t),
        _tonnes(measured, lambda one: one.half_width_t) if is_bounded else None,
        hoped,
        came,
        None if hoped is None or came is None else share(came, hoped),
        _tonnes(parts, lambda one: one.fund_expected_t),
        _tonnes(parts, lambda one: one.fund_measured_t),
        _without(parts, lambda one: one.expected_t),
        _without(parts, lambda one: one.measured_t),
    )


def _money(parts: Iterable[_Part], figure: Callable[[Holding], Decimal]) -> Decimal:
    return sum((figure(holding) * weight for holding, weight in parts), NOTHING)


def _to_pay(parts: Iterable[_Part]) -> Decimal | None:
    """Return what is left to be paid; None: of one project it is not known."""
    told = [(holding.to_pay, weight) for holding, weight in parts]
    known = [amount * weight for amount, weight in told if amount is not None]
    return sum(known, NOTHING) if len(known) == len(told) else None


def _tonnes(parts: Iterable[_Part], figure: _Figure) -> Decimal | None:
    """Return the sum of those that have a figure; None: none has."""
    known = [value * weight for holding, weight in parts if (value := figure(holding)) is not None]
    return sum(known, NOTHING) if known else None


def _without(parts: Iterable[_Part], figure: _Figure) -> tuple[str, ...]:
    return tuple(holding.project.id for holding, _ in parts if figure(holding) is None)
