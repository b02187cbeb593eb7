"""What the queue does with an uploaded file: it is read and rehearsed, or committed; a batch is withdrawn."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bilanz.app.intake import ingest
from bilanz.app.intake.examination import Examination
from bilanz.app.intake.opening import open_intake
from bilanz.app.intake.summary import ImportSummary
from bilanz.app.intake.taking import Intake, Terms
from bilanz.app.intake.totals import replaced_in
from bilanz.app.period.standing import touched
from bilanz.app.queue import Work
from bilanz.app.upload import outcome as uploadoutcome
from bilanz.app.upload.overlaps import Changed, agreeing
from bilanz.app.upload.rows import preview
from bilanz.app.upload.terms import UploadTerms
from bilanz.app.upload.uploads import OPEN, content, folder, over, within
from bilanz.errors import AlreadyImported, BilanzError, Refused, StoreBusy
from bilanz.job import Upload, UploadState
from bilanz.registry import uploads as registered
from bilanz.registry.jobs import upload as upload_of
from bilanz.registry.organisations import organisations, path, zone_of
from bilanz.store.archive import Taking

if TYPE_CHECKING:
    import polars as pl

WITHDRAW: Final = "withdraw"


def read(work: Work) -> Mapping[str, Any] | None:
    """Read an upload and find out what a commit would do; a file that cannot be taken is no failed job.

    Raises:
        Refused: it is committed or discarded.
        StoreBusy: another process holds the store.
    """
    upload = upload_of(work.registry, work.job.subject)
    if upload.state not in OPEN:
        raise over(upload)
    state, outcome = UploadState.READ, {}
    try:
        outcome = _read(work, upload)
    except StoreBusy:
        raise
    except BilanzError as error:
        state = UploadState.REFUSED
        outcome = {"refusal": uploadoutcome.refused(error, upload.file, content(work.settings, upload))}
        outcome["candidates"] = _candidates(work, upload)
    registered.change(work.registry, upload.id, OPEN, state=state, outcome=outcome)
    return {"state": state.value}


def _read(work: Work, upload: Upload) -> dict[str, Any]:
    place = folder(work.settings, upload)
    overlaps: dict[str, pl.DataFrame] = {}
    rows: dict[str, Any] = {}

    with _intake(work, upload, "first", None) as intake:

        def finish(taken: Taking, examined: Examination) -> ImportSummary:
            if not rows:
                rows.update(preview(taken.path, examined, intake.directory / "preview"))
            summary, overlaps[examined.file] = intake.rehearse(examined)
            return summary

        path_ = content(work.settings, upload)
        done = ingest.hand_in(path_, intake, work.progress, finish)
        return {
            **uploadoutcome.counted(done, place),
            **uploadoutcome.overlapping(overlaps, intake),
            "candidates": _recognised(path_, intake),
            "preview": rows,
        }


def _recognised(file: Path, intake: Intake) -> list[dict[str, Any]]:
    return [] if ingest.is_package(file) else uploadoutcome.recognised(file, intake)


def _candidates(work: Work, upload: Upload) -> list[dict[str, Any]]:
    """Return who may read a file that was refused; where not even that can be said, nobody."""
    try:
        with _intake(work, upload, "first", None) as intake:
            return _recognised(content(work.settings, upload), intake)
    except BilanzError:
        return []


@contextmanager
def _intake(work: Work, upload: Upload, rule: str, reason: str | None) -> Iterator[Intake]:
    """Open what is needed to hand an upload in, for who asked for the job and what they may hand in now."""
    units = organisations(work.registry)
    stated = UploadTerms.of(upload.terms)
    terms = Terms(
        upload.organisation,
        stated.request(zone_of(upload.organisation, units) or work.settings.zone),
        stated.importer,
        rule,
        reason,
        within=within(work.registry, work.job.by, upload.organisation),
        file=upload.file,
    )
    with open_intake(terms, work.settings) as intake:
        yield intake


def commit(work: Work) -> Mapping[str, Any] | None:
    """Commit an upload; one that its own earlier try has committed is done.

    Raises:
        Refused: it was not read, the overlaps are no longer those that were chosen for, or somebody else has
            committed the same bytes since.
        StoreBusy: another process holds the store.
    """
    upload = upload_of(work.registry, work.job.subject)
    if upload.state == UploadState.COMMITTED:
        return {"batch": upload.batch}
    if upload.state != UploadState.READ:
        raise over(upload)
    place, outcome = folder(work.settings, upload), dict(upload.outcome or {})
    try:
        done = _committed(work, upload, outcome)
        outcome |= uploadoutcome.counted(done, place)
    except AlreadyImported:
        if not registered.batches_made_of(work.registry, upload, work.job.by):
            message = "{file}: these bytes were handed in by somebody else meanwhile. Nothing was taken over."
            raise Refused(message, code="already_imported", file=upload.file) from None
    except Changed as error:
        _keep_overlaps(work, upload, outcome, error)
        raise
    batches = [one.id for one in registered.batches_made_of(work.registry, upload, work.job.by)]
    if not batches:
        raise Refused("No row of {file} can be taken over.", code="nothing_accepted", file=upload.file)
    outcome["replaced"] = replaced_in(work.settings, batches)
    outcome["batches"], outcome["kept"] = batches, _kept(work, upload, outcome.get("period") or {})
    registered.change(
        work.registry,
        upload.id,
        [UploadState.READ],
        state=UploadState.COMMITTED,
        batch=batches[0],
        outcome=outcome,
    )
    content(work.settings, upload).unlink(missing_ok=True)
    return {"batch": batches[0]}


def _committed(work: Work, upload: Upload, outcome: Mapping[str, Any]) -> uploadoutcome.Summary:
    rule, reason = work.job.parameters.get("rule", "first"), work.job.parameters.get("reason")
    keys = outcome.get("overlap_keys", {})
    own = [batch.id for batch in registered.batches_made_of(work.registry, upload, work.job.by)]
    with _intake(work, upload, rule, reason) as intake:

        def finish(taken: Taking, examined: Examination) -> ImportSummary:
            summary = intake.finish(taken, examined, agreeing(examined.file, keys, own))
            own.extend([summary.batch] if summary.batch else [])
            return summary

        return ingest.hand_in(content(work.settings, upload), intake, work.progress, finish)


def _keep_overlaps(work: Work, upload: Upload, outcome: dict[str, Any], error: Changed) -> None:
    """Let the page of an upload show the overlaps there are now."""
    with _intake(work, upload, "first", None) as intake:
        now = uploadoutcome.overlapping({error.file: error.overlaps}, intake)
    others = [one for one in outcome.get("overlaps", []) if one["of"] != error.file]
    outcome["overlaps"] = [*others, *now["overlaps"]]
    outcome["overlap_keys"] = {**outcome.get("overlap_keys", {}), **now["overlap_keys"]}
    outcome["overlap_counts"] = {**outcome.get("overlap_counts", {}), **now["overlap_counts"]}
    outcome["overlap_count"] = sum(outcome["overlap_counts"].values())
    registered.change(work.registry, upload.id, [UploadState.READ], outcome=outcome)


def _kept(work: Work, upload: Upload, period: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return the released and closed years whose balance stays as it is although data were added."""
    first, last = days_of(period)
    above = path(upload.organisation, organisations(work.registry)).split("/")
    return [
        {"year": one.year, "organisation": one.organisation, "state": one.state}
        for one in touched(work.settings, first, last)
        if not one.organisation or one.organisation in above
    ]


def days_of(period: Mapping[str, str | None]) -> tuple[date | None, date | None]:
    """Return the first and last day of a period in ISO 8601, end exclusive; undated: the whole of time."""
    start, end = period.get("start"), period.get("end")
    if start is None or end is None:
        return None, None
    last = max(datetime.fromisoformat(start), datetime.fromisoformat(end) - timedelta(microseconds=1))
    return date.fromisoformat(start[:10]), last.date()


def withdraw(work: Work) -> Mapping[str, Any] | None:
    """Take a batch out of every later balance.

    Raises:
        Refused: it is withdrawn already.
        StoreBusy: another process holds the store.
    """
    ingest.withdraw(work.job.subject, reason=work.job.parameters["reason"], settings=work.settings)
    return None
