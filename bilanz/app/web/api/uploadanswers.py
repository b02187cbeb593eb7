"""What is answered about uploads. Of files nobody may see, no name is told."""

from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import BaseModel, ConfigDict

from bilanz.access import Right
from bilanz.app.upload.issues import in_words
from bilanz.app.web.api.base import Listed, of_list
from bilanz.app.web.api.exact import utc
from bilanz.app.web.api.jobs import JobTold
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.app.web.uploadstory import Story, story
from bilanz.job import Upload
from bilanz.messages import Language, translate

_EXAMPLE: Final[dict[str, Any]] = {
    "id": "7d444840c0b64b1f9f1fd3b4a5c6d7e8",
    "organisation": "stadtwerke",
    "file": "strom-2024.csv",
    "size": 20480,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "state": "read",
    "by": "olga",
    "at": "2025-01-14T08:30:00.000000+00:00",
    "batch": None,
}


class UploadTold(BaseModel):
    """An upload. `state`: received, read, refused, committed or discarded; `batch`: what it became."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    organisation: str
    file: str
    size: int
    sha256: str
    state: str
    by: str
    at: str
    batch: str | None


class UploadAccepted(BaseModel):
    """A file that was taken in, and the job that reads it."""

    upload: UploadTold
    job: JobTold


class Total(BaseModel):
    """A sum over rows. `quantity`: exact; `basis`: calorific, where the unit has one."""

    activity: str | None
    direction: str
    unit: str | None
    basis: str | None
    quantity: str
    records: int


class Span(BaseModel):
    """From when to when, UTC, the end exclusive; null: nothing is dated."""

    start: str | None
    end: str | None


class Counts(BaseModel):
    """Rows: read = accepted + rejected + ignored."""

    read: int
    accepted: int
    rejected: int
    ignored: int


class Candidate(BaseModel):
    """An importer that may read the file, how sure it is (0 to 1), and why."""

    importer: str
    confidence: float
    reason: str


class Refusal(BaseModel):
    """Why the file cannot be taken as it is, and what helps."""

    code: str
    detail: str


class OverlapTold(BaseModel):
    """What the file has in common with what is held. Of files the caller may not see, no name is told."""

    source: str
    start: str
    end: str
    count: int
    rule: str
    new_loses: bool
    of: str
    batch: str | None
    file: str | None
    by: str | None
    at: str | None


class RecordTold(BaseModel):
    """What a row became."""

    row: int | None
    organisation: str | None
    site: str | None
    source: str | None
    activity: str | None
    direction: str | None
    unit: str | None
    basis: str | None
    start: str
    end: str
    quantity: str


class RowTold(BaseModel):
    """A row of the file as it stands there, and what it became; nothing: it was rejected or ignored."""

    row: int | None
    cells: list[str]
    records: list[RecordTold]


class Preview(BaseModel):
    """The first rows of a file."""

    header: list[str]
    rows: list[RowTold]


class Member(BaseModel):
    """A file of a package. `result`: read, refused or known (imported before)."""

    file: str
    result: str
    importer: str | None
    counts: Counts | None
    detail: str


class KeptYear(BaseModel):
    """A released or closed year whose balance stays as it is although data were added."""

    year: int
    organisation: str
    state: str


class UploadWhole(UploadTold):
    """An upload with what its last reading gave; what was not found is null or empty."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    terms: dict[str, Any]
    importer: str | None
    counts: Counts | None
    severities: dict[str, int]
    totals: list[Total]
    period: Span | None
    candidates: list[Candidate]
    refusal: Refusal | None
    overlaps: list[OverlapTold]
    overlap_count: int
    can_replace: bool
    preview: Preview
    members: list[Member]
    batches: list[str]
    kept: list[KeptYear]


class IssueTold(BaseModel):
    """What is wrong or doubtful in a file. `severity`: error (the row was not imported), warning or info."""

    row: int | None
    column: str | None
    value: str | None
    code: str
    severity: str
    message: str
    remedy: str
    file: str | None


