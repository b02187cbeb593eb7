"""The command that says why two years differ."""

from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", help=text("Say why the balances of two years differ, by cause."))(compare)


def compare(
    *,
    year: Annotated[
        list[int],
        typer.Option("--year", help=text("Calendar year; given twice."), min=1900, max=2200),
    ],
    org: Organisation = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say why the balances of two calculated years differ; the causes add up exactly."""
    from bilanz.app.period.change import compare_years

    chosen = options.settings(data_directory, lang, wait)
    found = compare_years(chosen, year, org)
    answer(found, _lines(found, chosen.lang), as_json=as_json)


def _lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads: per book one table from total to total."""
    from bilanz.app.explaining.amounts import tonnes
    from reports.names import book as book_name
    from reports.words import cause as cause_name

    told: list[str] = []
    for book in found["books"]:
        rows = [(str(found["year_before"]), tonnes(book["co2e_before_kg"], language))]
        rows += [
            (cause_name(entry["cause"], language), _amount(entry, language))
            for entry in book["causes"]
            if entry["co2e_kg"] != "0" or entry["not_assessed"]
        ]
        rows.append((str(found["year"]), tonnes(book["co2e_kg"], language)))
        told += [book_name(book["book"], language), *table(("cause", "t CO2e"), rows, language), ""]
    return told


def _amount(entry: dict[str, Any], language: Language) -> str:
    from bilanz.app.explaining.amounts import tonnes

    if entry["co2e_kg"] is None:
        return translate("not assessed", language)
    said = tonnes(entry["co2e_kg"], language)
    if not entry["not_assessed"]:
        return said
    left = translate("sources not assessed: {count}", language, count=entry["not_assessed"])
    return f"{said} ({left})"
