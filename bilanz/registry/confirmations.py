"""What was confirmed; each change with its entry in the trail, both or neither."""

from collections.abc import Mapping

from sqlmodel import select

from bilanz.confirmation import Confirmation
from bilanz.errors import Refused
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def confirmations(registry: Registry) -> Mapping[str, Confirmation]:
    """Return finding → its confirmation."""
    with registry.session() as session:
        return {one.finding: one for one in session.exec(select(Confirmation))}


def confirmation(registry: Registry, finding: str) -> Confirmation | None:
    """Return the confirmation of a finding, or None where it is open."""
    with registry.session() as session:
        return session.get(Confirmation, finding)


def add(registry: Registry, made: Confirmation, deed: Deed) -> None:
    """Keep a confirmation.

    Raises:
        Refused: the finding is confirmed already.
    """
    with registry.session() as session:
        append(session, deed)  # takes the lock, so that one of two is first
        if session.get(Confirmation, made.finding) is not None:
            raise Refused("It is confirmed already.")
        session.add(made)
        session.commit()


def remove(registry: Registry, finding: str, deed: Deed) -> None:
    """Take a confirmation back.

    Raises:
        Refused: the finding is not confirmed.
    """
    with registry.session() as session:
        append(session, deed)
        found = session.get(Confirmation, finding)
        if found is None:
            raise Refused("It is not confirmed.")
        session.delete(found)
        session.commit()
