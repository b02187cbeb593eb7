"""How spending bears on the climate, in money: coefficients, what is unfavourable, what nobody assessed.

    climate_amount = Σ expenditure · coefficient      principal 1, significant 0.4, none 0

What is unfavourable has no coefficient: it is a sum of its own and lowers nothing. What is not assessed
counts neither as climate nor as none. Source: EU climate coefficients 100/40/0 (European Commission, ExAct
wiki 1.2.4); others are announced for 2028–2034, hence a parameter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.fund.project import ClimateTag, FlowKind, FundProject
from bilanz.fund.share import share
from bilanz.fund.spending import NOTHING, Apart, Spending


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Which part of an expenditure counts as climate expenditure, by tag; never of `unfavourable`."""

    name: str
    source: str
    of: Mapping[ClimateTag, Decimal]


EU_2021_2027: Final = Coefficients(
    "EU 2021–2027",
    "EU climate coefficients (principal 100 %, significant 40 %, none 0 %), ExAct wiki 1.2.4",
    {ClimateTag.PRINCIPAL: Decimal(1), ClimateTag.SIGNIFICANT: Decimal("0.4"), ClimateTag.NONE: Decimal(0)},
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Money under one tag (None: not assessed), in the fund's currency.

    `climate_amount` is `amount · coefficient`; both are None where the tag has no coefficient.
    """

    tag: ClimateTag | None
    projects: tuple[str, ...]
    amount: Decimal
    coefficient: Decimal | None
    climate_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class TaggedSpending:
    """All money of a kind by tag.

    Attributes:
        tags: one row per tag, in the order of `ClimateTag`, and last what is not assessed.
        coverage: part of the total that is assessed; None where the total is not positive.
        apart: what is in no sum, in its own currency.
    """

    kind: FlowKind
    currency: str
    coefficients: Coefficients
    tags: tuple[Tagged, ...]
    coverage: Decimal | None
    apart: tuple[Apart, ...]

    @property
    def total(self) -> Decimal:
        """All money that is not apart."""
        return sum((row.amount for row in self.tags), NOTHING)

    @property
    def climate_amount(self) -> Decimal:
        """Σ expenditure · coefficient; what is unfavourable is not taken off."""
        return sum((row.climate_amount for row in self.tags if row.climate_amount is not None), NOTHING)

    def amount(self, tag: ClimateTag | None) -> Decimal:
        """Return the money under a tag; None: what is not assessed."""
        return next(row.amount for row in self.tags if row.tag == tag)


def tagged(
    projects: Iterable[FundProject], spending: Spending, kind: FlowKind, coefficients: Coefficients
) -> TaggedSpending:
    """Return what was committed or paid out by climate tag.

    Shape: projects and what was booked for them in; a project without money is not named.
    """
    tags = {
        project.id: None if project.climate_tag is None else ClimateTag(project.climate_tag)
        for project in projects
    }
    sums = spending.by_project(kind)
    rows = tuple(_row(tag, tags, sums, coefficients) for tag in (*ClimateTag, None))
    total = sum(sums.values(), NOTHING)
    coverage = share(total - rows[-1].amount, total)
    apart = tuple(flow for flow in spending.apart if flow.kind == kind)
    return TaggedSpending(kind, spending.currency, coefficients, rows, coverage, apart)


def _row(
    tag: ClimateTag | None,
    tags: Mapping[str, ClimateTag | None],
    sums: Mapping[str, Decimal],
    coefficients: Coefficients,
) -> Tagged:
    names = tuple(sorted(name for name in sums if tags[name] == tag))
    amount = sum((sums[name] for name in names), NOTHING)
    coefficient = None if tag in (None, ClimateTag.UNFAVOURABLE) else coefficients.of[tag]
    return Tagged(tag, names, amount, coefficient, None if coefficient is None else amount * coefficient)
