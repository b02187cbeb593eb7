"""What meters came to, kept as rows: a figure of a year, or why there is none.

    effects of the store ─► project as a whole ─┐
                        └─► year by year ───────┴─► registry, bundle of the member ─► registry of the league

Every year that was spoken of before is spoken of again, so that no row outlives what it says. Of a project
without sources in this registry nothing is said where something stands already: bundles and people know more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Final

import polars as pl

from bilanz.fund.effect.reason import NotAssessable, Reason, because
from bilanz.fund.effect.result import Effect, YearSaving
from bilanz.fund.finding import MONTHS, facts_said, is_of_meters
from bilanz.fund.observed import KG_PER_T
from bilanz.fund.project import FundFinding, FundObservation, FundSource, SourceUse
from bilanz.league.bundle import FINDING_SCHEMA, Bundle
from bilanz.messages import Language, translate
from bilanz.registry import fund
from bilanz.registry.engine import Registry

NOTHING_KNOWN: Final = "no_source"
"""Reason of a project whose meters this registry does not know."""

_TONNES: Final = Decimal("0.000001")
_FIGURES: Final = ("saved", "unit", "half_width", "avoided_t", "half_width_t")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the registry holds of projects: what was said before, observations, and their meters."""

    findings: Sequence[FundFinding] = ()
    observations: Sequence[FundObservation] = ()
    sources: Sequence[FundSource] = ()


@dataclass(frozen=True, slots=True)
class _Looking:
    """Findings that are being kept: what was there, when it is made, in which language."""

    kept: Kept
    before: Mapping[str, FundFinding]
    today: date
    language: Language


def findings_of(
    effects: Mapping[str, Effect | NotAssessable], kept: Kept, today: date, language: Language
) -> list[FundFinding]:
    """Return what effects come to, of every project and of every year it was ever spoken of.

    Args:
        effects: project → its effect, or why there is none.
        kept: what the registry holds.
        today: day of the finding.
        language: of what it was made of.
    """
    looking = _Looking(kept, {row.id: row for row in kept.findings}, today, language)
    return [row for name, effect in sorted(effects.items()) for row in _of_project(name, effect, looking)]


def _of_project(project: str, effect: Effect | NotAssessable, looking: _Looking) -> list[FundFinding]:
    if isinstance(effect, NotAssessable):
        if effect.reason.code == NOTHING_KNOWN and _is_spoken_of(project, looking.kept):
            return []
        years: Sequence[int | None] = (None, *_years(project, looking.kept))
        return [_row(project, year, effect.reason, {}, looking) for year in years]
    told = {year.year: year for year in effect.saving.years}
    spoken = sorted({*told, *_years(project, looking.kept)})
    return [
        _row(project, None, None, {}, looking),
        *(_of_year(project, year, told.get(year), effect.unit, looking) for year in spoken),
    ]


def _of_year(project: str, year: int, found: YearSaving | None, unit: str, looking: _Looking) -> FundFinding:
    """Return what meters say of a year; of a part of it the figure stands beside the reason."""
    if found is None:
        return _row(project, year, because("no_month"), {}, looking)
    tonnes = found.tonnes
    figures = {
        "saved": found.saving.value,
        "unit": unit,
        "half_width": found.saving.half_width,
        "avoided_t": None if tonnes is None else tonnes.value,
        "half_width_t": None if tonnes is None else tonnes.half_width,
    }
    is_whole = found.months == MONTHS
    reason = None if is_whole else because("part_of_year", count=found.months, least=MONTHS)
    return _row(project, year, reason, figures, looking)


def _is_spoken_of(project: str, kept: Kept) -> bool:
    """Tell whether something stands that meters unknown here may have said."""
    said = {row.project for row in kept.findings if row.code != NOTHING_KNOWN}
    return project in said | {row.project for row in kept.observations if is_of_meters(row)}


def _years(project: str, kept: Kept) -> list[int]:
    """Return the years meters have spoken of."""
    found = {row.year for row in kept.findings if row.project == project and row.year is not None}
    return sorted(
        found | {row.year for row in kept.observations if row.project == project and is_of_meters(row)}
    )


