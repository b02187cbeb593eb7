"""The command that says why two books differ."""

from typing import Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import Books, DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile", help=text("Say why two books of a year differ, cause by cause."))(reconcile)


def reconcile(
    *,
    year: Year,
    book: Books = None,
    org: Organisation = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say why books differ: each other book against the first, or the two that are named."""
    from bilanz.app.beside.reconciled import reconcile_year

    chosen = options.settings(data_directory, lang, wait)
    found = reconcile_year(chosen, year, tuple(book or ()), org)
    answer(found, reconciliation_lines(found, chosen.lang), as_json=as_json)


def reconciliation_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads: per pair the difference, and the causes by activity that make it up."""
    from bilanz.activity import activities
    from bilanz.app.explaining.amounts import tonnes
    from reports import names

    lines = []
    for pair in found["pairs"]:
        message = "{b} less {a}: {difference} t CO2e. The causes add up to it."
        books = {side: names.book(pair[f"book_{side}"], language) for side in "ab"}
        lines.append(
            translate(message, language, difference=tonnes(pair["difference_kg"], language), **books)
        )
        rows = [
            [
                activities()[row["activity"]].name(language) if row["activity"] in activities() else "–",
                names.cause(row["cause"], language),
                " → ".join(str(row[f"scope_{side}"] or "–") for side in "ab"),
                tonnes(row["effect_kg"], language),
            ]
            for row in pair["rows"]
        ]
        lines += table(("activity", "cause", "scope", "t CO2e"), rows, language)
    return lines
