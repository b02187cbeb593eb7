"""Which importer reads a file, and what it makes of it: everything that needs no database."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.app.intake.controls import controls_of, reading_sums, record_sums
from bilanz.app.intake.foreign import Apart, Others, set_apart, without
from bilanz.app.intake.profiles import recognise
from bilanz.app.intake.statedsums import compare as compare_stated
from bilanz.app.intake.statedsums import stated_sums
from bilanz.app.intake.summary import TOTAL_SCHEMA
from bilanz.errors import BilanzError, FileRefused, UnknownName
from bilanz.issues import ISSUE_SCHEMA, as_frame
from bilanz.kinds import kind
from bilanz.messages import Language, default_language, translate
from bilanz.store.archive import Taken, Taking
from bilanz.store.control import Control, compare
from bilanz.store.filling import fill_activities, fill_series
from bilanz.store.measure import measured
from bilanz.store.scratch import ScratchDatabase, new_scratch
from importers.base import (
    SURE,
    Claim,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
    identify,
    importers_found,
)
from importers.formats.encoding import scan
from importers.mapped import Mapped
from importers.profiles.profile import MappingProfile

LISTED: Final = 12
"""Most organisations a message lists."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A file read and counted, nothing stored.

    Attributes:
        activities, series: filled with organisation and source.
        controls: less what was rejected after reading.
        measured: `MEASURED_SCHEMA`, what the file of readings holds.
        totals: `TOTAL_SCHEMA`.
        period: [start, end) in UTC of what was accepted, or None.
    """

    file: str
    sha256: str
    importer: Importer
    result: ImportResult
    activities: pl.DataFrame
    series: pl.DataFrame
    issues: pl.DataFrame
    rejected: int
    controls: tuple[Control, ...]
    measured: pl.DataFrame
    totals: pl.DataFrame
    period: tuple[datetime, datetime] | None

    @property
    def accepted(self) -> int:
        """Number of accepted records."""
        return self.activities.height + self.result.readings_accepted


def _claims(claims: list[tuple[Importer, Claim]], language: Language) -> list[dict[str, str]]:
    return [
        {"importer": importer.name, "reason": translate(claim.reason, language, **claim.parameters)}
        for importer, claim in claims
    ]


def claims_of(path: Path, profiles: Sequence[MappingProfile] = ()) -> list[tuple[Importer, Claim]]:
    """Return who may read a file, the surest first; a profile for its header goes before every importer.

    Raises:
        FileRefused: the file is empty.
        UsageError: several profiles are for the header of the file.
    """
    claims = identify(path)
    if (profile := recognise(path, profiles)) is None:
        return claims
    named = {"profile": profile.title or profile.name}
    return [(Mapped(), Claim(1.0, 'The header is that of the mapping profile "{profile}".', named))]


def identify_file(
    path: Path, *, profiles: Sequence[MappingProfile] = (), language: Language | None = None
) -> dict[str, Any]:
    """Say which importer reads a file; `importer` is None where none is sure or several are.

    Args:
        path: the file.
        profiles: saved mapping profiles; one whose header the file has goes before every importer.
        language: language of reasons.

    Raises:
        FileRefused: the file is empty.
        UsageError: several profiles are for the header of the file.
    """
    claims = claims_of(path, profiles)
    sure = [pair for pair in claims if pair[1].confidence >= SURE]
    return {
        "importer": sure[0][0].name if len(sure) == 1 else None,
        "confidence": claims[0][1].confidence if claims else 0.0,
        "candidates": _claims(claims, language or default_language()),
    }


def named_importer(name: str) -> Importer:
    """Return an importer by its name.

    Raises:
        UnknownName: there is none.
    """
    found = {importer.name: importer for importer in importers_found()}
    if name not in found:
        message = 'The importer "{name}" is not known. There are: {known}.'
        raise UnknownName(message, name=name, known=", ".join(sorted(found)) or "–")
    return found[name]


def choose_importer(path: Path, *, language: Language) -> Importer:
    """Return the one importer that claims a file.

    Raises:
        FileRefused: the file is empty, or none or more than one claims it; names candidates and reasons.
    """
    claims = identify(path)
    sure = [pair for pair in claims if pair[1].confidence >= SURE]
    if len(sure) == 1:
        return sure[0][0]
    named = "; ".join(
        f"{entry['importer']}: {entry['reason']}" for entry in _claims(sure or claims, language)
    )
    if sure:
        message = "{file}: more than one importer claims this file ({candidates}). Name one with --importer."
        raise FileRefused(message, code="several_importers", file=path.name, candidates=named)
    if claims:
        message = "{file}: no importer is sure of this file ({candidates}). Name one with --importer."
        raise FileRefused(message, code="no_importer", file=path.name, candidates=named)
    if path.suffix.lower() in {".csv", ".txt", ".xml"}:
        scan(path)  # says so where the name promises text and the bytes are none
    message = (
        "{file}: no importer knows this kind of file. If it is a table, --map asks what its columns are; "
        "else enter the data in the template (bilanz template)."
    )
    raise FileRefused(message, code="no_importer", file=path.name)


def read_file(
    path: Path,
    importer: Importer,
    request: ImportRequest,
    *,
    directory: Path,
    progress: Callable[[float], None],
) -> ImportResult:
    """Read the whole file with an importer in a working directory.

    Raises:
        FileRefused: the file as a whole cannot be taken.
        BilanzError: the importer lost rows: read is not accepted + rejected + ignored.
    """
    with ExitStack() as closing:

        def lend() -> ScratchDatabase:
            database = new_scratch(directory)
            closing.callback(database.con.close)
            return database

        result = importer.read(path, request, Workspace(directory=directory, scratch=lend, progress=progress))
    try:
        result.check()
    except AssertionError as error:
        message = "{file}: the importer {importer} lost rows ({reason}). Nothing was imported."
        raise BilanzError(
            message, code="count", file=path.name, importer=importer.name, reason=str(error)
        ) from error
    return result


def _without_strangers(
    activities: pl.DataFrame, organisations: Mapping[str, str] | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return records of registered organisations, those of others, and the issues about them.

    `organisations` is id → name; None: nothing is known, every name is taken.
    """
    if organisations is None:
        return activities, activities.clear(), pl.DataFrame(schema=ISSUE_SCHEMA)
    is_strange = pl.col("organisation").is_not_null() & ~pl.col("organisation").is_in(list(organisations))
    strange = activities.filter(is_strange)
    parameters = json.dumps({"expected": _listed(organisations)}, ensure_ascii=False)
    issues = strange.select(
        source_row="source_row",
        column=pl.lit("organisation"),
        value="organisation",
        code=pl.lit("unknown_value"),
        severity=pl.lit(kind("unknown_value").severity.value),
        parameters=pl.lit(parameters),
    ).cast(pl.Schema(ISSUE_SCHEMA))
    return activities.filter(~is_strange), strange, issues


