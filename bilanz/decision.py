"""What decides about a factor, what was found, and what lost: the vocabulary of `bilanz.matching`."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bilanz.books import SourceRule
from bilanz.conversion import Conversion
from bilanz.factor import Chain, Grade
from bilanz.sentences import Remark
from bilanz.statements import Statement


@dataclass(frozen=True, slots=True)
class Key:
    """What decides about a factor.

    Attributes:
        on: first day of the month.
        contract: factor_id of the instrument that covers the quantity, or empty; `kind`: what it is.
        area: supply area of the grid, or empty.
        owners: organisations whose own factors may be taken, the nearest first, joined by "/".
        vat: category of the tax an amount of money contains, or empty: net.
    """

    activity: str
    product_group: str
    unit: str
    basis: str
    region: str
    on: date
    contract: str = ""
    area: str = ""
    kind: str = ""
    owners: str = ""
    vat: str = ""


@dataclass(frozen=True, slots=True)
class Tried(Remark):
    """A statement that did not win, and why. `years`: how far its validity lies from the activity."""

    years: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that fits: what it is worth, and the way from the unit of the quantity to its own."""

    statement: Statement
    chains: tuple[Chain, ...]
    grade: Grade
    conversion: Conversion
    rule: SourceRule
    order: tuple[int, ...]
    basis_read: str
    age: int
    """Years since the end of its validity; negative: until the beginning."""
    only: frozenset[str] | None = None
    """The gases taken of it; None: all."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one key in one book.

    `hit` is the factor of the wanted chain; `gases` (CH4 and N2O of combustion), `upstream`, `biogenic` and
    `losses` (of the grid) are further statements beside it. A fuel as it leaves the pump is a `mixture`:
    shares by volume of two decisions. Without a hit, `code` says why: no_source, no_factor, group_missing,
    substance_missing, basis_missing, basis, unit_mismatch; `detail` names what came nearest.
    """

    key: Key
    hit: Hit | None
    gases: Hit | None = None
    upstream: Hit | None = None
    biogenic: Hit | None = None
    losses: Hit | None = None
    mixture: tuple[tuple[Fraction, "Decision"], ...] = ()
    code: str = ""
    detail: tuple[Remark, ...] = ()
    assumptions: tuple[tuple[str, str, str], ...] = ()

    @property
    def grade(self) -> Grade:
        """Grade of the factor of the wanted chain."""
        return self.hit.grade if self.hit else Grade.NONE

    @property
    def portions(self) -> tuple[tuple[Fraction, "Decision"], ...]:
        """The decisions that make up a unit of the quantity, with their shares."""
        return self.mixture or ((Fraction(1), self),)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All statements taken, in the order of their lines."""
        return tuple(
            hit
            for hit in (self.hit, self.gases, self.upstream, self.biogenic, self.losses)
            if hit is not None
        )
