"""What the reading of an uploaded file gave, as it is kept with the upload: codes and numbers, no sentences.

outcome.json of the row      counts, totals, period, candidates, preview, overlaps, refusal
uploads/<id>/issues.parquet  all issues
uploads/<id>/rejects-*.csv   the rejected rows, in each language
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.app.intake.examination import claims_of
from bilanz.app.intake.package import PackageSummary
from bilanz.app.intake.summary import ImportSummary, can_be_mended
from bilanz.app.intake.taking import Intake
from bilanz.app.upload import issues as uploadissues
from bilanz.app.upload import overlaps as overlappreview
from bilanz.errors import BilanzError
from bilanz.messages import LANGUAGES, Language

Summary = ImportSummary | PackageSummary

_MOST: Final = 60
"""Months of coverage and members of a package kept for people."""

_COUNTS: Final = ("read", "accepted", "rejected", "ignored")


def issues_file(folder: Path) -> Path:
    """Return where all issues of an upload lie."""
    return folder / "issues.parquet"


def rejects_file(folder: Path, language: Language) -> Path:
    """Return where the rejected rows of an upload lie."""
    return folder / f"rejects-{language}.csv"


def recognised(path: Path, intake: Intake) -> list[dict[str, Any]]:
    """Return who may read a file and why, the surest first."""
    claims, called = claims_of(path, intake.profiles), intake.called(path)
    return [
        {
            "importer": importer.name,
            "confidence": claim.confidence,
            "reason": claim.reason,
            "parameters": _renamed(claim.parameters, called, path),
        }
        for importer, claim in claims
    ]


def members_of(done: Summary) -> Sequence[ImportSummary]:
    """Return the files of a package, or the one file there is."""
    return done.members if isinstance(done, PackageSummary) else [done]


def counted(done: Summary, folder: Path) -> dict[str, Any]:
    """Return counts, totals, period and coverage, and lay issues and rejects beside the bytes."""
    told = done.as_json()
    severities = uploadissues.keep(members_of(done), issues_file(folder))
    rejects = ""
    for language in LANGUAGES:
        rejects = _in(done, language).rejects_csv()
        rejects_file(folder, language).write_text(rejects, encoding="utf-8-sig")
    members = _members(done)
    coverage = [month for month in told.get("coverage", []) if month["measured"] < month["expected"]]
    return {
        "importer": done.importer,
        **{name: told[name] for name in _COUNTS},
        "severities": severities,
        "totals": told["totals"],
        "replaced": told.get("replaced", []),
        "period": told["period"],
        "coverage": coverage[:_MOST],
        "coverage_count": len(coverage),
        "can_mend": can_be_mended(rejects),
        "members": members[:_MOST],
        "member_count": len(members),
    }


def _in(done: Summary, language: Language) -> Summary:
    if isinstance(done, PackageSummary):
        members = tuple(replace(member, language=language) for member in done.members)
        return replace(done, members=members, language=language)
    return replace(done, language=language)


def _members(done: Summary) -> list[dict[str, Any]]:
    if not isinstance(done, PackageSummary):
        return []
    read = [
        {
            "file": member.file,
            "result": "read",
            "importer": member.importer,
            **{name: getattr(member, name) for name in _COUNTS},
        }
        for member in done.members
    ]
    left = [
        {
            "file": one.file,
            "result": result,
            "code": one.code,
            "message": one.template,
            "parameters": plain(one.parameters),
        }
        for result, refusals in (("refused", done.refused), ("known", done.known))
        for one in refusals
    ]
    return [*left, *read]


def overlapping(found: Mapping[str, pl.DataFrame], intake: Intake) -> dict[str, Any]:
    """Return the overlaps of each file: entries for people, keys for the comparison at the commit."""
    registry = intake.registry
    if registry is None:
        return {"overlaps": [], "overlap_keys": {}, "overlap_counts": {}, "overlap_count": 0}
    counts = {file: frame.height for file, frame in found.items()}
    entries = [entry for file, frame in found.items() for entry in overlappreview.told(frame, registry, file)]
    return {
        "overlaps": entries[: overlappreview.LISTED],
        "overlap_keys": {file: overlappreview.key(frame) for file, frame in found.items()},
        "overlap_counts": counts,
        "overlap_count": sum(counts.values()),
    }


def refused(error: BilanzError, called: str, path: Path) -> dict[str, Any]:
    """Return why a file cannot be taken as it is; it is called as who handed it in calls it."""
    told = _renamed(plain(error.parameters), called, path)
    return {"code": error.code, "message": error.template, "parameters": told}


def _renamed(parameters: Mapping[str, Any], called: str, path: Path) -> dict[str, Any]:
    """Return parameters in which a file is called as who handed it in calls it."""
    return {
        name: value.replace(path.name, called) if isinstance(value, str) else value
        for name, value in parameters.items()
    }


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON keeps them."""
    return {
        name: value if isinstance(value, str | int | float | bool | None) else str(value)
        for name, value in parameters.items()
    }