def _listed(organisations: Mapping[str, str]) -> str:
    first = list(organisations)[:LISTED]
    return ", ".join([*first, "…"] if len(organisations) > LISTED else first)


def _totals(activities: pl.DataFrame, series: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """Return accepted quantities by activity, direction, unit and basis (`TOTAL_SCHEMA`)."""
    keys = ["activity", "direction", "unit", "basis"]
    records = activities.select(
        *keys, pl.col("quantity").cast(pl.Decimal(38, 6)), records=pl.lit(1, pl.Int64)
    )
    stored = series.join(readings, on="series").select(*keys, "quantity", "records")
    both = pl.concat([records, stored.cast(pl.Schema(TOTAL_SCHEMA))])
    return both.group_by(keys).agg(pl.col("quantity").sum(), pl.col("records").sum()).sort(keys)


def _period(activities: pl.DataFrame, readings: pl.DataFrame) -> tuple[datetime, datetime] | None:
    bounds = pl.concat(
        [activities.select(low="start", high="end"), readings.select("low", "high")],
    )
    low, high = bounds.select(pl.col("low").min(), pl.col("high").max()).row(0)
    return None if low is None else (low, high)


def examine(  # noqa: PLR0913 - all but the file by keyword
    taken: Taken | Taking,
    *,
    request: ImportRequest,
    directory: Path,
    organisation: str,
    importer: str | None = None,
    organisations: Mapping[str, str] | None = None,
    others: Others | None = None,
    language: Language | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Examination:
    """Read a file without storing anything.

    Args:
        taken: the file and its hash.
        request: what the caller states beside the file.
        directory: where bulky things may lie; readings stay there.
        organisation: to whom rows belong that name no organisation.
        importer: name of the importer; None: the one that claims the file.
        organisations: registered organisations by id; rows of others are rejected; None: not checked.
        others: whose sources are rejected; None: nobody's.
        language: language of reasons.
        progress: called with the share done.

    Raises:
        FileRefused: no importer or more than one claims the file, or it cannot be taken as a whole.
        UnknownName: there is no importer of that name.
        BilanzError: rows or sums were lost on the way: a defect of the importer.
    """
    chosen = (
        named_importer(importer)
        if importer
        else choose_importer(taken.path, language=language or default_language())
    )
    result = read_file(taken.path, chosen, request, directory=directory, progress=progress)
    return _counted(taken, chosen, result, directory, organisation, organisations, others)


def _counted(
    taken: Taken | Taking,
    importer: Importer,
    result: ImportResult,
    directory: Path,
    organisation: str,
    organisations: Mapping[str, str] | None,
    others: Others | None,
) -> Examination:
    """Return a result with organisations and sources filled, less what may not be handed in, and its sums."""
    kept, strange, issues = _without_strangers(result.activities, organisations)
    activities, series = fill_activities(kept, organisation), fill_series(result.series, organisation)
    readings = measured(result.readings, directory)
    apart = set_apart(others, activities, series, readings)
    controls = controls_of(
        result, record_sums(strange), record_sums(apart.records), reading_sums(apart.series, readings)
    )
    own = _own(result, series, apart)
    activities, series = own.activities, series.join(apart.series, on="series", how="anti")
    readings = readings.join(apart.series, on="series", how="anti")
    sums = record_sums(activities) | reading_sums(series, readings)
    compare({key: total for key, (total, _) in sums.items()}, controls)
    totals = _totals(activities, series, readings)
    said = as_frame(compare_stated(stated_sums(taken.path), totals, result.read))
    return Examination(
        file=taken.path.name,
        sha256=taken.sha256,
        importer=importer,
        result=own,
        activities=activities,
        series=series,
        issues=pl.concat([result.issues.select(ISSUE_SCHEMA.keys()), issues, apart.issues, said]),
        rejected=result.rejected + strange.height + apart.count,
        controls=controls,
        measured=readings,
        totals=totals,
        period=_period(activities, readings),
    )


def _own(result: ImportResult, series: pl.DataFrame, apart: Apart) -> ImportResult:
    """Return a result without what was set apart; its records have organisation and source."""
    is_none_left = apart.series.height == series.height
    return replace(
        result,
        activities=apart.kept,
        readings=None if is_none_left else without(result.readings, apart.series),
        readings_accepted=result.readings_accepted - apart.readings,
    )
