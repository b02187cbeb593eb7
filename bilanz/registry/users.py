"""Users and their grants; every change of them with its entry in the trail.

A user is changed column by column: whoever signs in meanwhile takes nothing back that an administrator did.
"""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, delete, select, update

from bilanz.access import Grant, User
from bilanz.errors import UnknownName
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def users(registry: Registry) -> list[User]:
    """Return all users by login."""
    with registry.session() as session:
        return list(session.exec(select(User).order_by(User.login)))


def user(registry: Registry, identifier: str) -> User:
    """Return one user.

    Raises:
        UnknownName: there is none of this id.
    """
    with registry.session() as session:
        found = session.get(User, identifier)
    if found is None:
        raise UnknownName('The user "{name}" is not known.', name=identifier)
    return found


def by_login(registry: Registry, login: str) -> User | None:
    """Return the user of a login, whatever its case, or None."""
    with registry.session() as session:
        return session.exec(select(User).where(User.login == login.strip().lower())).first()


def by_subject(registry: Registry, subject: str) -> User | None:
    """Return the user of an identity of OpenID Connect, or None."""
    with registry.session() as session:
        return session.exec(select(User).where(User.subject == subject)).first()


def put_user(registry: Registry, changed: User, deed: Deed | None = None) -> None:
    """Add a user or replace the one of the id, with the entry in the trail where others should know."""
    with registry.session() as session:
        session.merge(changed)
        if deed is not None:
            append(session, deed)
        session.commit()


def add_user(registry: Registry, made: User, grants: Iterable[Grant], deeds: Iterable[Deed]) -> None:
    """Add a user with their grants and the entries in the trail: all or nothing."""
    with registry.session() as session:
        session.add(made)
        session.flush()
        session.add_all(list(grants))
        for deed in deeds:
            append(session, deed)
        session.commit()


def change_user(registry: Registry, identifier: str, deed: Deed | None, **values: Any) -> None:  # noqa: ANN401 - columns
    """Change columns of a user and no other, with the entry in the trail where there is one."""
    with registry.session() as session:
        session.exec(update(User).where(col(User.id) == identifier).values(**values))
        if deed is not None:
            append(session, deed)
        session.commit()


def count_failure(registry: Registry, identifier: str) -> int:
    """Count a wrong password or code and return how many there are; those at the same time count each."""
    with registry.session() as session:
        here = col(User.id) == identifier
        session.exec(update(User).where(here).values(failures=col(User.failures) + 1))
        failures = session.exec(select(User.failures).where(here)).one()
        session.commit()
    return failures


def use_step(registry: Registry, identifier: str, step: int) -> bool:
    """Enter that the code of a step was used; return whether neither it nor a later one had been."""
    is_fresh = (col(User.id) == identifier) & (col(User.totp_step) < step)
    with registry.session() as session:
        done = session.exec(update(User).where(is_fresh).values(totp_step=step))
        session.commit()
    return bool(done.rowcount)


def grants(registry: Registry, identifier: str | None = None) -> list[Grant]:
    """Return the grants of a user, or of all, in a fixed order."""
    query = select(Grant)
    if identifier is not None:
        query = query.where(Grant.user == identifier)
    with registry.session() as session:
        found = session.exec(query).all()
    return sorted(found, key=lambda grant: (grant.user, grant.organisation, grant.duty))


def put_grants(registry: Registry, identifier: str, wanted: Iterable[Grant], deed: Deed) -> None:
    """Replace the grants of a user, with the entry in the trail: all or nothing."""
    with registry.session() as session:
        session.exec(delete(Grant).where(Grant.user == identifier))  # type: ignore[arg-type] # sqlmodel types columns as their values
        for grant in wanted:
            session.add(grant)
        append(session, deed)
        session.commit()
