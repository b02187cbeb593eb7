"""The mapping assistant: what the columns of an unknown file are, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from bilanz.access import Right
from bilanz.activity import activities
from bilanz.app.intake.mapdraft import Draft, Suggestion, field_names
from bilanz.app.upload.mapping import answered, draft_of, profile_of, read_by
from bilanz.app.upload.profiles import save_profile
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import BilanzError
from bilanz.job import Upload
from bilanz.messages import Language, translate
from bilanz.registry.jobs import upload as upload_of
from importers.profiles.profile import MappingProfile

router = APIRouter(prefix="/uploads")

Officer = Annotated[Caller, Depends(Guard(Right.DELIVER, "upload"))]
_PARTS: Final = ("field", "activity", "unit", "basis", "format")
_REST: Final = ("quality", "stamp", "negative")


@dataclass(frozen=True, slots=True)
class Line:
    """A column of the file in the form. `chosen`: field, activity, unit, basis, format."""

    place: int
    column: Suggestion
    chosen: Mapping[str, str]


@router.get("/{upload}/mapping")
def show(request: Request, server: ServerOf, upload: str, caller: Officer, kind: str = "") -> Response:
    """Ask what the columns are; what the header says in so many words is chosen already."""
    return _form(request, server, caller, upload_of(server.registry, upload), kind)


def _form(
    request: Request,
    server: Server,
    caller: Caller,
    upload: Upload,
    kind: str,
    *,
    told: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    seen = draft_of(server.settings, upload)
    kind = kind if kind in {"table", "interval"} else "interval" if seen.is_interval else "table"
    kept = upload.terms.get("profile")
    given = told or (
        _stated(seen, MappingProfile.model_validate(kept)) if kept and kept["kind"] == kind else {}
    )
    lines = [
        Line(place, column, _chosen(place, column, kind, given)) for place, column in enumerate(seen.columns)
    ]
    return page(
        request,
        "mapping_form.html.jinja",
        status=422 if problem else 200,
        upload=upload,
        draft=seen,
        kind=kind,
        lines=lines,
        given=given,
        problem=problem,
        fields=_fields(kind, caller.language),
        activities=_activities(caller.language),
        here=f"/uploads/{upload.id}",
    )


def _chosen(place: int, column: Suggestion, kind: str, given: Mapping[str, str]) -> dict[str, str]:
    if given:
        return {name: given.get(f"{name}_{place}", "") for name in _PARTS}
    is_known = column.field in field_names(kind, "en")
    return {
        "field": (column.field or "") if is_known else "",
        "activity": column.activity or "",
        "unit": column.unit or "",
        "basis": column.basis or "",
        "format": "",
    }


def _stated(seen: Draft, profile: MappingProfile) -> dict[str, str]:
    """Return the answers a profile was made of."""
    fields = {title: name for name, title in profile.columns.items()}
    values = {value.column: value for value in profile.values}
    told = {
        "quality": profile.given.get("quality", ""),
        "stamp": profile.stamp or "",
        "negative": profile.negative,
    }
    quantity = "quantity" if profile.kind == "table" else "value"
    for place, column in enumerate(seen.columns):
        value = values.get(column.title)
        told[f"field_{place}"] = quantity if value else fields.get(column.title, "")
        told[f"format_{place}"] = profile.formats.get(column.title, "")
        for name in ("activity", "unit", "basis"):
            told[f"{name}_{place}"] = str(getattr(value, name, None) or "")
    return told


def _fields(kind: str, language: Language) -> list[tuple[str, str]]:
    named = [(name, text.replace("_", " ")) for name, text in field_names(kind, language).items()]
    return [("", translate("leave out", language)), *named]


def _activities(language: Language) -> list[tuple[str, str]]:
    named = sorted(
        ((one.code, one.name(language)) for one in activities().values()), key=lambda pair: pair[1]
    )
    return [("", translate("another column says it", language)), *named]


@router.post("/{upload}/mapping")
async def answer(request: Request, server: ServerOf, upload: str, caller: Officer) -> Response:
    """Read the file by the answers; or save the mapping it was read by."""
    form = await request.form()
    do = _save if form.get("action") == "save" else _try
    return await run_in_threadpool(do, request, server, caller, upload, form)


def _try(request: Request, server: Server, caller: Caller, upload: str, form: FormData) -> Response:
    found = upload_of(server.registry, upload)
    told = {name: str(value).strip() for name, value in form.items()}
    kind = "interval" if told.get("kind") == "interval" else "table"
    try:
        seen = draft_of(server.settings, found)
        columns = [
            {name: told.get(f"{name}_{place}", "") for name in _PARTS} for place in range(len(seen.columns))
        ]
        rest: dict[str, Any] = {name: told.get(name, "") for name in _REST}
        profile = profile_of(seen, answered(seen, kind, columns, caller.language, **rest))
        job = read_by(caller.settings, server.registry, found, profile)
    except BilanzError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _form(request, server, caller, found, kind, told=told, problem=said)
    server.queue.wake()
    return RedirectResponse(f"/jobs/{job.id}", 303)


def _save(request: Request, server: Server, caller: Caller, upload: str, form: FormData) -> Response:
    found = upload_of(server.registry, upload)
    try:
        save_profile(caller.settings, server.registry, found, str(form.get("title", "")))
    except BilanzError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _form(request, server, caller, found, "", problem=said)
    return RedirectResponse(f"/uploads/{found.id}", 303)