def _row(
    project: str, year: int | None, reason: Reason | None, figures: Mapping[str, Any], looking: _Looking
) -> FundFinding:
    row = FundFinding(
        id=_named(project, year),
        project=project,
        year=year,
        assessed_on=looking.today,
        since=looking.today,
        code=None if reason is None else reason.code,
        facts=None if reason is None else facts_said(reason),
        evidence=_evidence(project, looking),
        **figures,
    )
    before = looking.before.get(row.id)
    if before is not None and _says_the_same(before, row):
        row.since = before.since
    return row


def _named(project: str, year: int | None) -> str:
    return f"{project}-effect" if year is None else f"{project}-effect-{year}"


def _says_the_same(before: FundFinding, row: FundFinding) -> bool:
    """Tell whether two say the same: the same reason, whatever its facts; without one the same figure."""
    if before.code is None and row.code is None:
        return all(getattr(before, name) == getattr(row, name) for name in _FIGURES)
    return before.code == row.code


def _evidence(project: str, looking: _Looking) -> str:
    names = sorted(
        row.source for row in looking.kept.sources if row.project == project and row.use == SourceUse.TOUCHED
    )
    return translate(
        "meters {sources}; version {version}",
        looking.language,
        sources=", ".join(names) or "–",
        version=version("bilanz"),
    )


def of_member(registry: Registry, organisations: Collection[str], year: int) -> pl.DataFrame:
    """Return what a member publishes of its findings, `FINDING_SCHEMA`: no names of meters.

    Args:
        registry: of the member.
        organisations: whose projects.
        year: findings of years up to it, and of projects as a whole.
    """
    own = {project.id for project in fund.projects(registry) if project.organisation in organisations}
    rows = [
        {
            "project": row.project,
            "year": row.year,
            "assessed_on": row.assessed_on,
            "since": row.since,
            "code": row.code,
            "facts": row.facts,
            "saved_quantity": row.saved,
            "unit": row.unit,
            "half_width": row.half_width,
            "co2e_kg": _times(row.avoided_t, KG_PER_T),
            "half_width_co2e_kg": _times(row.half_width_t, KG_PER_T),
        }
        for row in sorted(fund.findings(registry), key=lambda one: (one.project, one.year or 0))
        if row.project in own and (row.year is None or row.year <= year)
    ]
    return pl.DataFrame(rows, schema=FINDING_SCHEMA, orient="row")


def reasons_only(found: pl.DataFrame) -> pl.DataFrame:
    """Return why nothing is published of projects of too few places: figures of years are withheld."""
    figures = ("saved_quantity", "unit", "half_width", "co2e_kg", "half_width_co2e_kg")
    blank = [pl.lit(None).cast(FINDING_SCHEMA[name]).alias(name) for name in figures]
    told = found.filter(pl.col("code").is_not_null() | pl.col("year").is_not_null())
    return told.with_columns(*blank, code=pl.col("code").fill_null("too_few_places"))


def _times(value: Decimal | None, factor: int) -> Decimal | None:
    return None if value is None else value * factor


def of_bundle(bundle: Bundle, known: Iterable[str], evidence: str) -> list[FundFinding]:
    """Return the findings a member has published, of projects the registry knows.

    Args:
        bundle: as it was signed.
        known: projects it may speak of.
        evidence: which bundle it was.
    """
    table, projects = bundle.tables.get("findings"), set(known)
    if table is None:
        return []
    return [
        FundFinding(
            id=_named(row["project"], row["year"]),
            project=row["project"],
            year=row["year"],
            assessed_on=row["assessed_on"],
            since=row["since"],
            code=row["code"],
            facts=row["facts"],
            saved=row["saved_quantity"],
            unit=row["unit"],
            half_width=row["half_width"],
            avoided_t=_tonnes(row["co2e_kg"]),
            half_width_t=_tonnes(row["half_width_co2e_kg"]),
            evidence=evidence,
        )
        for row in table.iter_rows(named=True)
        if row["project"] in projects
    ]


def _tonnes(kg: Decimal | None) -> Decimal | None:
    return None if kg is None else (kg / KG_PER_T).quantize(_TONNES)


def newer(rows: Iterable[FundFinding], held: Iterable[FundFinding]) -> list[FundFinding]:
    """Return those that are not of an earlier day than what is held: an old bundle takes nothing back."""
    days = {row.id: row.assessed_on for row in held}
    return [row for row in rows if row.assessed_on >= days.get(row.id, row.assessed_on)]
