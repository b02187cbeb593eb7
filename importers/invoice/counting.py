"""Which line carries the consumption, which repeat it, and to which supply a fee belongs.

    line 1  energy price      804 878.94 kWh   carries the quantity
    line 2  grid fee          804 878.94 kWh   repeats it ─┐
    line 3  concession levy   804 878.94 kWh   repeats it ─┼─► net amounts join the cost of line 1
    line 4  base price              1 a        a fee ──────┘
    line 5  maintenance             1 piece    goods and services: a record of its own

Every line is either a supply, attached to one or more supplies, or spend; no net amount is lost or doubled.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

from bilanz.activity import activity as activity_of
from importers.invoice import terms
from importers.invoice.beside import COMPARISON, OTHER_TIME, REBATE, set_apart
from importers.invoice.document import Document
from importers.invoice.entries import FEES, Entry
from importers.invoice.findings import Findings

SUPPLY_KINDS: Final = frozenset({None, "energy", "feed_in"})
REASONS: Final = {
    "relief": "a relief",
    "reactive": "reactive energy",
    "tax": "a tax",
    "levy": "a levy",
    "grid": "a grid fee",
    "metering": "a metering fee",
    "power": "a price for power",
    "base": "a base price",
}
SAME_QUANTITY: Final = "the same quantity in the same period"
OTHER_UNIT: Final = "the same consumption in another unit"

_NOT_COUNTED: Final = frozenset({COMPARISON, OTHER_TIME, REBATE})
_MICRO: Final = Decimal("0.000001")


@dataclass(slots=True)
class Supply:
    """A line that carries a quantity, and the shares of other lines' net amounts that belong to it."""

    entry: Entry
    included: list[tuple[Entry, Decimal]] = field(default_factory=list)

    @property
    def cost(self) -> Decimal | None:
        """Net amount of the line and of everything attached to it; None where nothing states one."""
        parts = [net for _, net in self.included]
        if self.entry.net is None and not parts:
            return None
        return sum(parts, self.entry.net or Decimal(0))


@dataclass(frozen=True, slots=True)
class Counted:
    """The outcome for one invoice: supplies and spend; attached lines are noted and ignored."""

    supplies: list[Supply]
    spend: list[Entry]


def count(entries: Sequence[Entry], document: Document, findings: Findings) -> Counted:
    """Sort the lines of an invoice into supplies, attached lines and spend."""
    seen = _Seen(findings)
    supplies: list[Supply] = []
    attached: list[tuple[Entry, str]] = []  # line, reason why its quantity does not count
    spend: list[Entry] = []
    for entry in sorted(entries, key=_rank):
        reason = REASONS.get(entry.kind or "")
        if entry.is_supply and entry.kind in SUPPLY_KINDS:
            reason = seen.repeats(entry)
            if reason is None:
                seen.add(entry)
                supplies.append(Supply(entry))
        elif reason is None:
            spend.append(entry)
        if reason is not None:
            attached.append((entry, reason))
    apart = set_apart([supply.entry for supply in supplies], document, findings)
    attached += [(supply.entry, apart[id(supply.entry)]) for supply in supplies if id(supply.entry) in apart]
    supplies = [supply for supply in supplies if id(supply.entry) not in apart]
    supplies += _promoted(attached, supplies, findings)
    supplies.sort(key=lambda supply: supply.entry.line.row)
    own = {id(supply.entry) for supply in supplies}
    left = [(entry, reason) for entry, reason in attached if id(entry) not in own]
    spend += _attached(left, supplies, findings)
    return Counted(supplies, sorted(spend, key=lambda entry: entry.line.row))


def _rank(entry: Entry) -> tuple[int, int]:
    """Energy before volume (gas in m³ repeats gas in kWh), named prices before the rest, then by row."""
    if not entry.is_supply:
        return (4, 0)
    return (0 if entry.dimension == "energy" else 2) + (0 if entry.kind == "energy" else 1), entry.line.row


