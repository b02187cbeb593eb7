"""Measured effects as observations of the registry: what a board, a bundle and a page take them from.

    effects of the store ──┐
                           ├─► observations `saved` and `avoided` of whole calendar years ─► registry
    effects of bundles ────┘

Only years with twelve measured months become observations. What was observed before is replaced, and the
trail holds both. Tonnes are written where a series of factors is declared. Beside them stands what was found
of every project (`bilanz.app.fund.findings`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal

import polars as pl

from bilanz.app.fund.findings import NOTHING_KNOWN, Kept, findings_of, newer
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.data import write
from bilanz.app.master.intake import MasterdataSummary
from bilanz.app.master.tables import BY_NAME, cell
from bilanz.app.settings import Settings
from bilanz.fund.effect.reason import NotAssessable
from bilanz.fund.effect.result import Effect, YearSaving
from bilanz.fund.finding import MONTHS, is_of_meters, named, outdated
from bilanz.fund.observed import AVOIDED, KG_PER_T, SAVED, TONNES
from bilanz.fund.project import FundFinding, FundObservation, Sight
from bilanz.league.bundle import EFFECT_SCHEMA, Bundle
from bilanz.masterrow import MasterRow
from bilanz.messages import Language, translate
from bilanz.registry import fund
from bilanz.registry.engine import Registry, open_registry


def observations_of(
    effects: Mapping[str, Effect | NotAssessable], language: Language
) -> list[FundObservation]:
    """Return what effects come to: for every whole year the saving and, with a factor, the tonnes.

    Args:
        effects: project → its effect, or why there is none.
        language: of the evidence.
    """
    found: list[FundObservation] = []
    for project, effect in sorted(effects.items()):
        if isinstance(effect, NotAssessable):
            continue
        for year in effect.saving.years:
            if year.months == MONTHS:
                found += _of_year(project, effect, year, language)
    return found


def _of_year(project: str, effect: Effect, year: YearSaving, language: Language) -> list[FundObservation]:
    evidence = translate(
        "meters against a model of {before} months before the project (error {error}); "
        "{after} months after it",
        language,
        before=effect.model.before,
        error=f"{effect.model.error:.1%}",
        after=effect.model.after,
    )
    evidence = "; ".join(
        (evidence, *_compared(effect, language), *(flag.text(language) for flag in effect.flags))
    )
    saved = year.saving
    rows = [_row(project, SAVED, year.year, (saved.value, effect.unit, saved.half_width), evidence)]
    if year.tonnes is not None:
        told = (year.tonnes.value, TONNES, year.tonnes.half_width)
        rows.append(_row(project, AVOIDED, year.year, told, evidence))
    return rows


def _compared(effect: Effect, language: Language) -> list[str]:
    """Return what untouched sources say of the whole effect, where they were compared."""
    if isinstance(effect.compared, NotAssessable) or effect.comparison is None:
        return []
    found = effect.compared.total
    half = translate("not known", language) if found.half_width is None else f"{found.half_width:f}"
    message = (
        "against {count} untouched sources, over all months: {value} ± {half} {unit} (beside them: {own})"
    )
    return [
        translate(
            message,
            language,
            count=len(effect.comparison.controls),
            value=f"{found.value:f}",
            half=half,
            unit=effect.unit,
            own=f"{effect.saving.total.value:f}",
        )
    ]


def _row(
    project: str, indicator: str, year: int, told: tuple[Decimal, str, Decimal | None], evidence: str
) -> FundObservation:
    value, unit, half_width = told
    return FundObservation(
        id=named(project, indicator, year),
        project=project,
        indicator=indicator,
        year=year,
        value=value,
        unit=unit,
        sight=Sight.EX_POST.value,
        half_width=half_width,
        evidence=evidence,
    )


def of_bundle(bundle: Bundle, known: Iterable[str], language: Language) -> list[FundObservation]:
    """Return the effects a member has published, of projects the registry knows.

    Args:
        bundle: as it was signed.
        known: projects it may speak of; what it says of others is left out.
        language: of the evidence.
    """
    table, projects = bundle.tables.get("effects"), set(known)
    if table is None:
        return []
    evidence = bundle_said(bundle, language)
    found: list[FundObservation] = []
    for row in table.iter_rows(named=True):
        if row["project"] not in projects or row["saved_quantity"] is None:
            continue
        method = f"{row['method']}; {evidence}"
        told = (row["saved_quantity"], row["unit"], row["half_width"])
        found.append(_row(row["project"], SAVED, row["year"], told, method))
        if row["co2e_kg"] is not None:
            half = row["half_width_co2e_kg"]
            tonnes = (_tonnes(row["co2e_kg"]), TONNES, None if half is None else _tonnes(half))
            found.append(_row(row["project"], AVOIDED, row["year"], tonnes, method))
    return found


def bundle_said(bundle: Bundle, language: Language) -> str:
    """Return which bundle something was taken of."""
    return translate(
        "bundle of {member} for {year}, {digest}",
        language,
        member=bundle.head.member.name,
        year=bundle.head.year,
        digest=bundle.digest[:12],
    )


def projects_in(bundle: Bundle) -> set[str]:
    """Return the projects a bundle states effects of, or why there are none."""
    tables = [bundle.tables[name] for name in ("effects", "findings") if name in bundle.tables]
    return {project for table in tables for project in table["project"]}


def _tonnes(kg: Decimal) -> Decimal:
    return (kg / KG_PER_T).quantize(Decimal("0.000001"))


def published(registry: Registry, organisations: Collection[str], year: int) -> pl.DataFrame:
    """Return the effects a member publishes with its balance: what its registry holds, `EFFECT_SCHEMA`.

    What its meters no longer tell is left out; its assessments say so.

    Args:
        registry: of the member.
        organisations: whose projects.
        year: effects up to it.
    """
    own = {project.id for project in fund.projects(registry) if project.organisation in organisations}
    held: dict[tuple[str, int], dict[str, FundObservation]] = {}
    observations = fund.observations(registry)
    gone = {one.observation.id for one in outdated(observations, fund.findings(registry))}
    for row in observations:
        is_told = row.indicator == SAVED or (row.indicator == AVOIDED and row.unit == TONNES)
        if row.sight == Sight.EX_POST and is_told and row.project in own and row.id not in gone:
            held.setdefault((row.project, row.year), {})[row.indicator] = row
    rows = [
        {
            "project": project,
            "year": at,
            "saved_quantity": told[SAVED].value,
            "unit": told[SAVED].unit,
            "half_width": told[SAVED].half_width,
            "co2e_kg": _kg(told.get(AVOIDED), "value"),
            "half_width_co2e_kg": _kg(told.get(AVOIDED), "half_width"),
            "method": told[SAVED].evidence,
        }
        for (project, at), told in sorted(held.items())
        if SAVED in told and at <= year
    ]
    return pl.DataFrame(rows, schema=EFFECT_SCHEMA, orient="row")


def _kg(row: FundObservation | None, name: str) -> Decimal | None:
    value: Decimal | None = None if row is None else getattr(row, name)
    return None if value is None else value * KG_PER_T


def keep(
    settings: Settings,
    effects: Mapping[str, Effect | NotAssessable],
    today: date,
    label: str,
    *,
    reason: str | None = None,
) -> MasterdataSummary:
    """Keep what effects come to: whole years as observations, and for every project what was found.

    Args:
        settings: where the registry lies, and who takes them.
        effects: project → its effect, or why there is none.
        today: day of the assessment.
        label: what they are of, where a row is refused.
        reason: why, for the audit trail.
    """
    rows = observations_of(effects, settings.lang)
    with closing(open_registry(settings.registry)) as registry:
        known = Kept(fund.findings(registry), fund.observations(registry), fund.project_sources(registry))
    return save(
        settings, rows, label, reason=reason, findings=findings_of(effects, known, today, settings.lang)
    )


def save(
    settings: Settings,
    rows: Sequence[FundObservation],
    label: str,
    *,
    reason: str | None = None,
    findings: Sequence[FundFinding] = (),
) -> MasterdataSummary:
    """Save observations as an import of master data would: with its checks and its entry in the trail.

    Args:
        settings: where the registry lies, and who saves them.
        rows: observations.
        label: what they are of, where one is refused.
        reason: why, for the audit trail.
        findings: what meters came to; those of an earlier day than what is held are left out.
    """
    with closing(open_registry(settings.registry)) as registry:
        before = {row.id: row for row in fund.observations(registry)}
        held = fund.findings(registry)
        sheets = {
            "fund_observations": _sheet(
                "fund_observations", [_with_verdict(row, before) for row in rows], label
            ),
            "fund_findings": _sheet("fund_findings", newer(findings, held), label),
        }
        return write(sheets, registry, settings, update=True, reason=reason).summary


def _sheet(name: str, rows: Iterable[MasterRow], label: str) -> Sheet:
    table = BY_NAME[name]
    cells = ({name: cell(value) for name, value in table.values(row).items()} for row in rows)
    return Sheet(label, list(enumerate(cells, 1)))


def _with_verdict(row: FundObservation, before: Mapping[str, FundObservation]) -> FundObservation:
    """Return an observation with who verified the same figure before, and its data quality."""
    held = before.get(row.id)
    if held is None or (held.value, held.unit, held.half_width) != (row.value, row.unit, row.half_width):
        return row
    told = {"verified_by": held.verified_by, "data_quality": held.data_quality}
    return FundObservation(**(row.model_dump() | told))


def stale(
    effects: Mapping[str, Effect | NotAssessable], kept: Iterable[FundObservation], language: Language
) -> list[FundObservation]:
    """Return observations the meters no longer tell; of meters that are unknown here nothing is said."""
    told = {row.id for row in observations_of(effects, language)}
    return [
        row
        for row in kept
        if is_of_meters(row) and row.id not in told and not _is_unknown(effects.get(row.project))
    ]


def _is_unknown(effect: Effect | NotAssessable | None) -> bool:
    return effect is None or (isinstance(effect, NotAssessable) and effect.reason.code == NOTHING_KNOWN)


def kept(settings: Settings) -> list[FundObservation]:
    """Return the observations of the registry."""
    with closing(open_registry(settings.registry)) as registry:
        return fund.observations(registry)
