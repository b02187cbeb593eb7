"""The factor of a heat network: what its plants emit for heat, over the heat its customers receive.

    fuel × factor ──► kg per gas and chain part ──► × share of heat ──► Σ plants ──► / heat delivered

Chain parts are kept as the factors of the fuels state them. Where one fuel has a single figure with its
upstream part (`total`), or the book wants one, every fuel must be whole by one statement; a figure put
together of two publishers is refused. Losses of the network are in the factor: the divisor is the heat
delivered, not the heat fed in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from bilanz.errors import Refused
from bilanz.factor import Chain
from bilanz.gases import EQUIVALENT
from bilanz.heat import shown
from bilanz.weighting import Part

UNSTATED = "unstated"
_CO2 = "CO2"
_BOTH = frozenset({Chain.DIRECT.value, Chain.UPSTREAM.value})


@dataclass(frozen=True, slots=True)
class Feed:
    """What a plant takes in: `quantity` of an activity, and what one unit of it emits."""

    name: str
    quantity: Fraction
    parts: tuple[Part, ...]

    def co2e(self) -> Fraction:
        """Return kg CO2e, biogenic CO2 left out."""
        counted = (part.co2e for part in self.parts if part.chain != Chain.BIOGENIC)
        return self.quantity * sum(counted, Fraction(0))

    def chains(self) -> frozenset[str]:
        """Return the chain parts it holds, but for biogenic CO2."""
        return frozenset(part.chain for part in self.parts) - {Chain.BIOGENIC.value}

    def is_whole(self) -> bool:
        """Tell whether one statement covers direct emissions and upstream part."""
        makers = {part.hit.statement.id for part in self.parts if part.chain in _BOTH}
        return Chain.TOTAL.value in self.chains() or (self.chains() == _BOTH and len(makers) == 1)


@dataclass(frozen=True, slots=True)
class Plant:
    """One plant: what it takes in, and the share of its emissions that is heat's (1 without electricity)."""

    name: str
    share: Fraction
    feeds: tuple[Feed, ...]

    def co2e(self) -> Fraction:
        """Return kg CO2e of the plant, electricity included."""
        return sum((feed.co2e() for feed in self.feeds), Fraction(0))


@dataclass(frozen=True, slots=True)
class Row:
    """One gas of one chain part: kg per kWh of heat delivered; `gwp` only for CO2e."""

    chain: Chain
    gas: str
    kg: Fraction
    co2e: Fraction
    gwp: str | None


@dataclass(frozen=True, slots=True)
class NetworkFactor:
    """The factor of a network, and the feeds that made its upstream part incomplete (it is left out then)."""

    rows: tuple[Row, ...]
    without_upstream: tuple[str, ...]

    def co2e(self) -> Fraction:
        """Return kg CO2e per kWh delivered, biogenic CO2 left out."""
        return sum((row.co2e for row in self.rows if row.chain is not Chain.BIOGENIC), Fraction(0))


def checked(fed_in: Fraction, delivered: Fraction) -> Fraction:
    """Return the losses of a network.

    Raises:
        Refused: nothing is delivered, or more than was fed in.
    """
    if delivered <= 0:
        raise Refused("No heat is delivered: there is nothing to divide by.", code="delivered")
    if delivered > fed_in:
        message = "More heat is delivered ({delivered} kWh) than fed in ({fed_in} kWh)."
        raise Refused(message, code="delivered", delivered=shown(delivered), fed_in=shown(fed_in))
    return fed_in - delivered


def factor_of(plants: Iterable[Plant], delivered: Fraction, *, wanted: Chain, gwp: str) -> NetworkFactor:
    """Return the factor of a network in kg per kWh of heat delivered.

    Args:
        plants: with their shares of heat.
        delivered: kWh of heat at the customers' meters.
        wanted: part of the chain the book wants: where it is `total`, every feed must be whole.
        gwp: set that masses of gases were weighted with.

    Raises:
        Refused: figures with and without upstream part cannot be added.
    """
    shares = [(plant.share * feed.quantity / delivered, feed) for plant in plants for feed in plant.feeds]
    feeds = [feed for _, feed in shares]
    is_total = any(Chain.TOTAL.value in feed.chains() for feed in feeds)
    if is_total or wanted is Chain.TOTAL:
        _refuse_partial(feeds)
    without = () if is_total else _without_upstream(feeds)
    found: dict[Chain, list[tuple[Fraction, Part]]] = {}
    for amount, feed in shares:
        for part in feed.parts:
            chain = Chain.TOTAL if is_total and part.chain in _BOTH else Chain(part.chain)
            if chain is not Chain.UPSTREAM or not without:
                found.setdefault(chain, []).append((amount, part))
    rows = [row for chain in Chain if chain in found for row in _rows(chain, found[chain], gwp)]
    if not any(row.chain is not Chain.BIOGENIC for row in rows):
        rows = [Row(wanted, EQUIVALENT, Fraction(0), Fraction(0), gwp), *rows]
    return NetworkFactor(tuple(rows), without)


def _refuse_partial(feeds: list[Feed]) -> None:
    """Raise where a feed lacks the upstream part that others hold in one figure, or that the book wants."""
    partial = sorted({feed.name for feed in feeds if not feed.is_whole()})
    if partial:
        message = (
            "The factors of {partial} hold no upstream part by the same publisher. Figures with and without "
            "it are not added, and no other publisher's is put beside."
        )
        raise Refused(message, code="mixed_chains", partial=", ".join(partial))


def _without_upstream(feeds: list[Feed]) -> tuple[str, ...]:
    """Return the feeds without an upstream part, where others have one."""
    lacking = {feed.name for feed in feeds if Chain.UPSTREAM.value not in feed.chains()}
    return tuple(sorted(lacking)) if any(feed.name not in lacking for feed in feeds) else ()


def _rows(chain: Chain, amounts: list[tuple[Fraction, Part]], gwp: str) -> list[Row]:
    """Return one row per gas, or one in CO2e where a factor states no gases."""
    if any(part.mass is None for _, part in amounts):
        total = sum((amount * part.co2e for amount, part in amounts), Fraction(0))
        return [Row(chain, EQUIVALENT, total, total, _set_of(amounts, gwp))]
    masses: dict[str, list[Fraction]] = {}
    for amount, part in amounts:
        sums = masses.setdefault(part.gas, [Fraction(0), Fraction(0)])
        sums[0] += amount * (part.mass or 0)
        sums[1] += amount * part.co2e
    return [Row(chain, gas, mass, co2e, None) for gas, (mass, co2e) in sorted(masses.items())]


def _set_of(amounts: list[tuple[Fraction, Part]], gwp: str) -> str:
    """Return the one set all gases were weighted with, or `unstated`: CO2 itself has no part in it."""
    sets: set[str] = set()
    for _, part in amounts:
        if part.mass is None:
            chain = Chain(part.chain)
            stated = part.hit.statement.gases(chain)
            sets |= {entry.gwp or UNSTATED for entry in stated if entry.gas == part.gas}
        elif part.gas != _CO2:
            sets.add(gwp)
    return sets.pop() if len(sets) == 1 else UNSTATED
