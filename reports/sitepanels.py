"""Panels of the open data pages: what a bundle, or several together, say in pictures and tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.league.bundle import Bundle
from bilanz.messages import Language, translate
from reports import charts, names, numbers, theme
from reports.base import Card, Column, Panel
from reports.consolidation import UNITS
from reports.reasons import REASONS
from reports.totals import COUNTED, known_sum

LACKS: Final = {"missing": "no figure of {names}", "silent": "no emissions of {names}"}
"""Column of a ratio that is not there → why, in words."""

_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Say:
    """Words of one language."""

    language: Language

    def __call__(self, template: str, /, **facts: Any) -> str:  # noqa: ANN401 - shown in a text
        """Return a text."""
        return translate(template, self.language, **facts)


def totals_panel(totals: pl.DataFrame, books: Sequence[str], mass: str, say: Say) -> Panel:
    """Return the scopes of each book: `totals` has `book`, `scope` and kg CO2e in a column."""
    language = say.language
    wide = totals.filter(pl.col("scope").is_in(COUNTED)).group_by("book", "scope").agg(known_sum(mass))
    found = {(book, scope): value for book, scope, value in wide.iter_rows()}
    masses = [[found.get((book, scope)) for scope in COUNTED] for book in books]
    titles = [names.book(book, language) for book in books]
    table = pl.DataFrame(
        [(title, *row, _sum(row)) for title, row in zip(titles, masses, strict=True)],
        schema={"book": pl.String} | dict.fromkeys([*COUNTED, "total"], pl.Decimal(38, 12)),
        orient="row",
    )
    series = [
        charts.Series(
            names.scope(scope, language),
            charts.in_thousands([row[index] for row in masses]),
            theme.scope_mark(scope),
        )
        for index, scope in enumerate(COUNTED)
    ]
    figure = charts.bars(titles, series, unit="t CO₂e", language=language, is_stacked=True)
    columns = (
        Column("book", say("Book")),
        *(Column(scope, names.scope(scope, language), kind="mass") for scope in COUNTED),
        Column("total", say("Scopes 1 to 3"), kind="mass"),
    )
    finding = say("Books account by different rules: they stand beside each other and are never added.")
    return Panel("totals", say("Scopes 1 to 3 by book"), finding, table, columns, figure=figure)


def _sum(masses: Iterable[Decimal | None]) -> Decimal | None:
    known = [mass for mass in masses if mass is not None]
    return sum(known, Decimal(0)) if known else None


def cards_panel(
    ratios: pl.DataFrame,
    totals: pl.DataFrame,
    books: Sequence[str],
    mass: str,
    say: Say,
    *,
    titles: Mapping[str, str],
) -> Panel:
    """Return one card per book: the total, and what it is per inhabitant, m² and full-time equivalent.

    `titles`: what those are called who lack a figure.
    """
    language = say.language
    counted = totals.filter(pl.col("scope").is_in(COUNTED)).group_by("book").agg(known_sum(mass))
    sums = dict(counted.iter_rows())
    known = {(row["book"], row["indicator"]): row for row in ratios.iter_rows(named=True)}
    cards = []
    for book in books:
        details = tuple(
            (say("per {unit}", unit=say(unit)), _ratio(known.get((book, name)), titles, say))
            for name, unit in UNITS.items()
        )
        cards.append(Card(names.book(book, language), numbers.tonnes(sums.get(book), language), details))
    finding = say(
        "Ratios are Σ emissions / Σ figure; where a part has no figure or no emissions, there is no ratio."
    )
    return Panel("headline", say("At a glance"), finding, pl.DataFrame(), (), cards=tuple(cards))


def _ratio(row: dict[str, Any] | None, titles: Mapping[str, str], say: Say) -> str:
    value = None if row is None else row["value"]
    if row is None or value is None:
        why = lacks(row or {}, say.language, titles)
        return f"{numbers.missing(say.language)}: {why}" if why else numbers.missing(say.language)
    return f"{numbers.decimal(value, say.language, digits=1)}{numbers.NBSP}kg"


def lacks(row: Mapping[str, Any], language: Language, titles: Mapping[str, str]) -> str:
    """Return why there is no ratio, and because of whom; empty: nothing is missing."""
    told = []
    for column, message in LACKS.items():
        if named := row.get(column):
            parts = named.split(", ")
            shown = [titles.get(one, one) for one in parts[:_NAMED]]
            rest = ["…"] if len(parts) > _NAMED else []
            told.append(translate(message, language, names=", ".join([*shown, *rest])))
    return "; ".join(told)


def activities_panel(groups: pl.DataFrame, book: str, say: Say) -> Panel:
    """Return kg CO2e by scope, category and activity in one book; `groups` has `consolidated_kg`."""
    language = say.language
    keys = ["scope", "category", "activity"]
    told = groups.filter(pl.col("book") == book, pl.col("scope").is_in(COUNTED))
    sums = told.group_by(keys).agg(known_sum("consolidated_kg"))
    ordered = sums.sort(["consolidated_kg", *keys], descending=[True, False, False, False], nulls_last=True)
    label = [
        f"{_activity(activity, category, say)}, {names.scope(scope, language)}"
        for scope, category, activity in ordered.select(keys).iter_rows()
    ]
    kinds = [
        say("several categories") if code is None else names.category(code, language)
        for code in ordered["category"]
    ]
    table = pl.DataFrame(
        {"what": label, "category": kinds, "mass": ordered["consolidated_kg"]},
        schema_overrides={"what": pl.String, "category": pl.String, "mass": pl.Decimal(38, 12)},
    )
    shown = table.head(charts.LONGEST)
    figure = charts.bars(
        shown["what"].to_list(),
        [charts.Series("t CO₂e", charts.in_thousands(shown["mass"].to_list()))],
        unit="t CO₂e",
        language=language,
    )
    columns = (
        Column("what", say("Activity")),
        Column("category", say("Category")),
        Column("mass", say("Emissions"), kind="mass", is_totalled=True),
    )
    finding = say("{book}: what emissions come from.", book=names.book(book, language))
    note = charts.cut_note(table.height, language)
    return Panel("activities", say("By activity"), finding, table, columns, figure=figure, note=note)


def _activity(activity: str | None, category: str | None, say: Say) -> str:
    """Return what emissions come from; of several activities the category, where it is one."""
    if activity is not None:
        return names.activity_name(activity, say.language)
    several = say("several activities")
    return several if category is None else f"{several} ({names.category(category, say.language)})"


def years_panel(bundles: Sequence[Bundle], book: str, say: Say) -> Panel | None:
    """Return the total of each published year; None where there is one only."""
    if len(bundles) < 2:  # noqa: PLR2004 - one year is no course
        return None
    language = say.language
    ordered = sorted(bundles, key=lambda each: each.head.year)
    masses = [_total(each.tables["controls"], book) for each in ordered]
    labels = [str(each.head.year) for each in ordered]
    table = pl.DataFrame(
        {"year": labels, "mass": masses, "state": [say(each.head.state.state) for each in ordered]},
        schema_overrides={"mass": pl.Decimal(38, 12)},
    )
    figure = charts.bars(
        labels, [charts.Series("t CO₂e", charts.in_thousands(masses))], unit="t CO₂e", language=language
    )
    columns = (
        Column("year", say("Year")),
        Column("mass", say("Emissions"), kind="mass"),
        Column("state", say("State of the period")),
    )
    finding = say("{book}, scopes 1 to 3, as published.", book=names.book(book, language))
    return Panel("years", say("Years"), finding, table, columns, figure=figure)


def _total(controls: pl.DataFrame, book: str) -> Decimal | None:
    told = controls.filter(pl.col("book") == book, pl.col("scope").is_in(COUNTED))
    return _sum(told["consolidated_kg"].to_list())


def gaps_panel(bundle: Bundle, say: Say) -> Panel:
    """Return what has no number in the balance, and what was joined."""
    language = say.language
    told = bundle.tables["exceptions"]
    table = pl.DataFrame(
        [
            (
                names.book(row["book"], language) if row["book"] else say("every book"),
                names.activity_name(row["activity"], language)
                if row["activity"]
                else say("several activities"),
                row["records"],
                say(REASONS[row["code"]].short) if row["code"] in REASONS else row["code"],
            )
            for row in told.iter_rows(named=True)
        ],
        schema={"book": pl.String, "activity": pl.String, "records": pl.Int64, "code": pl.String},
        orient="row",
    )
    columns = (
        Column("book", say("Book")),
        Column("activity", say("Activity")),
        Column("records", say("Records"), kind="number", is_totalled=True),
        Column("code", say("Reason")),
    )
    count = bundle.head.exceptions
    finding = (
        say(
            "{count} records have no number in the balance: their emissions are missing, not zero.",
            count=count,
        )
        if count
        else say("Every record has a number in the balance.")
    )
    notes = (
        _joined(bundle, say),
        _solvable(bundle, say),
        few_effects(bundle.head.grain.effects_left_out, say),
    )
    note = " ".join(sentence for sentence in notes if sentence)
    return Panel("gaps", say("What is missing, and what was joined"), finding, table, columns, note=note)


def _joined(bundle: Bundle, say: Say) -> str:
    """Return what was joined, or that nothing was."""
    grain = bundle.head.grain
    if grain.smallest == 1:
        return say("Nothing was joined: a row may rest on a single place.")
    if grain.below:
        return say(
            "{lines} lines were joined to {rows} rows; {below} of these rest on fewer than {smallest} "
            "places: their scope has no more. Sums are not changed by it.",
            lines=numbers.decimal(grain.lines, say.language),
            rows=numbers.decimal(grain.rows, say.language),
            below=grain.below,
            smallest=grain.smallest,
        )
    return say(
        "{lines} lines were joined to {rows} rows, each of at least {smallest} places, so that no single "
        "household or tenant can be read off. Sums are not changed by it.",
        lines=numbers.decimal(grain.lines, say.language),
        rows=numbers.decimal(grain.rows, say.language),
        smallest=grain.smallest,
    )


def _solvable(bundle: Bundle, say: Say) -> str:
    """Return of how many places control sums tell something; empty: of none."""
    grain = bundle.head.grain
    if not grain.solvable:
        return ""
    return say(
        "Whoever knows the factors can still work something out of the sums by book and scope, of {count} "
        "places: of each alone or of fewer than {smallest} together.",
        count=grain.solvable,
        smallest=grain.smallest,
    )


def few_effects(count: int, say: Say) -> str:
    """Return how many projects have effects that are not published; empty: none."""
    if not count:
        return ""
    return say("Effects of {count} projects are not published: they touch too few places.", count=count)


_STEPS: Final = (
    *("co2e_kg", "outside_kg", "minority_kg", "eliminated_kg"),
    *("across_kg", "league_kg", "consolidated_kg"),
)


def boundary_panel(totals: pl.DataFrame, books: Sequence[str], say: Say) -> Panel:
    """Return from own to consolidated, by book; `totals` has the parts."""
    there = [name for name in _STEPS if name in totals.columns]
    told = totals.filter(pl.col("scope").is_in(COUNTED), pl.col("book").is_in([*books]))
    sums = told.group_by("book").agg(known_sum(name) for name in there).sort("book")
    titles = {
        "co2e_kg": say("Own"),
        "outside_kg": say("Outside the boundary"),
        "minority_kg": say("Of other owners"),
        "eliminated_kg": say("Counted twice within"),
        "across_kg": say("Counted twice between members"),
        "league_kg": say("League"),
        "consolidated_kg": say("Consolidated"),
    }
    shown = [name for name in there if not (name == "consolidated_kg" and "league_kg" in there)]
    named = sums.with_columns(
        pl.Series("book", [names.book(code, say.language) for code in sums["book"]], dtype=pl.String)
    )
    columns = (Column("book", say("Book")), *(Column(name, titles[name], kind="mass") for name in shown))
    finding = say("Consolidated is own less what is outside, of other owners, or counted twice.")
    return Panel("boundary", say("From own to consolidated"), finding, named.select("book", *shown), columns)


def territory_panel(territory: pl.DataFrame, say: Say) -> Panel | None:
    """Return the final energy of territories by sector; None where none is published."""
    if territory.is_empty():
        return None
    language = say.language
    keys = ["territory", "sector"]
    sums = (
        territory.group_by(keys)
        .agg(known_sum("energy_kwh"), known_sum("co2e_kg"))
        .sort(keys, nulls_last=True)
    )
    columns = (
        Column("territory", say("Territory")),
        Column("sector", say("Sector"), kind="code"),
        Column("energy_kwh", say("Final energy"), kind="energy"),
        Column("co2e_kg", say("Emissions"), kind="mass"),
    )
    labels = [f"{row[0]}, {row[1] or numbers.missing(language)}" for row in sums.select(keys).iter_rows()]
    figure = charts.bars(
        labels[: charts.LONGEST],
        [charts.Series("t CO₂e", charts.in_thousands(sums["co2e_kg"].to_list()[: charts.LONGEST]))],
        unit="t CO₂e",
        language=language,
    )
    finding = say(
        "All final energy of the territory, whoever uses it: never added to the balance of organisations."
    )
    return Panel("territory", say("The territory"), finding, sums, columns, figure=figure)


def effects_panel(effects: pl.DataFrame, say: Say) -> Panel | None:
    """Return the effects of projects; None where none are told."""
    if effects.is_empty():
        return None
    columns = (
        Column("project", say("Project")),
        Column("year", say("Year"), kind="text"),
        Column("saved_quantity", say("Measured saving"), kind="number"),
        Column("half_width", say("± 95 %"), kind="number"),
        Column("unit", say("Unit")),
        Column("co2e_kg", say("Avoided emissions"), kind="mass"),
        Column("half_width_co2e_kg", say("± 95 % of it"), kind="mass"),
    )
    finding = say(
        "Measured savings of projects of the fund with their 95 % interval; not netted against the balance."
    )
    table = effects.select(column.name for column in columns).with_columns(pl.col("year").cast(pl.String))
    return Panel("effects", say("Effects of projects"), finding, table, columns)
