"""What waits for the caller, by what they may do; of the registry only, so that the start page is quick."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bilanz.access import ALL, Right
from bilanz.app.account import accounts, granting
from bilanz.app.account.accounts import Standing
from bilanz.app.web.duties import place
from bilanz.app.web.guard import Caller
from bilanz.app.web.jobs import TITLES
from bilanz.app.web.state import Server
from bilanz.app.web.views import address
from bilanz.job import UploadState
from bilanz.messages import translate
from bilanz.period import PeriodState
from bilanz.registry import waiting as registered
from bilanz.registry.organisations import organisations

_DAYS: Final = 7
_MOST: Final = 10
"""Entries of a list on the start page."""

_UPLOADS: Final = {
    UploadState.READ: "Files read and checked that nobody has committed yet",
    UploadState.REFUSED: "Files that could not be taken as they are",
    UploadState.RECEIVED: "Files that are waiting to be read",
}
_TO_CLOSE: Final = "Released years that wait for you to close them, as the second person"
_USERS: Final = {
    Standing.RESTS: "Accounts that rest after wrong passwords",
    Standing.INVITED: "Users who have not chosen a password yet",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, in words, and where to go."""

    count: int
    text: str
    href: str


def waiting(server: Server, caller: Caller) -> list[Waiting]:
    """Return what waits for the caller."""
    found = [*_uploads(server, caller), *_periods(server, caller), *_users(server, caller)]
    return [one for one in found if one.count]


def _uploads(server: Server, caller: Caller) -> list[Waiting]:
    counts = registered.uploads_by_state(server.registry, caller.where(Right.DELIVER))
    return [
        Waiting(counts.get(state.value, 0), translate(text, caller.language), "/uploads")
        for state, text in _UPLOADS.items()
    ]


def _periods(server: Server, caller: Caller) -> list[Waiting]:
    """Return the years somebody else has released: who released does not close."""
    held = registered.standing_periods(server.registry, _places(caller, Right.RELEASE))
    mine = [
        one
        for one in held
        if one.state == PeriodState.RELEASED.value and one.released_by != caller.user.login
    ]
    return [Waiting(len(mine), translate(_TO_CLOSE, caller.language), "/review")]


def _users(server: Server, caller: Caller) -> list[Waiting]:
    if not caller.may(Right.USERS):
        return []
    managed = granting.managed(server.registry, caller.reach)
    standings = [accounts.standing(user) for user, _ in managed]
    return [
        Waiting(standings.count(standing), translate(text, caller.language), "/users")
        for standing, text in _USERS.items()
    ]


def failed_jobs(server: Server, caller: Caller) -> list[dict[str, Any]]:
    """Return what failed in the last days where the caller is administrator."""
    since = (datetime.now(UTC) - timedelta(days=_DAYS)).isoformat()
    found = registered.failed_jobs(server.registry, _places(caller, Right.USERS), since, _MOST)
    return [
        {
            "href": f"/jobs/{job.id}",
            "title": translate(TITLES.get(job.kind, job.kind), caller.language),
            "by": job.by,
            "at": job.created_at,
        }
        for job in found
    ]


def released(server: Server, caller: Caller) -> list[dict[str, Any]]:
    """Return the newest released balances the caller may read."""
    units = organisations(server.registry)
    found = registered.standing_periods(server.registry, _places(caller, Right.READ_RELEASED))
    return [
        {
            "href": address(f"/balances/{one.year}", organisation=one.organisation),
            "year": one.year,
            "organisation": place(one.organisation, units, caller.language),
            "is_closed": one.state == PeriodState.CLOSED.value,
            "at": one.closed_at or one.released_at,
        }
        for one in found[:_MOST]
    ]


def _places(caller: Caller, right: Right) -> list[str]:
    """Return the organisations of a right, and all of them together where it reaches so far."""
    return [*caller.where(right), *([ALL] if caller.may(right, ALL) else [])]
