"""Who asks, which organisations they may see, and the jobs they follow."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel

from bilanz.access import ALL, Right
from bilanz.app.web.api.base import Limit, Listed, Offset, listed, new_router
from bilanz.app.web.api.document import ADDRESS
from bilanz.app.web.guard import Caller, Guard, public
from bilanz.app.web.jobs import told
from bilanz.app.web.state import ServerOf
from bilanz.errors import Forbidden
from bilanz.job import Job
from bilanz.messages import Language
from bilanz.registry import jobs
from bilanz.registry.organisations import organisations

router = new_router("account")


class Me(BaseModel):
    """Who asks. `rights`: organisation → rights; the empty organisation: all together."""

    login: str
    name: str
    scopes: list[str] | None
    rights: dict[str, list[str]]


class Organisation(BaseModel):
    """An organisation the caller may see."""

    id: str
    name: str
    kind: str
    parent: str | None
    rights: list[str]


class JobTold(BaseModel):
    """A job. `state`: in words; `code`: queued, running, done, failed or cancelled; `result`: of its kind."""

    id: str
    kind: str
    code: str
    state: str
    progress: float
    is_over: bool
    problem: str | None
    organisation: str
    subject: str
    result: dict[str, Any] | None


def told_of(job: Job, language: Language) -> JobTold:
    """Return a job for a program."""
    return JobTold(
        **told(job, language), organisation=job.organisation, subject=job.subject, result=job.result
    )


@router.get("/me")
def who(caller: Annotated[Caller, Depends(Guard(None))]) -> Me:
    """Return who asks and what they may do where."""
    rights = {
        name: [right.value for right in Right if caller.may(right, name)] for name in caller.reach.rights
    }
    scopes = None if caller.scopes is None else list(caller.scopes)
    return Me(login=caller.user.login, name=caller.user.name, scopes=scopes, rights=rights)


@router.get("/organisations")
def listed_organisations(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED))],
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[Organisation]:
    """Return the organisations the caller may see."""
    units = organisations(server.registry)
    seen = [name for name in caller.reach.rights if name != ALL and caller.may(Right.READ_RELEASED, name)]
    told_ = [
        Organisation(
            id=name,
            name=units[name].name,
            kind=units[name].kind,
            parent=units[name].parent if units[name].parent in seen else None,
            rights=[right.value for right in Right if caller.may(right, name)],
        )
        for name in sorted(seen)
    ]
    return listed(told_, offset, limit)


@router.get("/jobs/{job}")
def job(server: ServerOf, job: str, caller: Annotated[Caller, Depends(Guard(Right.READ, "job"))]) -> JobTold:
    """Return how a job stands."""
    return told_of(jobs.job(server.registry, job), caller.language)


@router.post("/jobs/{job}/cancel")
def cancel(
    server: ServerOf, job: str, caller: Annotated[Caller, Depends(Guard(Right.READ, "job"))]
) -> JobTold:
    """Ask a job to end; its owner may, and whoever may calculate there."""
    found = jobs.job(server.registry, job)
    if found.by != caller.user.login and not caller.may(Right.CALCULATE, caller.organisation):
        raise Forbidden("You may not do this.")
    jobs.ask_cancel(server.registry, job)
    return told_of(jobs.job(server.registry, job), caller.language)


@router.get(ADDRESS.removeprefix("/api/v1"), dependencies=[Depends(public)], include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """Return the OpenAPI document."""
    made: dict[str, Any] = request.app.openapi()
    return made
