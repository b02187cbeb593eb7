"""Commands for scheduled runs and the demonstration city."""

from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import Json, Lang, text
from bilanz.app.cli.output import answer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run", help=text("Scheduled run: import inboxes, calculate, render."))(run)
    app.command("demo", help=text("Build and calculate the fictional harbour city Musterhafen."))(demo)


def run(
    config: Annotated[
        Path, typer.Option("--config", exists=True, dir_okay=False, help=text("The run.toml."))
    ],
    *,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import inboxes, calculate, render; exit 0 clean, 1 rejects or exceptions, 2 configuration, 3 busy."""
    from bilanz.app.batch.run import run as run_batch

    outcome = run_batch(config, language=options.language(lang))
    answer(outcome.as_json(), outcome.lines(), as_json=as_json, exit_code=outcome.exit_code)


def demo(
    *,
    directory: Annotated[
        Path, typer.Option("--directory", "--data-dir", help=text("Where to build it."))
    ] = Path("demo-data"),
    league: Annotated[
        bool, typer.Option("--league", help=text("A league of three fictional towns with a common fund."))
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help=text("Remove what an earlier demo left."))] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Build the fictional city Musterhafen and run it through the same path as everybody's files."""
    if league:
        from bilanz.app.demoleague.build import build as build_league

        made = build_league(directory, fresh=fresh, language=options.language(lang))
        answer(made.as_json(), made.lines(), as_json=as_json)
        return
    from bilanz.app.demo import build

    outcome = build(directory, fresh=fresh, language=options.language(lang))
    answer(outcome.as_json(), outcome.lines(), as_json=as_json)
