"""Sessions of browsers and tokens of programs: what has ended never comes back by a late write."""

from sqlmodel import col, delete, select, update

from bilanz.access import ApiToken, WebSession
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def put_session(registry: Registry, opened: WebSession) -> None:
    """Add a session or replace the one of its id."""
    with registry.session() as session:
        session.merge(opened)
        session.commit()


def session_of(registry: Registry, identifier: str) -> WebSession | None:
    """Return a session, or None."""
    with registry.session() as session:
        return session.get(WebSession, identifier)


def sessions_of(registry: Registry, user: str) -> list[WebSession]:
    """Return the sessions of a user, the newest first."""
    query = select(WebSession).where(WebSession.user == user).order_by(col(WebSession.created_at).desc())
    with registry.session() as session:
        return list(session.exec(query))


def seen(registry: Registry, identifier: str, at: str) -> None:
    """Enter when a session was last used, where it is still there."""
    with registry.session() as session:
        session.exec(update(WebSession).where(col(WebSession.id) == identifier).values(seen_at=at))
        session.commit()


def end_session(registry: Registry, identifier: str) -> None:
    """Forget a session; one that is not there is no fault."""
    with registry.session() as session:
        session.exec(delete(WebSession).where(col(WebSession.id) == identifier))
        session.commit()


def end_sessions(registry: Registry, user: str, but: str | None = None) -> None:
    """Forget the sessions of a user, but one."""
    with registry.session() as session:
        session.exec(
            delete(WebSession).where(col(WebSession.user) == user, col(WebSession.id) != (but or ""))
        )
        session.commit()


def end_older(registry: Registry, created_before: str, seen_before: str) -> None:
    """Forget the sessions that have run out."""
    is_over = (col(WebSession.created_at) < created_before) | (col(WebSession.seen_at) < seen_before)
    with registry.session() as session:
        session.exec(delete(WebSession).where(is_over))
        session.commit()


def add_token(registry: Registry, token: ApiToken, deed: Deed) -> None:
    """Add a token, with its entry in the trail."""
    with registry.session() as session:
        session.add(token)
        append(session, deed)
        session.commit()


def token_of(registry: Registry, identifier: str) -> ApiToken | None:
    """Return a token, or None."""
    with registry.session() as session:
        return session.get(ApiToken, identifier)


def tokens_of(registry: Registry, user: str) -> list[ApiToken]:
    """Return the tokens of a user, the newest first."""
    query = select(ApiToken).where(ApiToken.user == user).order_by(col(ApiToken.created_at).desc())
    with registry.session() as session:
        return list(session.exec(query))


def used(registry: Registry, identifier: str, at: str) -> None:
    """Enter when a token was last used."""
    with registry.session() as session:
        session.exec(update(ApiToken).where(col(ApiToken.id) == identifier).values(used_at=at))
        session.commit()


def revoke(registry: Registry, user: str, at: str, by: str, identifier: str | None = None) -> int:
    """Make a token of a user useless, or all of them, each with its entry in the trail; return how many."""
    query = select(ApiToken).where(ApiToken.user == user, col(ApiToken.revoked_at).is_(None))
    if identifier is not None:
        query = query.where(ApiToken.id == identifier)
    with registry.session() as session:
        found = session.exec(query).all()
        for token in found:
            token.revoked_at = at
            session.add(token)
            append(session, Deed(by, "token.revoke", token.id, details={"name": token.name}))
        session.commit()
    return len(found)
