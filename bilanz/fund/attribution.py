"""What of a project's effect is the fund's: by its share of the cost, before or after overlap and rebound.

    α        = min(1, paid out by the fund / total cost)          both in the currency of the project
    Σα ≤ 1     over the fund and all others who pay; beyond it nobody's share is known
               their money / total cost, at the exchange rate of its year
    effect   = ΔE · α · (1 − overlap) · (1 − rebound)

What is not assessed is not 0. An overlap or a rebound nobody assessed leaves its factor out, and the result
says that it stands *before* it (`before`): an upper bound. Rebound is what is used up elsewhere: at its own
meters a measured effect holds it already. Without a total cost there is no attributed figure. What emissions
trading covers is flagged: its cap stays where it is. Source: ICMA Harmonised Framework (pro rata by financed
share; from memory) and PCAF (project finance).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.fund.cents import decimal
from bilanz.fund.exchange import Exchange
from bilanz.fund.project import FlowKind, FundFinancing, FundFlow, FundProject, Sight
from bilanz.fund.share import SHARES, TONNES
from bilanz.messages import Language, translate
from bilanz.money import Money


class AlphaState(StrEnum):
    """Whether the fund's share is known, or why not."""

    KNOWN = "known"
    NO_DENOMINATOR = "no_denominator"
    NO_RATE = "no_rate"
    TAKEN_BACK = "taken_back"
    OVER_FINANCED = "over_financed"


class FinancierGap(StrEnum):
    """Why money of somebody else is not comparable with the cost."""

    NO_DATE = "no_date"
    NO_RATE = "no_rate"


class Before(StrEnum):
    """What an attributed figure stands before, since nobody assessed it."""

    OVERLAP = "overlap"
    REBOUND = "rebound"


class EffectState(StrEnum):
    """Whether there is an attributed figure, or why not."""

    ATTRIBUTED = "attributed"
    NO_SHARE = "no_share"
    NO_EFFECT = "no_effect"
    INVALID_SHARE = "invalid_share"


class Additionality(StrEnum):
    """Whether the effect would have come without the fund."""

    ADDITIONAL = "additional"
    REQUIRED_OR_FINANCED = "required_or_financed"
    NOT_ASSESSED = "not_assessed"


