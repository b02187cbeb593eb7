"""Certificates, contracts and labels brought together with the catalogue whose factor they name."""

import hashlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import Refused, UnknownName
from bilanz.factor import Chain, Delivery
from bilanz.organisation import EnergyInstrument

_POWER: Final = "electricity"


def check_factor(instrument: EnergyInstrument, factors: pl.DataFrame, above: Sequence[str] | None) -> None:
    """Hold an instrument against the factor it names.

    Args:
        instrument: kept by the rules of `bilanz.registry.instruments` already.
        factors: `FACTOR_SCHEMA`.
        above: its organisation and those above; None: it is named for a source.

    Raises:
        UnknownName: there is no such factor.
        Refused: the factor is about something else, lacks the direct part, does not hold for the whole time,
            or belongs to another organisation.
    """
    rows = factors.filter(pl.col("factor_id") == instrument.factor).to_dicts()
    if not rows:
        known = factors["factor_id"].unique().to_list()
        near = ", ".join(get_close_matches(instrument.factor, known, n=3, cutoff=0.6)) or "–"
        message = 'The factor "{name}" is not in the catalogue. Similar: {near}.'
        raise UnknownName(message, name=instrument.factor, near=near)
    head, chains = rows[0], {row["chain"] for row in rows}
    entry = activities()[instrument.activity]
    if head["activity"] not in {None, entry.code, entry.parent} or head["delivery"] == Delivery.LOSSES:
        message = 'The factor "{factor}" is not about {activity}.'
        raise Refused(message, factor=instrument.factor, activity=instrument.activity)
    if not _counted(entry.code) & chains:
        message = (
            'The factor "{factor}" states no direct emissions (chain "direct"), and scope 2 counts those.'
        )
        raise Refused(message, factor=instrument.factor)
    _check_time(instrument, head)
    owner = head["organisation"]
    if owner is not None and above is not None and owner not in above:
        message = 'The factor "{factor}" belongs to the organisation "{owner}".'
        raise Refused(message, factor=instrument.factor, owner=owner)


def _counted(activity: str) -> set[str]:
    """Return the chain parts a book may take: of heat also one figure with upstream, listed as such."""
    direct = {Chain.DIRECT.value}
    return direct if activity == _POWER else direct | {Chain.TOTAL.value}


def _check_time(instrument: EnergyInstrument, head: dict[str, Any]) -> None:
    first, end = head["valid_from"], head["valid_to"]
    starts = first is None or first <= instrument.valid_from
    ends = end is None or (instrument.valid_to is not None and instrument.valid_to <= end)
    if not (starts and ends):
        message = (
            'The factor "{factor}" holds from {first} to {end} (exclusive), not for the whole time of the '
            'instrument "{id}".'
        )
        raise Refused(message, factor=instrument.factor, id=instrument.id, first=first or "–", end=end or "–")


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file of evidence."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
