"""What administrators may do to users: within their own part of the tree, and never to themselves.

An administrator of everything manages everybody. One of a subtree manages those all of whose duties lie in
it; somebody with a duty elsewhere as well is not theirs, or a new password would open what lies elsewhere.
Nobody changes their own duties: who administers could else make themselves officer and reviewer and need no
second person. Two administrators who agree can; the trail tells.
"""

from collections.abc import Collection, Iterable

from bilanz.access import ALL, Grant, Right, User
from bilanz.app.account import accounts
from bilanz.app.account.accounts import Reach
from bilanz.errors import Forbidden, UnknownName, UsageError
from bilanz.registry import users as registered
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisation


def manages(reach: Reach, grants: Iterable[Grant]) -> bool:
    """Tell whether what somebody may do lets them manage the owner of grants."""
    places = {one.organisation for one in grants}
    if reach.may(Right.USERS, ALL):
        return True
    return bool(places) and all(reach.may(Right.USERS, place) for place in places)


def managed(registry: Registry, reach: Reach) -> list[tuple[User, list[Grant]]]:
    """Return the users somebody manages, by login, with their grants."""
    held: dict[str, list[Grant]] = {}
    for one in registered.grants(registry):
        held.setdefault(one.user, []).append(one)
    users = [(user, held.get(user.id, [])) for user in registered.users(registry)]
    return [(user, grants) for user, grants in users if manages(reach, grants)]


def managed_user(registry: Registry, reach: Reach, identifier: str) -> tuple[User, list[Grant]]:
    """Return a user somebody manages, with their grants.

    Raises:
        UnknownName: there is none, or they manage them not.
    """
    user, grants = registered.user(registry, identifier), registered.grants(registry, identifier)
    if not manages(reach, grants):
        raise UnknownName('The user "{name}" is not known.', name=identifier)
    return user, grants


def other_user(registry: Registry, reach: Reach, by: User, identifier: str) -> User:
    """Return a user somebody manages who is somebody else.

    Raises:
        UnknownName: there is none, or they manage them not.
        Forbidden: it is themselves.
    """
    user, _ = managed_user(registry, reach, identifier)
    if user.id == by.id:
        raise Forbidden("Another administrator has to do this: nobody changes their own rights.")
    return user


def add(
    registry: Registry,
    reach: Reach,
    login: str,
    name: str,
    duties: Iterable[tuple[str, str]],
    *,
    by: User,
    subject: str | None = None,
) -> User:
    """Register a user with duties in the part of the tree somebody manages; they have no password yet.

    Raises:
        UsageError: the login is none or taken, or an administrator of a subtree gave no duty.
        UnknownName: there is no such duty or organisation, or it is not theirs.
    """
    wanted = list(duties)
    _check_places(reach, wanted)
    for place in {place for _, place in wanted if place != ALL}:
        organisation(registry, place)
    if not wanted and not reach.may(Right.USERS, ALL):
        raise UsageError("Choose a duty and an organisation: you see only users of your own organisations.")
    return accounts.add_user(registry, login, name, None, by=by.login, subject=subject, duties=wanted)


def grant(
    registry: Registry, reach: Reach, identifier: str, duties: Iterable[tuple[str, str]], *, by: User
) -> None:
    """Replace the duties of somebody else.

    Raises:
        UsageError: an administrator of a subtree takes the last duty away.
        UnknownName: the user, the duty or the organisation is not there or not theirs.
        Forbidden: it is themselves.
    """
    user, wanted = other_user(registry, reach, by, identifier), list(duties)
    check_duties(registry, reach, wanted)
    accounts.grant(registry, user, wanted, by=by.login)


def check_duties(registry: Registry, reach: Reach, wanted: Collection[tuple[str, str]]) -> None:
    """Hold the duties somebody is to have against what an administrator may give.

    Raises:
        UsageError: an administrator of a subtree takes the last duty away.
        UnknownName: an organisation is not there or not theirs.
    """
    _check_places(reach, wanted)
    for place in {place for _, place in wanted if place != ALL}:
        organisation(registry, place)
    if not wanted and not reach.may(Right.USERS, ALL):
        raise UsageError("Leave at least one duty, or lock the user out: without any you could not see them.")


def _check_places(reach: Reach, wanted: Iterable[tuple[str, str]]) -> None:
    for _, place in wanted:
        if not reach.may(Right.USERS, place):
            raise UnknownName("You do not manage users of this organisation.")