class EtsCover(StrEnum):
    """Whether the EU emissions trading covers the sources."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    NOT_ASSESSED = "not_assessed"


ALPHA_TEXTS: Final[Mapping[AlphaState, str]] = {
    AlphaState.KNOWN: "share of the fund in the total cost",
    AlphaState.NO_DENOMINATOR: "no attributed figure: the total cost is not stated",
    AlphaState.NO_RATE: "no attributed figure: a payment cannot be converted to the currency of the cost",
    AlphaState.TAKEN_BACK: "no attributed figure: more was taken back than paid out",
    AlphaState.OVER_FINANCED: "no attributed figure: the financiers pay more than the project costs",
}
GAP_TEXTS: Final[Mapping[FinancierGap, str]] = {
    FinancierGap.NO_DATE: "{who}: {money} without a date",
    FinancierGap.NO_RATE: "{who}: {money} without an exchange rate of {year}",
}
EFFECT_TEXTS: Final[Mapping[EffectState, str]] = {
    EffectState.ATTRIBUTED: "share of the fund in the effect",
    EffectState.NO_SHARE: "no attributed figure: the share of the fund is not known",
    EffectState.NO_EFFECT: "no attributed figure: the effect of the project is not known",
    EffectState.INVALID_SHARE: "no attributed figure: a share of overlap or rebound is not possible",
}
BEFORE_TEXTS: Final[Mapping[Before, str]] = {
    Before.OVERLAP: "before overlap, which nobody assessed",
    Before.REBOUND: "before rebound, which nobody assessed",
}
ADDITIONALITY_TEXTS: Final[Mapping[Additionality, str]] = {
    Additionality.ADDITIONAL: "neither required by law nor financed otherwise",
    Additionality.REQUIRED_OR_FINANCED: "required by law or financed otherwise: not additional",
    Additionality.NOT_ASSESSED: "additionality not assessed",
}
ETS_TEXTS: Final[Mapping[EtsCover, str]] = {
    EtsCover.COVERED: "covered by emissions trading: the cap does not fall, the operator may claim it",
    EtsCover.NOT_COVERED: "not covered by emissions trading",
    EtsCover.NOT_ASSESSED: "emissions trading not assessed",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class Financier:
    """Somebody else who pays.

    Attributes:
        on: day it is paid or promised; None: not stated.
        money: as it is paid.
        paid: the same in the currency of the project; None: not convertible (`gap`).
        share: of the total cost, twelve decimals; None: not convertible, or the cost is not stated.
    """

    name: str
    on: date | None
    money: Money
    paid: Money | None
    share: Decimal | None

    @property
    def gap(self) -> FinancierGap | None:
        """Why it is not comparable with the cost; None: it is."""
        if self.paid is not None:
            return None
        return FinancierGap.NO_DATE if self.on is None else FinancierGap.NO_RATE


@dataclass(frozen=True, slots=True)
class Attribution:
    """The fund's share in a project.

    Attributes:
        as_of: day up to which payments count, included.
        disbursed: by the fund, in the currency of the project; None: a payment is not convertible.
        total_cost: of the project; None: not stated.
        alpha: 0 … 1, twelve decimals; None: not known (`state`).
        is_capped: whether the fund has paid more than the project costs.
        others: who else pays, up to the day.
        sum_of_shares: Σα; None: not known, so that Σα ≤ 1 is not checked.
    """

    project: str
    as_of: date
    disbursed: Money | None
    total_cost: Money | None
    alpha: Decimal | None
    state: AlphaState
    is_capped: bool
    others: tuple[Financier, ...]
    sum_of_shares: Decimal | None


@dataclass(frozen=True, slots=True)
class AttributedEffect:
    """An effect of a project and the fund's part of it.

    Attributes:
        effect_t: t CO2e avoided by the project as a whole.
        overlap: share that other measures bring about as well; None: not assessed.
        rebound: share that is used up elsewhere; None: not assessed.
        attributed_t: t CO2e; None: no attributed figure (`state`).
        before: what `attributed_t` stands before; empty: nothing is left to take off.
    """

    project: str
    sight: Sight
    effect_t: Decimal | None
    alpha: Decimal | None
    overlap: Decimal | None
    rebound: Decimal | None
    attributed_t: Decimal | None
    before: tuple[Before, ...]
    state: EffectState
    ets: EtsCover
    additionality: Additionality

    def text(self, language: Language) -> str:
        """Return what the figure stands before, or why there is none."""
        if self.state != EffectState.ATTRIBUTED:
            return translate(EFFECT_TEXTS[self.state], language)
        return "; ".join(translate(BEFORE_TEXTS[one], language) for one in self.before)


def attribute(
    project: FundProject,
    flows: Iterable[FundFlow],
    financing: Iterable[FundFinancing],
    exchange: Exchange,
    as_of: date,
) -> Attribution:
    """Return the fund's share in a project.

    Args:
        project: whose total cost is the denominator.
        flows: of any projects; disbursements to this one up to `as_of` count.
        financing: of any projects; what others pay for this one up to `as_of`, or on no day that is known.
        exchange: rates; a payment is converted at those of its year. What others pay without a date is
            compared only in the currency of the project.
        as_of: last day that counts.
    """
    currency = project.currency
    paid = [
        exchange.exchanged(Money(flow.amount, flow.currency), flow.on.year, currency)
        for flow in flows
        if flow.project == project.id and flow.kind == FlowKind.DISBURSEMENT and flow.on <= as_of
    ]
    known = [money.amount for money in paid if money is not None]
    disbursed = sum(known, Decimal(0)) if len(known) == len(paid) else None
    total = project.total_cost if project.total_cost and project.total_cost > 0 else None
    others = tuple(
        _financier(row, total, currency, exchange)
        for row in financing
        if row.project == project.id and (row.on is None or row.on <= as_of)
    )
    state, capped, sum_of_shares = _alpha(disbursed, total, others)
    return Attribution(
        project.id,
        as_of,
        None if disbursed is None else Money(disbursed, currency),
        None if total is None else Money(total, currency),
        decimal(capped, SHARES) if capped is not None and state == AlphaState.KNOWN else None,
        state,
        bool(total is not None and disbursed is not None and disbursed > total),
        others,
        None if sum_of_shares is None else decimal(sum_of_shares, SHARES),
    )


def attributions(
    projects: Iterable[FundProject],
    flows: Iterable[FundFlow],
    financing: Iterable[FundFinancing],
    exchange: Exchange,
    as_of: date,
) -> dict[str, Attribution]:
    """Return the fund's share in each of many projects, by name; as `attribute`."""
    paid: dict[str, list[FundFlow]] = {}
    for flow in flows:
        paid.setdefault(flow.project, []).append(flow)
    others: dict[str, list[FundFinancing]] = {}
    for row in financing:
        others.setdefault(row.project, []).append(row)
    return {
        one.id: attribute(one, paid.get(one.id, ()), others.get(one.id, ()), exchange, as_of)
        for one in projects
    }


