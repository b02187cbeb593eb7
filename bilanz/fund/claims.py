"""Who claims what is avoided: one claimant per tonne-year, and never a tonne off an inventory.

    Σ_claimants share ≤ 1        for every project and year; what is beyond it is claimed twice

Where a year is claimed twice nobody's claim of it counts until it is settled: which of the claimants is right
is nothing arithmetic can say. The registry refuses such a claim (`bilanz.fund.projectchecks`); what reaches
here all the same is named. Source: GHG Protocol, Corporate Standard, chapter 8 (secondary): avoided emissions
are reported apart from an inventory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bilanz.fund.project import Claimant, FundClaim
from bilanz.messages import Language, translate

SEPARATE: Final = (
    "Avoided emissions stand beside every inventory: they are never subtracted from one, "
    "and no total holds both."
)


class ClaimState(StrEnum):
    """What is said of the claims to a project's year."""

    CLAIMED = "claimed"
    PARTLY_CLAIMED = "partly_claimed"
    UNCLAIMED = "unclaimed"
    CLAIMED_TWICE = "claimed_twice"
    INVALID = "invalid"


CLAIM_TEXTS: Final[Mapping[ClaimState, str]] = {
    ClaimState.CLAIMED: "every tonne has one claimant",
    ClaimState.PARTLY_CLAIMED: "a part is claimed, the rest is nobody's",
    ClaimState.UNCLAIMED: "nobody claims it",
    ClaimState.CLAIMED_TWICE: "claimed twice: no claim counts until it is settled",
    ClaimState.INVALID: "a share below 0 or above 1, or two claims of one claimant",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class ClaimedYear:
    """The claims to what a project avoids in a year.

    Attributes:
        shares: by claimant, in the order of `Claimant`.
        claimed_twice: what the shares exceed 1 by.
        unclaimed: what is left of 1.
    """

    project: str
    year: int
    shares: tuple[tuple[Claimant, Decimal], ...]
    claimed_twice: Decimal
    unclaimed: Decimal
    state: ClaimState


@dataclass(frozen=True, slots=True)
class ClaimedTonnes:
    """Tonnes of a project's year by claimant.

    Attributes:
        tonnes: t CO2e by claimant; empty where no claim counts.
        unclaimed_t: nobody's.
        disputed_t: all of it where it is claimed twice, or the claims are invalid.
    """

    project: str
    year: int
    effect_t: Decimal
    tonnes: tuple[tuple[Claimant, Decimal], ...]
    unclaimed_t: Decimal
    disputed_t: Decimal
    state: ClaimState


@dataclass(frozen=True, slots=True)
class Claims:
    """Tonnes by claimant, and the sentence they are shown with."""

    years: tuple[ClaimedTonnes, ...]

    @property
    def disputed(self) -> tuple[ClaimedTonnes, ...]:
        """The years in which no claim counts."""
        return tuple(one for one in self.years if one.state in (ClaimState.CLAIMED_TWICE, ClaimState.INVALID))

    def total_t(self, claimant: Claimant) -> Decimal:
        """Return t CO2e of a claimant over all years; what is disputed is nobody's."""
        found = (t for one in self.years for name, t in one.tonnes if name == claimant)
        return sum(found, Decimal(0))

    def sentence(self, language: Language) -> str:
        """Return what has to stand beside the tonnes."""
        return translate(SEPARATE, language)


def check(claims: Iterable[FundClaim]) -> tuple[ClaimedYear, ...]:
    """Return the claims by project and year, in order, and whether they are claimed twice."""
    found: dict[tuple[str, int], list[FundClaim]] = {}
    for claim in claims:
        found.setdefault((claim.project, claim.year), []).append(claim)
    return tuple(_year(project, year, rows) for (project, year), rows in sorted(found.items()))


def claimed(claims: Iterable[FundClaim], effects_t: Mapping[tuple[str, int], Decimal]) -> Claims:
    """Return what is avoided by claimant.

    Shape: (project, year) → t CO2e of the project as a whole in; one row for each, ordered, out. Claims to a
    year without an effect have no tonnes and no row.
    """
    known = {(one.project, one.year): one for one in check(claims)}
    rows = (_tonnes(known.get(key) or _year(*key, []), effects_t[key]) for key in sorted(effects_t))
    return Claims(tuple(rows))


def _year(project: str, year: int, rows: list[FundClaim]) -> ClaimedYear:
    order = list(Claimant)
    shares = sorted(
        ((Claimant(row.claimant), row.share) for row in rows), key=lambda pair: order.index(pair[0])
    )
    total = sum((part for _, part in shares), Decimal(0))
    excess, left = max(Decimal(0), total - 1), max(Decimal(0), 1 - total)
    is_single = len({name for name, _ in shares}) == len(shares)
    if not is_single or any(not 0 <= part <= 1 for _, part in shares):
        state = ClaimState.INVALID
    elif excess:
        state = ClaimState.CLAIMED_TWICE
    elif left:
        state = ClaimState.PARTLY_CLAIMED if total else ClaimState.UNCLAIMED
    else:
        state = ClaimState.CLAIMED
    return ClaimedYear(project, year, tuple(shares), excess, left, state)


def _tonnes(claims: ClaimedYear, effect_t: Decimal) -> ClaimedTonnes:
    """Return tonnes by claimant; claimed and unclaimed ones add up to the effect."""
    nothing = Decimal(0)
    if claims.state in (ClaimState.CLAIMED_TWICE, ClaimState.INVALID):
        return ClaimedTonnes(claims.project, claims.year, effect_t, (), nothing, effect_t, claims.state)
    parts = tuple((name, effect_t * part) for name, part in claims.shares)
    left = effect_t * claims.unclaimed
    return ClaimedTonnes(claims.project, claims.year, effect_t, parts, left, nothing, claims.state)