class _Seen:
    """The supplies counted so far, by what a repetition would share with them."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._equal: dict[Hashable, list[Entry]] = {}
        self._energy: dict[Hashable, list[Entry]] = {}

    def add(self, entry: Entry) -> None:
        """Remember a line that carries a quantity; a delivery of fuel may come twice and is not."""
        if entry.kind == "feed_in":
            return
        if entry.dimension == "energy":
            self._energy.setdefault((entry.source, entry.activity), []).append(entry)
        if entry.dimension == "energy" or entry.kind == "energy":
            self._equal.setdefault(_quantity_key(entry), []).append(entry)

    def repeats(self, entry: Entry) -> str | None:
        """Return why the quantity of a line was counted already; None: it was not."""
        if entry.kind == "feed_in":
            return None
        if any(_is_same_fuel(entry, other) for other in self._energy.get((entry.source, entry.activity), ())):
            return OTHER_UNIT
        for other in self._equal.get(_quantity_key(entry), ()):
            if None not in {entry.activity, other.activity} and entry.activity != other.activity:
                continue
            if entry.kind != "energy" or other.kind != "energy":
                return SAME_QUANTITY
            if terms.tariff(entry.name) == terms.tariff(other.name):
                self._note_same(entry, other)
                return SAME_QUANTITY
        return None

    def _note_same(self, entry: Entry, other: Entry) -> None:
        self._findings.note(
            "same_quantity",
            entry.line,
            column=entry.line.column,
            value=entry.name,
            first=other.line.number,
            quantity=entry.line.quantity or "",
        )


def _quantity_key(entry: Entry) -> Hashable:
    return (entry.source, entry.unit, entry.quantity, entry.period.start, entry.period.end)


def _is_same_fuel(entry: Entry, other: Entry) -> bool:
    """Tell gas in m³ from gas in kWh: one delivery stated in two dimensions."""
    return (
        entry.activity is not None
        and activity_of(entry.activity).needs_basis
        and entry.dimension != other.dimension
        and entry.period.overlap(other.period) > 0
    )


def _promoted(
    attached: Iterable[tuple[Entry, str]], supplies: Sequence[Supply], findings: Findings
) -> list[Supply]:
    """Return grid lines that carry the quantity because no line of the supply does (a grid bill)."""
    supplied = {supply.entry.activity for supply in supplies if supply.entry.kind != "feed_in"}
    if None in supplied:
        return []
    promoted: dict[Hashable, Supply] = {}
    for entry, _ in attached:
        key = (_quantity_key(entry), entry.activity)
        if not entry.is_supply or entry.kind != "grid" or entry.activity in supplied or key in promoted:
            continue
        findings.note("grid_bill", entry.line, column=entry.line.column, value=entry.name)
        if entry.activity is None:
            findings.note("not_classified", entry.line, column=entry.line.column, value=entry.name)
        promoted[key] = Supply(entry)
    return list(promoted.values())


def _attached(
    lines: Iterable[tuple[Entry, str]], supplies: Sequence[Supply], findings: Findings
) -> list[Entry]:
    """Add net amounts to the supplies they belong to; return the lines for which that cannot be told."""
    by_source: dict[str | None, list[Supply]] = {}
    for supply in supplies:
        if supply.entry.kind != "feed_in":
            by_source.setdefault(supply.entry.source, []).append(supply)
    everywhere = [supply for group in by_source.values() for supply in group]
    left: list[Entry] = []
    for entry, reason in lines:
        targets = _targets(entry, by_source.get(entry.source, [])) or _targets(entry, everywhere)
        if targets:
            _attach(entry, reason, targets, findings)
        else:
            left.append(entry)
    return left


def _attach(entry: Entry, reason: str, targets: Sequence[Supply], findings: Findings) -> None:
    line = entry.line
    first = targets[0].entry.line.number
    if entry.kind == "relief":
        findings.ignore("relief", line, column=line.column, value=entry.name, first=first)
    elif reason in _NOT_COUNTED:
        findings.ignore("not_counted", line, column=line.column, value=entry.name, first=first, reason=reason)
    elif entry.is_supply:
        findings.ignore(
            "repeated_quantity", line, column=line.column, value=entry.name, first=first, reason=reason
        )
    else:
        findings.ignore("not_energy", line, column=line.column, value=entry.name)
    if entry.net is not None:
        weights = [max(1, entry.period.overlap(target.entry.period)) for target in targets]
        for target, share in zip(targets, shares(entry.net, weights), strict=True):
            target.included.append((entry, share))


def _targets(entry: Entry, supplies: Sequence[Supply]) -> list[Supply]:
    """Return the supplies of one activity a line belongs to: of its own, or the only one there is.

    Narrowed, as far as something is left, to the same quantity and the same period.
    """
    candidates = list(supplies)
    if entry.activity is not None:
        candidates = [supply for supply in candidates if supply.entry.activity in {entry.activity, None}]
    if entry.is_supply:
        candidates = _narrowed(candidates, [_is_equal(entry, supply.entry) for supply in candidates])
    if len({supply.entry.activity for supply in candidates}) > 1:
        return []
    candidates = _narrowed(candidates, [_is_same_time(entry, supply.entry) for supply in candidates])
    return _narrowed(candidates, [entry.period.overlap(supply.entry.period) > 0 for supply in candidates])


def _is_equal(entry: Entry, other: Entry) -> bool:
    return (entry.unit, entry.quantity) == (other.unit, other.quantity)


def _is_same_time(entry: Entry, other: Entry) -> bool:
    return (entry.period.start, entry.period.end) == (other.period.start, other.period.end)


def _narrowed(candidates: list[Supply], keeps: list[bool]) -> list[Supply]:
    kept = [candidate for candidate, keep in zip(candidates, keeps, strict=True) if keep]
    return kept or candidates


def shares(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Split an amount by weights into parts of six decimals that add up to it (cumulative rounding)."""
    total = sum(weights)
    parts: list[Decimal] = []
    given = Decimal(0)
    passed = 0
    for weight in weights[:-1]:
        passed += weight
        portion = Fraction(amount) * Fraction(passed, total)
        upto = (Decimal(portion.numerator) / Decimal(portion.denominator)).quantize(_MICRO, ROUND_HALF_EVEN)
        parts.append(upto - given)
        given = upto
    return [*parts, amount - given]


def without_activity(entry: Entry) -> Entry:
    """Return a spend line without an activity it names by chance only (bottled water, a gas cooker)."""
    return entry if entry.kind in FEES | {"energy", "instalment"} else replace(entry, activity=None)
