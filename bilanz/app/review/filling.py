"""Filling the gaps of a year: gaps and grounds out of the store, estimates as one batch of their own.

gaps (calendar) + history (slices of four years) ──► estimates ──► CSV of the standard upload ──► import
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from bilanz import completeness, filling
from bilanz.app.review.months import Months, calendar_frame, months
from bilanz.app.settings import Settings
from bilanz.completeness import PLACE
from bilanz.errors import AlreadyImported, Refused, UnknownName, UsageError
from bilanz.filling import Estimate, Gap, Grounds, Known, Place, Unfilled
from bilanz.messages import translate
from bilanz.records import Quality

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger
    from bilanz.app.intake.summary import ImportSummary

_COLUMNS: Final = (
    "organisation",
    "source",
    "activity",
    "start",
    "end",
    "quantity",
    "unit",
    "basis",
    "quality",
)
_FORMATS: Final = "bilanz: formats;quantity=1,234.5;start=YYYY-MM-DD;end=YYYY-MM-DD"
_MOST_SUBSTITUTE: Final = 1.0
"""Days of substitute values a month may hold and still be a ground for estimates."""

_TOLERANCE: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling a year did, or would do.

    Attributes:
        estimates: what is estimated anew.
        present: months that hold an estimate of an earlier batch already.
        unfilled: gaps that stay, each with its reason.
        imported: what the import said; None: nothing was imported.
    """

    year: int
    method: str
    dry_run: bool
    estimates: tuple[Estimate, ...]
    present: int
    unfilled: tuple[Unfilled, ...]
    imported: "ImportSummary | None"

    @property
    def exit_code(self) -> int:
        """0 where every gap is filled, 1 where one stays."""
        return 1 if self.unfilled else 0

    def as_json(self, settings: Settings) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "year": self.year,
            "method": self.method,
            "dry_run": self.dry_run,
            "batch": None if self.imported is None else self.imported.batch,
            "file": None if self.imported is None else self.imported.file,
            "sha256": None if self.imported is None else self.imported.sha256,
            "present": self.present,
            "estimated": [
                {
                    **_where(estimate.gap),
                    "quantity": str(estimate.quantity),
                    "unit": estimate.unit,
                    "basis": estimate.basis,
                    "formula": estimate.formula,
                    "reference": list(estimate.reference),
                    "basis_data": dict(estimate.basis_data),
                }
                for estimate in self.estimates
            ],
            "not_filled": [
                _where(entry.gap)
                | {"reason": translate(entry.reason.template, settings.lang, **entry.reason.parameters)}
                for entry in self.unfilled
            ],
        }


