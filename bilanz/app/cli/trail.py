"""Commands about the audit trail: list, export, verify."""

from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import translate

_SECONDS = 19


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=text("Audit trail: who did what, when and why."))
    group.command("list", help=text("List the entries, all or those of a subject."))(list_entries)
    group.command("export", help=text("Write the trail as JSON lines, to be verified elsewhere."))(export)
    group.command("verify", help=text("Follow the chain and name the first link that does not hold."))(verify)
    app.add_typer(group, name="trail")


def list_entries(
    *,
    subject: Annotated[
        str | None, typer.Option("--subject", help=text("Only entries of this batch, year, release or run."))
    ] = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the entries of the trail, the oldest first; times are UTC."""
    from bilanz.app.trail import listed
    from bilanz.trail import ACTIONS

    chosen = options.settings(data_directory, lang)
    found = listed(chosen, subject)
    headers = ("no.", "when (UTC)", "who", "what", "subject", "why")
    rows = [
        [
            entry["sequence"],
            entry["at"][:_SECONDS].replace("T", " "),
            entry["by"],
            translate(ACTIONS.get(entry["action"], entry["action"]), chosen.lang),
            entry["subject"],
            entry["reason"],
        ]
        for entry in found
    ]
    answer({"entries": found}, table(headers, rows, chosen.lang), as_json=as_json)


def export(
    path: Annotated[Path, typer.Argument(dir_okay=False, help=text("The file to write."))],
    *,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write the trail as JSON lines; the last line is its end."""
    from bilanz.app.trail import export as written

    chosen = options.settings(data_directory, lang)
    found = written(chosen, path)
    message = "{entries} entries were written to {path}. Last hash: {hash}"
    answer(found, [translate(message, chosen.lang, **found)], as_json=as_json)


def verify(
    path: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help=text("An exported trail; without: the registry's.")),
    ] = None,
    *,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Follow the chain from the start; exit 1 where a link does not hold."""
    from bilanz.app.trail import verify as followed

    chosen = options.settings(data_directory, lang)
    found = followed(chosen, path)
    if found["is_intact"]:
        message = "The trail is intact: {entries} entries, last hash {hash}."
        lines = [translate(message, chosen.lang, **found)]
    else:
        message = "The trail is broken at entry {sequence}: {reason}."
        lines = [translate(message, chosen.lang, **found["broken"])]
    if found["is_ours"] is False:
        lines.append(translate("It is not the beginning of the trail of this data directory.", chosen.lang))
    is_good = found["is_intact"] and found["is_ours"] is not False
    answer(found, lines, as_json=as_json, exit_code=0 if is_good else 1)
