"""The command `uncertainty`: 95 % intervals of a balance by two approaches, and what contributes most."""

from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

SHOWN = 5
"""Contributions of a kind per book that people read; `--json` has more."""

Draws = Annotated[
    int, typer.Option("--draws", help=text("Draws of the Monte Carlo simulation."), min=1_000, max=200_000)
]
Seed = Annotated[int, typer.Option("--seed", help=text("Seed: the same draws again."), min=0)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("uncertainty", help=text("95 % intervals of a year, and what contributes most."))(uncertainty)


def uncertainty(
    *,
    year: Year,
    org: Organisation = None,
    draws: Draws = 10_000,
    seed: Seed = 1,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Print intervals of the latest calculation of a year by both approaches, side by side."""
    from bilanz.app.beside.intervals import uncertainty_of_year
    from bilanz.uncertainty import Options

    chosen = options.settings(data_directory, lang, wait)
    found = uncertainty_of_year(chosen, year, org, Options(draws=draws, seed=seed))
    answer(found, uncertainty_lines(found, chosen.lang), as_json=as_json)


def uncertainty_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads: per book its intervals, largest contributions and inputs."""
    head = translate(
        "Approach 1: error propagation. Approach 2: {draws} draws, seed {seed}. All in t CO2e.",
        language,
        draws=found["draws"],
        seed=found["seed"],
    )
    return [head, *(line for book in found["books"] for line in _book_lines(book, language))]


def _book_lines(book: dict[str, Any], language: Language) -> list[str]:
    from reports import names

    headers = ("scope", "t CO2e", "approach 1", "approach 2", "median")
    rows = [
        [
            translate("1 to 3", language) if row["scope"] is None else row["scope"],
            *_cells(row, language),
        ]
        for row in book["totals"]
        if row["kind"] != "category"
    ]
    lines = ["", names.book(book["book"], language), *table(headers, rows, language)]
    if book["is_small"] is False:
        message = "An input is known to ± {half_width} % only: approach 1 is rough, take approach 2."
        lines.append(translate(message, language, half_width=_percent(book["largest_half_width"], language)))
    return [
        *lines,
        *_change_lines(book, language),
        *_contribution_lines(book, language),
        *_input_lines(book, language),
    ]


def _cells(row: dict[str, Any], language: Language) -> list[str | None]:
    """Return the total and its intervals by both approaches."""
    from bilanz.app.explaining.amounts import rounded_tonnes, tonnes

    def span(way: dict[str, str] | None) -> str:
        if way is None:
            return translate("not computed", language)
        bounds = {name: rounded_tonnes(way[name], language) for name in ("low", "high")}
        return translate("{low} to {high}", language, **bounds)

    second = row["approach_2"]
    median = None if second is None else rounded_tonnes(second["median"], language)
    return [tonnes(row["co2e_kg"], language), span(row["approach_1"]), span(second), median]


def _change_lines(book: dict[str, Any], language: Language) -> list[str]:
    change = book["change"]
    if change is None:
        return []
    total, _, interval, _ = _cells(change, language)
    different = "Against {year}: {change} t CO2e ({interval}). The totals differ."
    same = "Against {year}: {change} t CO2e ({interval}). That the totals differ cannot be said."
    message = different if change["is_different"] else same
    return [translate(message, language, year=change["year"], change=total, interval=interval)]


def _contribution_lines(book: dict[str, Any], language: Language) -> list[str]:
    from reports import names

    headers = ("kind", "contribution", "gas or quality", "± %", "share of variance")
    rows = [
        [
            _kind(row["kind"], language),
            row["subject"],
            row["gas"] or names.quality(row["quality"], language),
            _percent(row["half_width"], language),
            _share(row["share_of_variance"], language),
        ]
        for kind in ("factor", "source")
        for row in [entry for entry in book["contributions"] if entry["kind"] == kind][:SHOWN]
    ]
    return ["", *table(headers, rows, language)] if rows else []


def _kind(kind: str, language: Language) -> str:
    return translate("emission factor" if kind == "factor" else "quantity of a source", language)


def _input_lines(book: dict[str, Any], language: Language) -> list[str]:
    from reports import intervals

    headers = ("half width of", "± %", "standing", "share of amounts")
    rows = [
        [
            intervals.half_width_name(row, language),
            _percent(row["half_width"], language),
            intervals.standing(row["standing"], language),
            _share(row["share"], language),
        ]
        for row in book["half_widths"]
    ]
    return ["", *table(headers, rows, language)] if rows else []


def _percent(value: float | None, language: Language) -> str | None:
    from bilanz.app.explaining.amounts import amount

    return None if value is None else amount(str(value), language)


def _share(value: str | None, language: Language) -> str | None:
    from reports import numbers

    return None if value is None else numbers.share(float(value), language)
