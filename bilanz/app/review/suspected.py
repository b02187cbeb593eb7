"""What may be counted twice in the run of a year, and whether somebody has looked at it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bilanz.app.balances import ledger
from bilanz.app.review.decisions import put_confirmation
from bilanz.app.settings import Settings
from bilanz.confirmation import Confirmation
from bilanz.errors import UnknownName
from bilanz.registry.confirmations import confirmations
from bilanz.store import runs
from bilanz.suspects import suspects
from bilanz.trail import canonical

_IDENTITY: Final = (
    "kind", "organisation", "first_source", "first_activity", "second_source", "second_activity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sources that may be the same consumption. Quantities: over the months in which they agree."""

    id: str
    kind: str
    organisation: str
    first_source: str | None
    first_activity: str | None
    second_source: str | None
    second_activity: str | None
    months: int
    first_quantity: Decimal | None
    second_quantity: Decimal | None
    unit: str
    confirmation: Confirmation | None


def pairs_of(settings: Settings, run: str, within: Collection[str] | None = None) -> list[Pair]:
    """Return the pairs of a run nobody declared; `within`: only of these organisations."""
    with ledger(settings) as data:
        year = runs.manifest(data.store, run).year
        frame = suspects(runs.usage(data.store, run), data.source_terms, data.declared.overlaps)
        held = confirmations(data.registry)
    found = []
    for row in frame.iter_rows(named=True):
        if within is None or row["organisation"] in within:
            identifier = _identifier(year, row)
            found.append(Pair(id=identifier, confirmation=held.get(identifier), **row))
    return found


def confirm_pair(settings: Settings, pair: Pair, reason: str = "") -> None:
    """Keep that two sources are two things.

    Raises:
        Refused: it is confirmed already.
    """
    told: dict[str, object] = {"first": pair.first_source, "second": pair.second_source}
    put_confirmation(
        settings, pair.id, code=pair.kind, organisation=pair.organisation, reason=reason, details=told
    )


def chosen(pairs: list[Pair], identifier: str) -> Pair:
    """Return one of the pairs.

    Raises:
        UnknownName: it is not among them.
    """
    for pair in pairs:
        if pair.id == identifier:
            return pair
    raise UnknownName("This pair of sources is not suspected any more.")


def _identifier(year: int, row: dict[str, Any]) -> str:
    told = canonical([year, *(row[name] for name in _IDENTITY)])
    return hashlib.sha256(told.encode()).hexdigest()
