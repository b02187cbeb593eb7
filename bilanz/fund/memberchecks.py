"""Checks of members, their figures, keys and payments: what contradicts itself is not kept."""

import re
from decimal import Decimal
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.figures import PURCHASING_POWER
from bilanz.fund.member import (
    AmountMode,
    FigureKind,
    FundFigure,
    FundKey,
    FundMember,
    FundPayment,
    KeyKind,
)
from bilanz.money import CURRENCIES

PERSON: Final = "person"
_COUNTRY: Final = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2


def check_member(new: FundMember) -> None:
    """Hold a member against the rules.

    Raises:
        Refused: country or currency is no code, it leaves before it joins, or nothing proves it.
    """
    name = new.organisation
    if not _COUNTRY.fullmatch(new.country):
        message = (
            '"{value}" is no country of the member "{id}": two capital letters are expected (ISO 3166-1).'
        )
        raise Refused(message, id=name, value=new.country)
    _currency(name, new.currency)
    if new.left_on is not None and new.left_on <= new.joined_on:
        raise Refused('The member "{id}" leaves before it has joined.', id=name)
    _stated(name, "evidence", new.evidence)


def check_figure(new: FundFigure) -> None:
    """Hold a figure against the rules.

    Raises:
        Refused: kind or unit is not known, the value cannot be, or source, date or licence is missing.
    """
    name = f"{new.organisation} {new.kind} {new.year}"
    if new.kind not in set(FigureKind):
        message = '"{value}" is no kind of figure: {kinds}.'
        raise Refused(message, value=new.kind, kinds=", ".join(FigureKind))
    expected = _expected_unit(new)
    if expected is not None:
        message = 'The figure "{id}" is in "{value}"; expected is {expected}.'
        raise Refused(message, id=name, value=new.unit, expected=expected)
    if new.value < 0 or (new.value == 0 and new.kind != FigureKind.TAX_CAPACITY):
        message = 'The figure "{id}" must be above zero (a tax capacity: not below); it is {value}.'
        raise Refused(message, id=name, value=new.value)
    if new.retrieved_on.year < new.year:
        message = 'The figure "{id}" was retrieved on {day}, before its year began.'
        raise Refused(message, id=name, day=new.retrieved_on)
    _stated(name, "source", new.source)
    _stated(name, "licence", new.licence)


def check_key(new: FundKey) -> None:
    """Hold a key against the rules.

    Raises:
        Refused: its figures are not those of its kind, contradict its mode, or cannot be kept.
    """
    if new.key not in set(KeyKind):
        raise Refused('The kind "{value}" of the key "{id}" is not known.', id=new.id, value=new.key)
    if new.mode not in set(AmountMode):
        message = (
            'What the key "{id}" fixes is "{value}"; it must be "total" or "anchor", for both cannot hold.'
        )
        raise Refused(message, id=new.id, value=new.mode)
    if (new.mode == AmountMode.ANCHOR) != (new.anchor is not None):
        raise Refused('The key "{id}" has an anchor if, and only if, its mode is "anchor".', id=new.id)
    if new.amount <= 0:
        raise Refused('The amount per head of the key "{id}" must be more than zero.', id=new.id)
    if new.mean_years < 1:
        raise Refused('The key "{id}" must average at least one year.', id=new.id)
    _currency(new.id, new.currency)
    _check_parameters(new)
    _check_limits(new)
    _stated(new.id, "evidence", new.evidence)


def check_payment(new: FundPayment) -> None:
    """Hold a payment against the rules.

    Raises:
        Refused: it is of nothing, in no currency, or nothing proves it.
    """
    if new.amount == 0:
        raise Refused('The payment "{id}" is of nothing.', id=new.id)
    _currency(new.id, new.currency)
    _stated(new.id, "evidence", new.evidence)


def _check_parameters(new: FundKey) -> None:
    """Refuse figures that do not belong to the kind, or are out of range."""
    given = {name for name in ("elasticity", "relief", "fiscal_weight") if getattr(new, name) is not None}
    allowed = {
        KeyKind.ELASTIC: [{"elasticity"}],
        KeyKind.RELIEF: [{"relief"}],
        KeyKind.TWO_TIER: [{"elasticity", "fiscal_weight"}, {"relief", "fiscal_weight"}],
    }[KeyKind(new.key)]
    if given not in allowed:
        told = " / ".join(" + ".join(sorted(names)) for names in allowed)
        message = 'The key "{id}" ({kind}) needs exactly: {names}.'
        raise Refused(message, id=new.id, kind=new.key, names=told)
    if new.elasticity is not None and new.elasticity < 0:
        raise Refused(
            'The elasticity of the key "{id}" must not be negative: the poorer would pay more.', id=new.id
        )
    for name, share in (("relief", new.relief), ("fiscal_weight", new.fiscal_weight)):
        if share is not None and not 0 <= share <= 1:
            raise Refused('"{name}" of the key "{id}" must be between 0 and 1.', id=new.id, name=name)


def _check_limits(new: FundKey) -> None:
    """Refuse limits that no members, or not the anchor, could keep."""
    low, high = new.lowest, new.highest
    if (low is not None and low < 0) or (high is not None and high <= 0):
        message = 'The limits of the key "{id}" must not be negative, and the upper one must be above zero.'
        raise Refused(message, id=new.id)
    if low is not None and high is not None and low > high:
        raise Refused('The lower limit of the key "{id}" lies above the upper one.', id=new.id)
    is_weight = new.key == KeyKind.ELASTIC
    if is_weight and new.mode == AmountMode.TOTAL:
        return  # weights are scaled afterwards
    held = Decimal(1) if is_weight else new.amount
    if (low is not None and held < low) or (high is not None and held > high):
        message = 'The limits of the key "{id}" must hold {value}: the mean of all, or what the anchor pays.'
        raise Refused(message, id=new.id, value=held)


def _expected_unit(new: FundFigure) -> str | None:
    """Return what the unit should be; None where it is."""
    unit = new.unit
    if new.kind == FigureKind.INHABITANTS:
        return None if unit == PERSON else PERSON
    if new.kind == FigureKind.PRICE_LEVEL:
        return None if unit.strip() else "DE=100"
    if new.kind == FigureKind.EXCHANGE_RATE:
        own, _, fund = unit.partition("/")
        return None if {own, fund} <= CURRENCIES and own != fund else "PLN/EUR"
    if unit in CURRENCIES or (new.kind == FigureKind.INCOME and unit.startswith(PURCHASING_POWER)):
        return None
    return "EUR, …, PPS_EU27_2020_HAB" if new.kind == FigureKind.INCOME else "EUR, …"


def _currency(name: str, currency: str) -> None:
    if currency not in CURRENCIES:
        raise Refused('"{value}" of "{id}" is no currency that is known.', id=name, value=currency)


def _stated(name: str, column: str, text: str) -> None:
    if not text.strip():
        raise Refused('"{id}" needs its "{column}".', id=name, column=column)