def attributed(
    project: FundProject, attribution: Attribution, effect_t: Decimal | None, sight: Sight
) -> AttributedEffect:
    """Return the fund's part of an effect, expected or measured.

    Units: `effect_t` in t CO2e of the project as a whole; the result with six decimals.
    """
    overlap, rebound = project.overlap_share, project.rebound_share
    shares = ((Before.OVERLAP, overlap), (Before.REBOUND, rebound))
    before = tuple(name for name, assessed in shares if assessed is None)
    state = _effect_state(attribution, effect_t, overlap, rebound)
    figure = None
    if state == EffectState.ATTRIBUTED and effect_t is not None and attribution.alpha is not None:
        exact = Fraction(effect_t) * Fraction(attribution.alpha)
        exact *= (1 - Fraction(overlap or 0)) * (1 - Fraction(rebound or 0))
        figure = decimal(exact, TONNES)
    return AttributedEffect(
        project.id,
        sight,
        effect_t,
        attribution.alpha,
        overlap,
        rebound,
        figure,
        before if figure is not None else (),
        state,
        ets_cover(project),
        additionality(project),
    )


def additionality(project: FundProject) -> Additionality:
    """Return whether a project's effect is additional: one "yes" is enough for not, it takes two "no"."""
    answers = (project.is_legally_required, project.is_otherwise_financed)
    if any(answers):
        return Additionality.REQUIRED_OR_FINANCED
    return Additionality.NOT_ASSESSED if None in answers else Additionality.ADDITIONAL


def ets_cover(project: FundProject) -> EtsCover:
    """Return whether emissions trading covers what a project touches."""
    if project.is_ets_covered is None:
        return EtsCover.NOT_ASSESSED
    return EtsCover.COVERED if project.is_ets_covered else EtsCover.NOT_COVERED


def _financier(row: FundFinancing, total: Decimal | None, currency: str, exchange: Exchange) -> Financier:
    money = Money(row.amount, row.currency)
    paid: Money | None = money
    if money.currency != currency:
        paid = None if row.on is None else exchange.exchanged(money, row.on.year, currency)
    share = None
    if paid is not None and total is not None:
        share = decimal(Fraction(paid.amount) / Fraction(total), SHARES)
    return Financier(row.financier, row.on, money, paid, share)


def _alpha(
    disbursed: Decimal | None, total: Decimal | None, others: tuple[Financier, ...]
) -> tuple[AlphaState, Fraction | None, Fraction | None]:
    """Return the state, min(1, disbursed / total) and Σα."""
    if total is None:
        return AlphaState.NO_DENOMINATOR, None, None
    if disbursed is None:
        return AlphaState.NO_RATE, None, None
    if disbursed < 0:
        return AlphaState.TAKEN_BACK, None, None
    alpha = min(Fraction(1), Fraction(disbursed) / Fraction(total))
    comparable = [Fraction(one.paid.amount) / Fraction(total) for one in others if one.paid is not None]
    whole = alpha + sum(comparable)
    if whole > 1:
        return AlphaState.OVER_FINANCED, alpha, whole
    return AlphaState.KNOWN, alpha, whole if len(comparable) == len(others) else None


def _effect_state(
    attribution: Attribution, effect_t: Decimal | None, overlap: Decimal | None, rebound: Decimal | None
) -> EffectState:
    if attribution.alpha is None:
        return EffectState.NO_SHARE
    if effect_t is None:
        return EffectState.NO_EFFECT
    is_possible = (overlap is None or 0 <= overlap <= 1) and (rebound is None or rebound >= 0)
    return EffectState.ATTRIBUTED if is_possible else EffectState.INVALID_SHARE
