"""A job as somebody follows it: whoever asked for it, and whoever may read everything of its organisation."""

from bilanz.access import Right
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.errors import Forbidden, UnknownName
from bilanz.job import Job
from bilanz.registry import jobs


def followed(server: Server, job: str, caller: Caller) -> Job:
    """Return a job for who may read everything of its organisation, and for whoever asked for it.

    Raises:
        UnknownName: it is neither.
    """
    found = jobs.job(server.registry, job)
    if found.by != caller.user.login and not caller.may(Right.READ, caller.organisation):
        raise UnknownName("There is nothing here, or nothing you may see.")
    return found


def ask_cancel(server: Server, job: str, caller: Caller) -> None:
    """Ask a job to end: its owner may, and whoever may calculate there.

    Raises:
        UnknownName: it is nothing they may follow.
        Forbidden: somebody else's job.
    """
    is_own = followed(server, job, caller).by == caller.user.login
    if not is_own and not caller.may(Right.CALCULATE, caller.organisation):
        raise Forbidden("You may not do this.")
    jobs.ask_cancel(server.registry, job)
