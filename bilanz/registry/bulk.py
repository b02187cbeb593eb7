"""Master data in bulk: one transaction for a whole table."""

from collections.abc import Iterable

from bilanz.organisation import MasterRow, SourceTerm
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def put_all(registry: Registry, rows: Iterable[MasterRow], deed: Deed | None = None) -> None:
    """Add rows or replace those of their key, in the order given, with the entry in the trail: all or none.

    The caller has checked them; a term that is stated takes the place of those an import had assumed.
    """
    with registry.session() as session:
        for row in rows:
            session.merge(row)
        if deed is not None:
            append(session, deed)
        session.commit()


def drop_terms(registry: Registry, terms: Iterable[SourceTerm]) -> None:
    """Delete terms that an import had assumed."""
    with registry.session() as session:
        for term in terms:
            found = session.get(SourceTerm, term.id)
            if found is not None and found.is_assumed:
                session.delete(found)
        session.commit()