def fill_year(
    settings: Settings,
    year: int,
    *,
    method: str,
    source: str | None = None,
    organisation: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> Filled:
    """Estimate the months of a year of which nothing is known, and commit the estimates as one batch.

    A month that holds anything measured, billed or stated is left alone. The batch is that of `organisation`,
    or where that is None of the organisation all others belong to. `reason`: why, for the audit trail.

    Raises:
        UsageError: there is no such method, or no data directory.
        UnknownName: there is no such organisation or source.
        AlreadyImported: the same estimates are committed already.
        StoreBusy: another process holds the store.
    """
    from bilanz.app.balances import ledger

    if method not in filling.METHODS:
        message = '"{name}" is not one of {expected}.'
        raise UsageError(message, name=method, expected=", ".join(filling.METHODS))
    with ledger(settings) as data:
        _check_source(data, source)
        gaps, present, grounds = _grounds(settings, data, year, organisation)
        root = organisation or (_root(data) if gaps else "")
    asked = [gap for gap in gaps if source in {None, gap.place[1]}]
    estimates, unfilled = filling.fill(asked, grounds, method)
    name = f"estimates-{year}-{method}.csv"
    _refuse_known(settings, estimates, name)
    fresh = tuple(
        estimate for estimate in estimates if (estimate.gap.place, estimate.gap.month) not in present
    )
    open_gaps = tuple(entry for entry in unfilled if (entry.gap.place, entry.gap.month) not in present)
    held = sum((gap.place, gap.month) in present for gap in asked)
    imported = None if dry_run or not fresh else _commit(settings, fresh, name, root, reason)
    return Filled(year, method, dry_run, fresh, held, open_gaps, imported)


def written(estimates: Iterable[Estimate]) -> str:
    """Return estimates as a file of the upload format; the same estimates give the same bytes."""
    from importers.estimation import KEPT, MARK

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    buffer.write(f"{MARK};1\n{_FORMATS}\n")
    writer.writerow([*_COLUMNS, *(f"bilanz: {name}" for name in KEPT)])
    for estimate in sorted(estimates, key=lambda each: (each.gap.place, each.gap.month)):
        gap, attributes = estimate.gap, estimate.attributes()
        end = gap.month + timedelta(days=gap.days - 1)
        place = (*gap.place, gap.month.isoformat(), end.isoformat(), f"{estimate.quantity:f}")
        measure = (estimate.unit, estimate.basis, Quality.ESTIMATED.value)
        writer.writerow([*place, *measure, *(attributes[name] for name in KEPT)])
    return buffer.getvalue()


def _commit(
    settings: Settings, estimates: Sequence[Estimate], name: str, root: str, reason: str | None
) -> "ImportSummary":
    """Import the estimates the way every file goes; the archive keeps its bytes."""
    from bilanz.app.intake.ingest import import_file
    from bilanz.app.intake.summary import ImportSummary
    from importers.estimation import Estimation

    with TemporaryDirectory(prefix="bilanz-") as folder:
        path = Path(folder) / name
        path.write_text(written(estimates), encoding="utf-8")
        found = import_file(
            path, organisation=root, settings=settings, importer=Estimation.name, reason=reason
        )
    if not isinstance(found, ImportSummary) or found.rejected or found.batch is None:
        message = "The estimates could not be imported as a whole; nothing may rest on them ({file})."
        raise Refused(message, file=name)
    return found


def _refuse_known(settings: Settings, estimates: Sequence[Estimate], name: str) -> None:
    """Refuse estimates that are committed already, all of them, to the byte.

    Raises:
        AlreadyImported: names the batch.
    """
    import hashlib

    from bilanz.registry import batches
    from bilanz.registry.engine import open_registry

    if not estimates:
        return
    digest = hashlib.sha256(written(estimates).encode()).hexdigest()
    registry = open_registry(settings.registry)
    try:
        first = batches.committed_with(registry, digest)
    finally:
        registry.close()
    if first is not None:
        message = (
            "These estimates are there already, as batch {batch} of {day}; nothing was changed. "
            "`bilanz batch withdraw {batch}` takes them out again."
        )
        raise AlreadyImported(message, batch=first.id, day=f"{first.uploaded_at:%Y-%m-%d}", file=name)


def _check_source(data: "Ledger", source: str | None) -> None:
    """Raise where a source is asked for that nobody knows: its gaps would seem to be none."""
    known = data.source_terms["source"].unique().sort().to_list()
    if source is not None and source not in known:
        near = ", ".join(get_close_matches(source, known, n=3, cutoff=0.6)) or "–"
        message = 'The source "{name}" is not registered. Similar: {near}.'
        raise UnknownName(message, name=source, near=near)


def _root(data: "Ledger") -> str:
    """Return the organisation all others belong to, or the first by path: every row names its own."""
    return str(data.organisations.filter(pl.col("parent").is_null()).sort("path")["organisation"][0])


def _grounds(
    settings: Settings, data: "Ledger", year: int, organisation: str | None
) -> tuple[list[Gap], set[tuple[Place, date]], Grounds]:
    """Return the gaps of a year, those that hold an estimate of ours, and what estimates may rest on."""
    from bilanz.app.calculation import spending_of
    from bilanz.app.catalogue.releases import catalogue_of
    from bilanz.registry.frames import heating_shares, organisations_frame

    catalogue = catalogue_of(settings)
    spending = spending_of(catalogue)
    years = [months(data, settings, spending, each) for each in range(year - filling.YEARS, year + 1)]
    now = years[-1]
    known: dict[Place, dict[date, Known]] = defaultdict(dict)
    for each in years:
        for place, month, held in _complete(each):
            known[place][month] = held
    within = now if organisation is None else months(data, settings, spending, year, organisation)
    frame = calendar_frame(data, within, year)
    gaps, present = _gaps(frame)
    meters: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, source, activity in now.coverage.select(PLACE).unique().iter_rows():
        meters[name, activity].add(source)
    units = organisations_frame(data.registry, date(year, 12, 31))  # floor areas of the year
    areas = units.select("organisation", "floor_area_m2").drop_nulls()
    grounds = Grounds(
        known=known,
        kinds=dict(units.select("organisation", "kind").iter_rows()),
        areas=dict(areas.iter_rows()),
        heating=heating_shares(data.registry),
        degree_days=catalogue.degree_days,
        meters={key: frozenset(held) for key, held in meters.items()},
    )
    return gaps, present, grounds


def _gaps(frame: pl.DataFrame) -> tuple[list[Gap], set[tuple[Place, date]]]:
    """Return the months that hold nothing but perhaps an estimate of ours, and which hold one."""
    firm = pl.col("days_measured") + pl.col("days_billed")
    is_ours = (
        (pl.col("days_estimated") > 0)
        & (firm == 0)
        & ~pl.col("method").fill_null(completeness.STATED).str.contains(completeness.STATED)
    )
    found = frame.filter(
        (pl.col("days_expected") > 0) & ((pl.col("state") == completeness.MISSING) | is_ours)
    )
    gaps, present = [], set()
    columns = ("month", "days", "days_expected", "days_estimated")
    for *place, month, days, expected, estimated in found.select(*PLACE, *columns).iter_rows():
        where: Place = (place[0], place[1], place[2])
        gaps.append(Gap(where, month, days, expected))
        if estimated > 0:
            present.add((where, month))
    return gaps, present


def _complete(held: Months) -> Iterable[tuple[Place, date, Known]]:
    """Yield the months of which every day is measured or billed, in one unit and basis.

    Substitute values of a day at the most belong to them: without them the month would be a day short.
    """
    total = pl.col("days_measured") + pl.col("days_billed") + pl.col("days_estimated")
    whole = held.coverage.filter(
        total >= pl.col("days") - _TOLERANCE, pl.col("days_estimated") <= _MOST_SUBSTITUTE
    )
    told = held.held.filter(pl.col("quality").is_in([Quality.MEASURED, Quality.BILLED, Quality.ESTIMATED]))
    sums = (
        told.join(whole.select(*PLACE, "month", "days"), on=[*PLACE, "month"], how="inner")
        .group_by(*PLACE, "month", "days")
        .agg(
            pl.col("quantity").sum(),
            pl.col("unit").first(),
            pl.col("basis").first(),
            pl.col("region").first(),
            pl.struct("unit", "basis").n_unique().alias("measures"),
        )
        .filter(pl.col("measures") == 1)
        .sort(*PLACE, "month")
    )
    names = ("month", "days", "quantity", "unit", "basis", "region")
    for *place, month, days, quantity, unit, basis, region in sums.select(*PLACE, *names).iter_rows():
        yield (place[0], place[1], place[2]), month, Known(Decimal(quantity), days, unit, basis, region)


def _where(gap: Gap) -> dict[str, str]:
    organisation, source, activity = gap.place
    return {
        "organisation": organisation,
        "source": source,
        "activity": activity,
        "month": f"{gap.month:%Y-%m}",
    }
