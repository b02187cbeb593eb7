"""Sessions of browsers and tokens of programs."""

from sqlmodel import col, delete, select

from bilanz.access import ApiToken, WebSession
from bilanz.registry.engine import Registry


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


def put_token(registry: Registry, token: ApiToken) -> None:
    """Add a token or replace the one of its id."""
    with registry.session() as session:
        session.merge(token)
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
