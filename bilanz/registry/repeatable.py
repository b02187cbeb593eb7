"""Requests that may be sent again, and what was answered to them the first time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete

from bilanz.job import Repeatable
from bilanz.registry.engine import Registry
from bilanz.registry.jobs import now


def begin(registry: Registry, user: str, key: str, content: str) -> Repeatable | None:
    """Enter that a request begins; return what is there already under its key, or None: it is the first."""
    with registry.session() as session:
        session.add(Repeatable(user=user, key=key, content=content, at=now()))
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            return session.get(Repeatable, (user, key))
    return None


def answered(registry: Registry, user: str, key: str, answer: Mapping[str, Any]) -> None:
    """Keep what was answered."""
    with registry.session() as session:
        found = session.get(Repeatable, (user, key))
        if found is not None:
            found.answer = dict(answer)
            session.add(found)
            session.commit()


def forget(registry: Registry, user: str, key: str) -> None:
    """Forget a request that came to nothing, so that it can be sent again."""
    with registry.session() as session:
        session.exec(delete(Repeatable).where(col(Repeatable.user) == user, col(Repeatable.key) == key))
        session.commit()


def forget_older(registry: Registry, before: str) -> None:
    """Forget what was asked before a time."""
    with registry.session() as session:
        session.exec(delete(Repeatable).where(col(Repeatable.at) < before))
        session.commit()
