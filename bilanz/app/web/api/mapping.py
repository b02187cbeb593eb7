"""Columns of an upload of an unknown layout: what they seem to be, what they are, kept for the next file."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Path, Response
from pydantic import BaseModel, Field

from bilanz.access import Right
from bilanz.app.intake.mapdraft import field_names
from bilanz.app.upload.mapping import answered, draft_of, profile_of, read_by
from bilanz.app.upload.profiles import save_profile
from bilanz.app.web.api.base import Code, Given, new_router
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.errors import UsageError
from bilanz.registry.jobs import upload as upload_of

router = new_router("uploads")

Named = Annotated[str, Path(max_length=32, description="Identifier of the upload.")]
Officer = Annotated[Caller, Depends(Guard(Right.DELIVER, "upload"))]
Kind = Literal["table", "interval"]


class ColumnSeen(BaseModel):
    """What a column seems to be: as far as its header says so; null: it does not."""

    title: str
    examples: list[str]
    field: str | None
    activity: str | None
    unit: str | None
    basis: str | None


class MappingSeen(BaseModel):
    """What a file seems to be. `fields`: kind → field → what people call it."""

    kind: Kind
    rows: int
    columns: list[ColumnSeen]
    fields: dict[str, dict[str, str]]


class ColumnAnswer(Given):
    """What a column is; an empty `field`: it is left out."""

    title: Code
    field: Code = ""
    activity: Code = ""
    unit: Code = ""
    basis: Code = ""
    format: Code = ""


class Mapping(Given):
    """What the columns of a file are.

    `quality`: how quantities came about where no column says so; `stamp`: begin or end, of one time only;
    `negative`: refused, credit or reversed.
    """

    kind: Kind
    columns: Annotated[list[ColumnAnswer], Field(min_length=1, max_length=400)]
    quality: Code = ""
    stamp: Literal["", "begin", "end"] = ""
    negative: Literal["refused", "credit", "reversed"] = "refused"


class Title(Given):
    """What a mapping is called, such as sender and kind of list."""

    title: Annotated[Code, Field(min_length=1)]


class ProfileTold(BaseModel):
    """A mapping that was kept: every later file with its header is read by it."""

    name: str
    title: str
    header: list[str]


@router.get("/uploads/{upload}/mapping")
def seen(server: ServerOf, upload: Named, caller: Officer) -> MappingSeen:
    """Return the columns of a file and what they seem to be.

    Raises:
        Refused: its bytes are gone, or no table can be seen in it.
    """
    found = draft_of(server.settings, upload_of(server.registry, upload))
    columns = [
        ColumnSeen(
            **{name: getattr(one, name) for name in ColumnSeen.model_fields}
            | {"examples": list(one.examples)}
        )
        for one in found.columns
    ]
    kinds: tuple[Kind, Kind] = ("table", "interval")
    return MappingSeen(
        kind="interval" if found.is_interval else "table",
        rows=found.rows,
        columns=columns,
        fields={kind: field_names(kind, caller.language) for kind in kinds},
    )


@router.post("/uploads/{upload}/mapping", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def answer(server: ServerOf, response: Response, upload: Named, caller: Officer, told: Mapping) -> JobTold:
    """Let the file be read by these answers. A column that is not named is left out.

    Raises:
        UsageError: a column is not in the file, or the answers do not fit together.
    """
    found = upload_of(server.registry, upload)
    header = draft_of(server.settings, found)
    given = {one.title: one for one in told.columns}
    missing = sorted(set(given) - {column.title for column in header.columns})
    if missing:
        raise UsageError("The file has no column {names}.", names=", ".join(missing))
    nothing = ColumnAnswer(title="")
    columns = [given.get(column.title, nothing).model_dump() for column in header.columns]
    rest = {"quality": told.quality, "stamp": told.stamp, "negative": told.negative}
    profile = profile_of(header, answered(header, told.kind, columns, caller.language, **rest))
    job = read_by(caller.settings, server.registry, found, profile)
    return started(server, response, job, caller)


@router.post("/uploads/{upload}/mapping/keep")
def keep(server: ServerOf, upload: Named, caller: Officer, told: Title) -> ProfileTold:
    """Keep the mapping a file was read by; every later file with its header is read by it."""
    made = save_profile(caller.settings, server.registry, upload_of(server.registry, upload), told.title)
    return ProfileTold(name=made.name, title=made.title, header=list(made.header))
