"""The command that calculates the factor of a heat network."""

from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Gwp, Json, Lang, text
from bilanz.app.cli.output import answer


def heat_network(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=text("The network (TOML)."))],
    *,
    book: Annotated[str, typer.Option("--book", help=text("Book whose factors the fuels take."))],
    method: Annotated[
        str, typer.Option("--method", help=text("Allocation: exergy, energy, efficiency or finnish."))
    ],
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help=text("CSV of own factors to be written."))
    ] = None,
    gwp: Gwp = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Calculate the factor of a heat network from its fuels, outputs and losses."""
    from bilanz.app.catalogue.heatnetwork import calculate, method_of
    from bilanz.app.catalogue.networkfile import read
    from bilanz.app.catalogue.networkreport import lines, payload, write
    from bilanz.app.catalogue.releases import catalogue_of

    chosen = options.settings(data_directory, lang)
    network = calculate(
        read(path),
        catalogue_of(chosen),
        book=book,
        method=method_of(method),
        gwp=gwp,
        language=chosen.lang,
    )
    if out is not None:
        write(network, out, path, chosen.lang)
    answer(payload(network, chosen.lang), lines(network, chosen.lang), as_json=as_json)
