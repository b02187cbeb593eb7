"""To which organisations the object of a route belongs, by the parameters of its address."""

from collections.abc import Callable, Mapping
from typing import Final

from bilanz.access import ALL
from bilanz.app.upload.view import holders
from bilanz.app.web.state import Server
from bilanz.errors import UnknownName
from bilanz.fund.terms import league_of
from bilanz.registry import jobs
from bilanz.registry.uploads import batches_named

Find = Callable[[Server, Mapping[str, str]], tuple[str, ...]]


def _organisation(_server: Server, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the organisation named in the address; none named: all of them."""
    return (parameters.get("organisation") or ALL,)


def _upload(server: Server, parameters: Mapping[str, str]) -> tuple[str, ...]:
    return (jobs.upload(server.registry, parameters["upload"]).organisation,)


def _job(server: Server, parameters: Mapping[str, str]) -> tuple[str, ...]:
    return (jobs.job(server.registry, parameters["job"]).organisation,)


def _batch(server: Server, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the organisation a file was handed in for, then the others whose data it holds."""
    name = parameters["batch"]
    found = batches_named(server.registry, [name]).get(name)
    if found is None:
        raise UnknownName('The batch "{name}" is not known.', name=name)
    held = holders(server.settings, [name]).get(name, set())
    return (found.organisation, *sorted(held - {found.organisation}))


def _everything(_server: Server, _parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return that something is nobody's alone: users, the audit trail."""
    return (ALL,)


def _fund(server: Server, _parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the league whose fund the data directory holds."""
    found = league_of(server.settings.data)
    if found is None:
        raise UnknownName("There is no fund here.")
    return (found,)


SUBJECTS: Final[Mapping[str, Find]] = {
    "organisation": _organisation,
    "upload": _upload,
    "job": _job,
    "batch": _batch,
    "fund": _fund,
    "everything": _everything,
}
"""Name → how the organisations are found, on each of which the right is needed.

Raises `UnknownName` where there is no such object.
"""
