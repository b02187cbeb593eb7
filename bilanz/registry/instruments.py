"""Certificates, contracts and labels, and the rules they must keep."""

import re
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from typing import Final

import polars as pl
from sqlmodel import select

from bilanz.errors import Refused, UnknownName
from bilanz.instrument import COVERED, INSTRUMENT_KINDS, INSTRUMENT_SCHEMA, InstrumentKind
from bilanz.organisation import EnergyInstrument
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed

EXPIRY_MONTHS: Final = 18
"""After the end of production a guarantee of origin that was not cancelled expires.

Source: Directive (EU) 2018/2001, Article 19 (3).
"""

_LABELLED: Final = "electricity"
_VINTAGE: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def instruments(registry: Registry) -> dict[str, EnergyInstrument]:
    """Return id → instrument, by id."""
    with registry.session() as session:
        found = session.exec(select(EnergyInstrument).order_by(EnergyInstrument.id))
        return {instrument.id: instrument for instrument in found}


def instrument(registry: Registry, identifier: str) -> EnergyInstrument:
    """Return one instrument.

    Raises:
        UnknownName: there is none of this id; the message names near misses.
    """
    known = instruments(registry)
    if identifier not in known:
        near = ", ".join(get_close_matches(identifier, known, n=3, cutoff=0.5)) or "–"
        message = 'The instrument "{name}" is not registered. Similar: {near}.'
        raise UnknownName(message, name=identifier, near=near)
    return known[identifier]


def remove_instrument(
    registry: Registry, identifier: str, *, by: str, reason: str | None = None
) -> EnergyInstrument:
    """Delete an instrument and return it; runs that used it, and the trail, keep what they say.

    Raises:
        UnknownName: there is none of this id.
    """
    found = instrument(registry, identifier)
    with registry.session() as session:
        session.delete(found)
        told = {name: str(value) for name, value in found.model_dump().items() if value is not None}
        append(session, Deed(by, "instrument.remove", identifier, reason, {"removed": told}))
        session.commit()
    return found


def instruments_frame(registry: Registry) -> pl.DataFrame:
    """Return the instruments as a frame, `INSTRUMENT_SCHEMA`, by id."""
    rows = [instrument.model_dump() for instrument in instruments(registry).values()]
    return pl.DataFrame(rows, schema=INSTRUMENT_SCHEMA, orient="row")


def check_instrument(new: EnergyInstrument, others: Sequence[EnergyInstrument]) -> None:
    """Hold an instrument against the rules and against the others.

    Raises:
        UnknownName: kind or activity is outside the vocabulary.
        Refused: evidence or quantity is missing, the time is not in whole months, it has expired, or another
            instrument says the same.
    """
    for name, expected in ((new.kind, INSTRUMENT_KINDS), (new.activity, COVERED)):
        if name not in expected:
            raise UnknownName('"{name}" is not one of {expected}.', name=name, expected=", ".join(expected))
    _check_holder(new)
    _check_time(new)
    _check_evidence(new)
    if new.kind == InstrumentKind.CERTIFICATE:
        _check_certificate(new)
    if new.kind == InstrumentKind.SUPPLIER_LABEL and new.activity != _LABELLED:
        raise Refused('The supplier label "{id}" can be about electricity only (§ 42 EnWG).', id=new.id)
    for other in others:
        if other.id != new.id and _overlap(new, other):
            _check_beside(new, other)


def _check_holder(new: EnergyInstrument) -> None:
    if (new.organisation is None) == (new.source is None):
        message = 'The instrument "{id}" needs either an organisation or a source.'
        raise Refused(message, id=new.id)


def _check_time(new: EnergyInstrument) -> None:
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        raise Refused('The instrument "{id}" ends before it starts (the end is exclusive).', id=new.id)
    if new.valid_from.day != 1 or (new.valid_to is not None and new.valid_to.day != 1):
        message = (
            'The instrument "{id}" must begin and end on the first day of a month (the end is exclusive: '
            "a whole year ends on 1 January of the next)."
        )
        raise Refused(message, id=new.id)
    year_end = date(new.valid_from.year + 1, 1, 1)
    if new.quantity_kwh is not None and (new.valid_to is None or new.valid_to > year_end):
        message = (
            'The instrument "{id}" has a covered quantity: it must end within the year it begins in, or the '
            "quantity would count in two balances. State one instrument per year."
        )
        raise Refused(message, id=new.id)


def _check_evidence(new: EnergyInstrument) -> None:
    if not new.evidence.strip():
        message = 'The instrument "{id}" needs evidence: register, number of the statement or contract, day.'
        raise Refused(message, id=new.id)
    if new.evidence_sha256 is not None and not _SHA256.fullmatch(new.evidence_sha256):
        raise Refused('"{value}" is not the sha256 of a file (64 digits 0-9 a-f).', value=new.evidence_sha256)
    if new.quantity_kwh is not None and new.quantity_kwh <= 0:
        raise Refused('The covered quantity of the instrument "{id}" must be more than zero.', id=new.id)


def _check_certificate(new: EnergyInstrument) -> None:
    """A certificate counts once it was cancelled, up to what was cancelled, and not after it has expired."""
    if new.quantity_kwh is None:
        raise Refused('The certificate "{id}" needs the covered quantity in kWh.', id=new.id)
    if new.cancelled_on is None or new.vintage is None:
        message = (
            'The certificate "{id}" needs the day of cancellation and the year or month of production: only '
            "cancelled certificates count."
        )
        raise Refused(message, id=new.id)
    made = _VINTAGE.fullmatch(new.vintage)
    if made is None:
        raise Refused('"{value}" is not a year or month of production (2024, 2024-05).', value=new.vintage)
    expiry = _months_after(int(made[1]), int(made[2] or 12), EXPIRY_MONTHS)
    if new.cancelled_on >= expiry:
        message = (
            'The certificate "{id}" had expired when it was cancelled: produced {vintage}, expired {expiry}, '
            "cancelled {cancelled}."
        )
        raise Refused(
            message, id=new.id, vintage=new.vintage, expiry=str(expiry), cancelled=str(new.cancelled_on)
        )


def _months_after(year: int, month: int, months: int) -> date:
    """Return the first day after a month and a number of further months."""
    whole = year * 12 + month + months
    return date(whole // 12, whole % 12 + 1, 1)


def _overlap(first: EnergyInstrument, second: EnergyInstrument) -> bool:
    holders = [(each.kind, each.activity, each.organisation, each.source) for each in (first, second)]
    ends = [each.valid_to or date.max for each in (first, second)]
    is_meanwhile = first.valid_from < ends[1] and second.valid_from < ends[0]
    return holders[0] == holders[1] and is_meanwhile


def _check_beside(new: EnergyInstrument, other: EnergyInstrument) -> None:
    """Two without limit leave open which holds; the same statement twice would count twice."""
    if new.quantity_kwh is None and other.quantity_kwh is None:
        message = 'The instruments "{id}" and "{other}" overlap, and both cover everything.'
        raise Refused(message, id=new.id, other=other.id)
    told = ("evidence", "quantity_kwh", "vintage", "zone", "technology")
    if all(getattr(new, name) == getattr(other, name) for name in told):
        message = 'The instrument "{id}" repeats "{other}": same evidence, quantity and origin.'
        raise Refused(message, id=new.id, other=other.id)
