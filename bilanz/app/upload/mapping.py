"""The columns of an unknown upload: what they seem to be, and the answers about them, made a profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from bilanz.app.intake.mapdraft import Draft, draft, field_names, period_of
from bilanz.app.settings import Settings
from bilanz.app.upload import uploads
from bilanz.app.upload.terms import UploadTerms
from bilanz.errors import FileRefused, UsageError
from bilanz.job import Job, Upload
from bilanz.messages import Language
from bilanz.registry.engine import Registry
from importers.profiles.profile import MappingProfile, Values

DRAFT: Final = "draft"
"""Name of a profile that nobody has named yet."""

QUANTITIES: Final = frozenset({"quantity", "value"})
"""Fields of which there may be several columns, each with activity and unit of its own."""

_TIMES: Final = frozenset({"begin", "end", "stamp", "date"})
_SIGNS: Final = frozenset({"credit", "reversed"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered about a file.

    Attributes:
        kind: table or interval.
        columns: field → header text, without the quantities.
        values: columns of quantities.
        quality: how quantities came about where no column says so; "": not stated.
        stamp: of interval values with one time: begin or end; None: both are there.
        negative: what a minus sign means.
        formats: header text → format of its numbers or dates.
    """

    kind: str
    columns: Mapping[str, str]
    values: Sequence[Values]
    quality: str = ""
    stamp: str | None = None
    negative: str = "refused"
    formats: Mapping[str, str] = field(default_factory=dict)


def draft_of(settings: Settings, upload: Upload) -> Draft:
    """Return how an upload presents itself, called as who handed it in calls it.

    Raises:
        Refused: its bytes are gone.
        FileRefused: no table can be seen in it.
    """
    path = uploads.content(settings, upload)
    if not path.exists():
        raise uploads.over(upload)
    try:
        return draft(path)
    except FileRefused as error:
        told = {**error.parameters, "file": upload.file}
        raise FileRefused(error.template, code=error.code, **told) from None


def read_by(settings: Settings, registry: Registry, upload: Upload, profile: MappingProfile) -> Job:
    """Let an upload be read by a profile; what was stated of its kind and formats holds no more.

    Raises: as `bilanz.app.upload.uploads.read`.
    """
    stated = {**upload.terms, "profile": profile.model_dump(mode="json"), "importer": None, "formats": {}}
    return uploads.read(settings, registry, upload, UploadTerms.of(stated))


def profile_of(seen: Draft, answers: Answers) -> MappingProfile:
    """Return the profile of the answers, still without its name.

    Raises:
        UsageError: they are no profile.
    """
    told: dict[str, Any] = {"kind": answers.kind, "header": seen.header, "name": DRAFT}
    if answers.kind == "table":
        told["period"] = period_of(tuple(answers.columns)) or "stated"
        if "quality" not in answers.columns and answers.quality:
            told["given"] = {"quality": answers.quality}
    elif not {"begin", "end"} & set(answers.columns):
        told["stamp"] = answers.stamp
    told["negative"] = answers.negative if answers.negative in _SIGNS else "refused"
    told |= {
        "columns": dict(answers.columns),
        "values": [value.model_dump() for value in answers.values],
        "formats": dict(answers.formats),
    }
    try:
        return MappingProfile.model_validate(told)
    except ValidationError as error:
        reasons = "; ".join(str(entry["msg"]).removeprefix("Value error, ") for entry in error.errors())
        raise UsageError("The answers do not fit together ({reasons}).", reasons=reasons) from None


def answered(
    seen: Draft, kind: str, told: Sequence[Mapping[str, str]], language: Language, **rest: str | None
) -> Answers:
    """Return the answers of a form.

    Args:
        seen: the file.
        kind: table or interval.
        told: per column of the file: field, activity, unit, basis, format; "" where nothing was chosen.
        language: of messages.
        rest: quality, stamp and negative.

    Raises:
        UsageError: no quantity or no time was chosen, or one field for two columns.
    """
    names = field_names(kind, language)
    columns: dict[str, str] = {}
    chosen: list[tuple[str, Mapping[str, str]]] = []
    formats: dict[str, str] = {}
    for column, answer in zip(seen.columns, told, strict=True):
        name = answer["field"]
        if name not in names:
            continue
        if answer["format"]:
            formats[column.title] = answer["format"]
        if name in QUANTITIES:
            chosen.append((column.title, answer))
        elif name in columns:
            message = 'Two columns are “{field}”: "{first}" and "{second}". Leave one of them out.'
            raise UsageError(message, field=names[name], first=columns[name], second=column.title)
        else:
            columns[name] = column.title
    if not chosen and "closing_reading" not in columns:
        raise UsageError("No column is the quantity yet. Say which one holds what was used or paid.")
    has_time = (
        period_of(tuple(columns)) if kind == "table" else {"begin", "end", "stamp", "date"} & set(columns)
    )
    if not has_time:
        raise UsageError(
            "No column says when yet. Say which one holds the date, the month, the year, or start and end."
        )
    values = [_values(title, answer, columns) for title, answer in chosen]
    return Answers(
        kind,
        columns,
        values,
        quality=rest.get("quality") or "",
        stamp=rest.get("stamp") or None,
        negative=rest.get("negative") or "refused",
        formats=formats,
    )


def _values(title: str, answer: Mapping[str, str], columns: Mapping[str, str]) -> Values:
    """Return a column of quantities; what another column says of each row is not said of the whole."""
    told = {name: answer[name] or None for name in ("activity", "unit", "basis") if name not in columns}
    try:
        return Values.model_validate({"column": title, **told})
    except ValidationError:
        message = 'Activity or unit of "{column}" is not known.'
        raise UsageError(message, column=title) from None
