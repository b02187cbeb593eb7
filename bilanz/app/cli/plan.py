"""The command about targets: where a year stands beside its paths."""

from typing import Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("targets", help=text("Say where a year stands beside the targets and their paths."))(targets)


def targets(
    *,
    year: Year,
    org: Organisation = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say where a calculated year stands beside the targets; exit 1 where there is no target."""
    from bilanz.app.beside.plan import targets_of_year

    chosen = options.settings(data_directory, lang, wait)
    found = targets_of_year(chosen, year, org)
    answer(found, _lines(found, chosen.lang), as_json=as_json, exit_code=0 if found["targets"] else 1)


def _lines(found: dict[str, Any], language: Language) -> list[str]:
    from bilanz.app.explaining.amounts import tonnes
    from bilanz.targets import Verdict
    from reports.words import verdict

    if not found["targets"]:
        return [
            translate("No target is registered for these organisations and books (targets.csv).", language)
        ]
    headers = ("target", "base_year", "target_year", "t CO2e", "path", "verdict")
    rows = [
        (
            entry["target"],
            entry["base_year"],
            entry["target_year"],
            *(
                None if entry[name] is None else tonnes(entry[name], language)
                for name in ("actual_kg", "path_kg")
            ),
            verdict(Verdict(entry["verdict"]), language),
        )
        for entry in found["targets"]
    ]
    return table(headers, rows, language)