def short(upload: Upload) -> UploadTold:
    """Return an upload for a program."""
    return UploadTold(**_short(upload))


def _short(upload: Upload) -> dict[str, Any]:
    return {name: getattr(upload, name) for name in UploadTold.model_fields}


def whole(server: Server, caller: Caller, upload: Upload) -> UploadWhole:
    """Return an upload with what its last reading gave."""
    told = story(server, caller, upload)
    found = told.outcome
    return UploadWhole(
        **_short(upload),
        terms=upload.terms,
        importer=found.get("importer"),
        counts=_counts(found) if "read" in found else None,
        severities=found.get("severities", {}),
        totals=[_total(one) for one in found.get("totals", [])],
        period=_span(found["period"]) if "period" in found else None,
        candidates=[_candidate(one, caller.language) for one in found.get("candidates", [])],
        refusal=_refusal(told),
        overlaps=[_overlap(one, caller) for one in found.get("overlaps", [])],
        overlap_count=found.get("overlap_count", 0),
        can_replace=told.can_replace(),
        preview=_preview(found.get("preview") or {"header": [], "rows": []}),
        members=_members(told),
        batches=found.get("batches", []),
        kept=[KeptYear(**one) for one in found.get("kept", [])],
    )


def _counts(told: dict[str, Any]) -> Counts:
    return Counts(**{name: told[name] for name in Counts.model_fields})


def _total(told: dict[str, Any]) -> Total:
    return Total(**{name: told[name] for name in Total.model_fields})


def _span(told: dict[str, str | None]) -> Span:
    return Span(**{name: None if at is None else utc(at) for name, at in told.items()})


def _in_utc(told: dict[str, Any]) -> dict[str, Any]:
    return told | {name: utc(told[name]) for name in ("start", "end")}


def _candidate(told: dict[str, Any], language: Language) -> Candidate:
    reason = translate(told["reason"], language, **told["parameters"])
    return Candidate(importer=told["importer"], confidence=told["confidence"], reason=reason)


def _refusal(told: Story) -> Refusal | None:
    found = told.outcome.get("refusal")
    return None if found is None else Refusal(code=found["code"], detail=told.refusal())


def _overlap(told: dict[str, Any], caller: Caller) -> OverlapTold:
    is_seen = told["owner"] is not None and caller.may(Right.READ, told["owner"])
    hidden = {} if is_seen else dict.fromkeys(("batch", "file", "by", "at"))
    return OverlapTold(**{name: (_in_utc(told) | hidden)[name] for name in OverlapTold.model_fields})


def _preview(told: dict[str, Any]) -> Preview:
    rows = [
        RowTold(
            row=row["row"],
            cells=row["cells"],
            records=[RecordTold(**_in_utc(one)) for one in row["records"]],
        )
        for row in told["rows"]
    ]
    return Preview(header=told["header"], rows=rows)


def _members(told: Story) -> list[Member]:
    return [
        Member(
            file=found["file"],
            result=found["result"],
            importer=found.get("importer"),
            counts=_counts(found) if found["result"] == "read" else None,
            detail=detail,
        )
        for found, (_, detail) in zip(told.outcome.get("members", []), told.members(), strict=True)
    ]


def issues(source: Path, language: Language, offset: int, limit: int) -> Listed[IssueTold]:
    """Return a part of the issues a file holds; none where nothing was read yet."""
    if not source.exists():
        return of_list([], 0, offset)
    scanned = pl.scan_parquet(source)
    count = int(scanned.select(pl.len()).collect().item())
    found = scanned.slice(offset, limit).collect()
    return of_list([IssueTold(**one) for one in in_words(found, language)], count, offset)


def totals(told: list[dict[str, Any]]) -> list[Total]:
    """Return sums of the store."""
    return [_total(one) for one in told]
