"""To which supply a statement on CO2 belongs, and whether it agrees with itself and with the bill."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from bilanz import units
from bilanz.activity import activity as activity_of
from importers.invoice import terms
from importers.invoice.counting import Counted, Supply
from importers.invoice.findings import Findings
from importers.invoice.model import Header, Line
from importers.invoice.statement import PRODUCT, Statement, differs, is_statement, net_share, read

_SHOWN: Final = Decimal("0.01")
_WHOLE: Final = 100


def statements(counted: Counted, header: Header, findings: Findings) -> dict[int, Statement]:
    """Return the statements by the identity of their supply's entry, and note those that do not hold."""
    supplies = [supply for supply in counted.supplies if _may_state(supply)]
    found: dict[int, Statement] = {}
    for supply in supplies:
        texts = list(_texts(supply.entry.line, *(entry.line for entry, _ in supply.included)))
        if statement := read(texts, _energy([supply])):
            found[id(supply.entry)] = statement
            _check(statement, [supply], texts, findings)
    whole = read(header.notes, _energy(supplies))
    if whole and supplies and not found:
        covered = tuple(supply.entry.line.number for supply in supplies) if len(supplies) > 1 else ()
        found[id(supplies[0].entry)] = Statement(whole.values, covered)
        texts = [*header.notes, *(text for supply in supplies for text in _texts(supply.entry.line))]
        _check(whole, supplies, texts, findings)
    return found


def _may_state(supply: Supply) -> bool:
    """Fuels and heat carry the statement; electricity and water never do."""
    entry = supply.entry
    if entry.kind == "feed_in" or entry.dimension not in {"energy", "volume", "norm_volume", "mass"}:
        return False
    return entry.activity is None or activity_of(entry.activity).needs_basis or "heat" in entry.activity


def _texts(*lines: Line) -> Iterator[str]:
    for line in lines:
        yield from (f"{name}: {value}" for name, value in line.properties)
        yield from line.details


def _check(
    statement: Statement, supplies: Sequence[Supply], texts: Sequence[str], findings: Findings
) -> None:
    mass, factor, energy = (statement.values.get(name) for name in PRODUCT)
    line = supplies[0].entry.line
    if mass is not None and factor is not None and energy is not None and differs(mass, energy * factor):
        _note(findings, line, "the emission", mass, energy * factor, "kg", "energy content × emission factor")
    billed = _billed(supplies, texts)
    if energy is not None and billed is not None and differs(energy, billed):
        _note(findings, line, "the energy content", energy, billed, "kWh (Hi)", "the billed quantity")


def _note(
    findings: Findings, line: Line, what: str, stated: Decimal, expected: Decimal, unit: str, reason: str
) -> None:
    shown = (f"{_short(number)} {unit}" for number in (stated, expected))
    findings.note(
        "co2_statement_differs",
        line,
        column=line.column,
        value=next(shown),
        what=what,
        expected=next(shown),
        reason=reason,
    )


def _short(number: Decimal) -> str:
    """Return a figure without three digits behind its point, which could be read as thousands."""
    return f"{number.quantize(Decimal(1) if number >= _WHOLE else _SHOWN):f}"


def _energy(supplies: Sequence[Supply]) -> Decimal | None:
    """Return the billed energy in kWh, Hs or Hi as it may be; None: a quantity is no energy."""
    total = Decimal(0)
    for supply in supplies:
        kwh = _kwh(supply)
        if kwh is None:
            return None
        total += kwh
    return abs(total)


def _kwh(supply: Supply) -> Decimal | None:
    entry = supply.entry
    if entry.dimension != "energy" or entry.unit is None or entry.quantity is None:
        return None
    ratio = units.ratio(entry.unit, "kWh")
    return entry.quantity * Decimal(ratio.numerator) / Decimal(ratio.denominator)


def _billed(supplies: Sequence[Supply], texts: Sequence[str]) -> Decimal | None:
    """Return the billed energy in kWh (Hi), as far as the bill itself says how to get there."""
    total = Decimal(0)
    for supply in supplies:
        kwh, share = _kwh(supply), _net_share(supply.entry.line, texts)
        if kwh is None or share is None:
            return None
        total += kwh * share
    return abs(total)


def _net_share(line: Line, texts: Sequence[str]) -> Decimal | None:
    """Return Hi/Hs of the billed quantity: 1 where it is Hi, else as the bill states it, if it does."""
    details = (text for text in line.details if not is_statement(text))
    if terms.basis(" . ".join((line.name, *details))) == "Hi":
        return Decimal(1)
    return net_share(texts)
