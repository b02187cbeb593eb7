"""Master data in bulk: one transaction for everything that is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import BigInteger, Integer, Numeric, String, inspect
from sqlmodel.sql.sqltypes import AutoString

from bilanz.masterrow import MasterRow
from bilanz.organisation import SourceTerm
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed

_INTEGER: Final = 2**31
_BIG_INTEGER: Final = 2**63


@dataclass(frozen=True, slots=True)
class Limit:
    """What a column of the database holds.

    Attributes:
        characters: length of a text at most; None: any.
        below: size of a number; None: any.
        decimals: of a number at most; None: any.
    """

    characters: int | None = None
    below: int | None = None
    decimals: int | None = None


@cache
def limits(model: type[MasterRow]) -> Mapping[str, Limit]:
    """Return column → what it holds. SQLite would take more and PostgreSQL would fail."""
    found: dict[str, Limit] = {}
    for column in inspect(model).columns:
        kind = column.type
        if isinstance(kind, AutoString | String):
            found[column.name] = Limit(characters=kind.length)
        elif isinstance(kind, Numeric) and kind.precision is not None:
            decimals = kind.scale or 0
            found[column.name] = Limit(below=10 ** (kind.precision - decimals), decimals=decimals)
        elif isinstance(kind, BigInteger):
            found[column.name] = Limit(below=_BIG_INTEGER)
        elif isinstance(kind, Integer):
            found[column.name] = Limit(below=_INTEGER)
    return found


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table, with the entry in the trail that tells of them."""

    rows: tuple[MasterRow, ...]
    deed: Deed | None = None


def take_back(registry: Registry, row: MasterRow, deed: Deed) -> None:
    """Delete a row with the entry in the trail that holds it; the caller has checked that it is free."""
    with registry.session() as session:
        session.delete(row)
        append(session, deed)
        session.commit()


def put_all(registry: Registry, batches: Iterable[Batch], displaced: Iterable[SourceTerm] = ()) -> None:
    """Add rows or replace those of their key, in the order given, with the entries in the trail: all or none.

    The caller has checked them. `displaced`: terms an import had assumed and others now state.
    """
    with registry.session() as session:
        for term in displaced:
            held = session.get(SourceTerm, term.id)
            if held is not None and held.is_assumed:
                session.delete(held)
        session.flush()
        for batch in batches:
            for row in batch.rows:
                session.merge(row)
            session.flush()
            if batch.deed is not None:
                append(session, batch.deed)
        session.commit()
