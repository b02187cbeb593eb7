from collections.abc import Iterator
from typing import Any, ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.plan import PathKind, Status
from bilanz.result import Result
from bilanz.targets import Reason, Series, Verdict
from reports import charts, names, numbers, theme, words
from reports.base import Column, Panel, Section, Wording
from reports.theme import Mark
from reports.totals import named, organisation_name
from reports.yearlines import year_lines

MARKS: Final = {
    Series.PATH: Mark("#1a1a1a", symbol="line-ew", dash="dash"),
    Series.ACTUAL: theme.BOOK_MARKS[0],
    Series.FROZEN: Mark("#767676", symbol="x", dash="dot"),
    Series.MEASURES: theme.BOOK_MARKS[2],
    Series.GROWTH: theme.BOOK_MARKS[1],
}


class Pathway(Section):
    """Targets beside what is, and what is assumed to come."""

    name: ClassVar[str] = "pathway"
    position: ClassVar[int] = 18

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Targets and pathway", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return one panel per target, and the register of measures."""
        language, beside = wording.language, result.beside
        panels: list[Panel] = []
        if beside.targets is not None and beside.paths is not None:
            panels += [
                _target(view, beside.paths.filter(pl.col("target") == view["target"]), result, language)
                for view in beside.targets.iter_rows(named=True)
                if view["book"] not in wording.supplementary
            ]
        return [*panels, *_measures(result, language)]


def by_year(points: pl.DataFrame) -> pl.DataFrame:
    """Return one row per year and one column per series that has a point, in the order of `Series`."""
    years = points.select("year").unique().sort("year")
    for series in Series:
        told = points.filter(pl.col("series") == series.value)
        if told.height:
            column = told.select("year", pl.col("co2e_kg").alias(series.value))
            years = years.join(column, on="year", how="left", maintain_order="left")
    return years


def _target(view: dict[str, Any], points: pl.DataFrame, result: Result, language: Language) -> Panel:
    table = by_year(points)
    held = [series for series in Series if series.value in table.columns]
    owner = organisation_name(result, language)(view["organisation"])
    heading = translate(
        "{organisation}: {reduction} less until {year} ({book}, scopes {scopes})",
        language,
        organisation=owner,
        reduction=numbers.share(view["reduction"], language),
        year=view["target_year"],
        book=names.book(view["book"], language),
        scopes=view["scopes"].replace(",", ", "),
    )
    lines = [
        charts.Series(
            words.series(series, language), charts.in_thousands(table[series.value].to_list()), MARKS[series]
        )
        for series in held
    ]
    return Panel(
        identifier=f"pathway-{names_safe(view['target'])}",
        heading=heading,
        finding=" ".join(_finding(view, language)),
        table=table,
        columns=(
            Column("year", translate("Year", language)),
            *(Column(one.value, words.series(one, language), kind="mass") for one in held),
        ),
        figure=year_lines(table["year"].to_list(), lines, unit="t CO₂e", language=language)
        if lines
        else None,
        note=" ".join(_notes(view, held, language)),
    )


def names_safe(identifier: str) -> str:
    """Return an identifier as a part of an HTML id: the bytes of other signs as numbers."""
    return "".join(sign if sign.isascii() and sign.isalnum() else f"-{ord(sign):x}" for sign in identifier)


def _finding(view: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield where the figure stands beside the path, what is said of it, and why."""
    if view["actual_kg"] is not None and view["path_kg"] is not None:
        yield translate(
            "{year}: {actual}; the path says {path}.",
            language,
            year=view["year"],
            actual=numbers.tonnes(view["actual_kg"], language),
            path=numbers.tonnes(view["path_kg"], language),
        )
    if view["path"] == PathKind.BUDGET:
        yield from _budget(view, language)
    yield words.verdict(Verdict(view["verdict"]), language)
    reason = translate(
        words.REASONS[Reason(view["reason"])],
        language,
        year=view["base_year"],
        count=numbers.decimal(view["open"], language),
        differing=view["differing"] or "–",
        low=numbers.tonnes(view["low_kg"], language),
        high=numbers.tonnes(view["high_kg"], language),
    )
    yield reason


def _budget(view: dict[str, Any], language: Language) -> Iterator[str]:
    yield translate(
        "Budget {budget}; used since {base}: {used}; left: {left}.",
        language,
        budget=numbers.tonnes(view["budget_kg"], language),
        base=view["base_year"],
        used=numbers.tonnes(view["used_kg"], language),
        left=numbers.tonnes(view["left_kg"], language),
    )
    if view["needed_kg"] is not None:
        yield translate(
            "A straight way from now to the target needs {needed}.",
            language,
            needed=numbers.tonnes(view["needed_kg"], language),
        )
    if view["exhausted"] is not None:
        yield translate("At constant emissions the budget ends in {year}.", language, year=view["exhausted"])


def _notes(view: dict[str, Any], held: list[Series], language: Language) -> Iterator[str]:
    if view["base_source"]:
        yield translate(
            "The base ({base}) is as stated ({source}); its boundary was not checked.",
            language,
            base=numbers.tonnes(view["base_kg"], language),
            source=view["base_source"],
        )
    yield from (translate(words.ASSUMED[series], language) for series in held if series in words.ASSUMED)
    adopted = view["adopted_by"] or numbers.missing(language)
    yield translate(
        "Adopted by: {by}. Evidence: {evidence}.", language, by=adopted, evidence=view["evidence"]
    )


def _measures(result: Result, language: Language) -> Iterator[Panel]:
    """Yield the register of measures of the organisations on the page."""
    register = result.beside.measures
    if register is None:
        return
    known = result.organisations["organisation"].to_list()
    frame = register.filter(pl.col("organisation").is_in(known)).sort("starts_on", "id")
    if frame.is_empty():
        return
    frame = named(frame, "organisation", organisation_name(result, language))
    frame = named(
        frame, "activity", lambda code: "–" if code is None else names.activity_name(code, language)
    )
    frame = named(frame, "status", lambda code: words.status(code or "", language))
    starts = [numbers.day(start, language) for start in frame["starts_on"].to_list()]
    frame = frame.with_columns(pl.Series("starts_on", starts, dtype=pl.String))
    alive = register.filter(pl.col("organisation").is_in(known), pl.col("status") != Status.ABANDONED.value)
    yield Panel(
        identifier="pathway-measures",
        heading=translate("Measures", language),
        finding=translate(
            "Measures that were not abandoned: {count}. Their effects are expectations.",
            language,
            count=numbers.decimal(alive.height, language),
        ),
        table=frame,
        columns=(
            Column("id", translate("Measure", language), kind="code"),
            Column("title", translate("Title", language), kind="long"),
            Column("organisation", translate("Organisation", language)),
            Column("starts_on", translate("Start", language)),
            Column("lifetime_years", translate("Lifetime in years", language), kind="number"),
            Column("effect_kg", translate("Expected effect per year", language), kind="mass"),
            Column("effect_kwh", translate("Energy saved per year", language), kind="energy"),
            Column("activity", translate("Activity", language)),
            Column("status", translate("Status", language)),
            Column("evidence", translate("Evidence", language), kind="long"),
        ),
    )
