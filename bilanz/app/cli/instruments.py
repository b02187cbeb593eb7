"""Commands about certificates, contracts and supplier labels."""

from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, Reason, text
from bilanz.app.cli.output import answer, table
from bilanz.app.cli.period import answer_change
from bilanz.messages import translate

Identifier = Annotated[str, typer.Argument(help=text("Short identifier of the instrument, e.g. go-2024."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True, help=text("Green power: certificates, contracts and supplier labels.")
    )
    group.command("add", help=text("Add an instrument with its evidence, or change it."))(add)
    group.command("list", help=text("List the instruments."))(list_all)
    group.command("show", help=text("Show one instrument with the factor it names."))(show)
    group.command("remove", help=text("Remove an instrument; runs that used it stay as they are."))(remove)
    app.add_typer(group, name="instrument")


def add(
    identifier: Identifier,
    *,
    kind: Annotated[str, typer.Option("--kind", help=text("certificate, contract or supplier_label."))],
    factor: Annotated[
        str, typer.Option("--factor", help=text("Identifier of the own factor that says what it emits."))
    ],
    start: Annotated[str, typer.Option("--from", help=text("First day, YYYY-MM-DD."))],
    evidence: Annotated[
        str, typer.Option("--evidence", help=text("Register, number of the statement or contract, day."))
    ],
    end: Annotated[str | None, typer.Option("--to", help=text("Day after the last, YYYY-MM-DD."))] = None,
    org: Annotated[
        str | None, typer.Option("--org", help=text("Organisation it holds for, with what is below it."))
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help=text("Source it holds for instead."))] = None,
    activity: Annotated[
        str, typer.Option("--activity", help=text("electricity, district_heat or district_cooling."))
    ] = "electricity",
    quantity: Annotated[
        str | None, typer.Option("--quantity", help=text("Covered quantity in whole kWh."))
    ] = None,
    evidence_file: Annotated[
        Path | None,
        typer.Option(
            "--evidence-file",
            exists=True,
            dir_okay=False,
            help=text("File of the evidence: its hash is kept."),
        ),
    ] = None,
    vintage: Annotated[
        str | None, typer.Option("--vintage", help=text("Year or month of production, 2024 or 2024-05."))
    ] = None,
    origin: Annotated[str | None, typer.Option("--origin", help=text("Where it was produced."))] = None,
    technology: Annotated[str | None, typer.Option("--technology", help=text("How it was produced."))] = None,
    cancelled: Annotated[
        str | None, typer.Option("--cancelled-on", help=text("Day of cancellation, YYYY-MM-DD."))
    ] = None,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Add an instrument with its evidence, or change it."""
    from bilanz.app.beside.instruments import sha256_of
    from bilanz.app.master.data import declare

    chosen = options.settings(data_directory, lang, by=by)
    row = {
        "id": identifier,
        "kind": kind,
        "organisation": org,
        "source": source,
        "activity": activity,
        "factor": factor,
        "valid_from": start,
        "valid_to": end,
        "quantity_kwh": quantity,
        "evidence": evidence,
        "evidence_sha256": sha256_of(evidence_file) if evidence_file else None,
        "vintage": vintage,
        "zone": origin,
        "technology": technology,
        "cancelled_on": cancelled,
    }
    declare({"instruments": row}, chosen, reason=reason)
    message = translate("The instrument {name} was registered.", chosen.lang, name=identifier)
    answer_change({"instrument": identifier}, [message], chosen, as_json=as_json)


def list_all(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List the instruments."""
    from bilanz.app.cli.catalogue import rows_of_registry
    from bilanz.registry.instruments import instruments_frame

    rows = rows_of_registry(options.settings(data_directory, lang), instruments_frame)
    headers = ["id", "kind", "organisation", "source", "activity", "valid_from", "valid_to", "quantity_kwh"]
    answer(
        {"instruments": rows},
        table(headers, [[row[name] for name in headers] for row in rows], options.language(lang)),
        as_json=as_json,
    )


def show(
    identifier: Identifier, *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Show one instrument with the factor it names."""
    import polars as pl

    from bilanz.app.catalogue.releases import catalogue_of
    from bilanz.app.cli.catalogue import rows_of
    from bilanz.registry.engine import open_registry
    from bilanz.registry.instruments import instrument, instruments_frame

    chosen = options.settings(data_directory, lang)
    registry = open_registry(chosen.registry)
    try:
        found = instrument(registry, identifier)
        row = rows_of(instruments_frame(registry).filter(pl.col("id") == identifier))[0]
    finally:
        registry.close()
    factors = rows_of(catalogue_of(chosen).factors.filter(pl.col("factor_id") == found.factor))
    lines = [f"{name}: {value}" for name, value in row.items() if value is not None]
    lines += [f"{each['value']} {each['mass_unit']} {each['gas']}/{each['per_unit']}" for each in factors]
    answer({"instrument": row, "factor": factors}, lines, as_json=as_json)


def remove(
    identifier: Identifier,
    *,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Remove an instrument; runs that used it stay as they are."""
    from bilanz.registry.engine import open_registry
    from bilanz.registry.instruments import remove_instrument

    chosen = options.settings(data_directory, lang, by=by)
    registry = open_registry(chosen.registry)
    try:
        remove_instrument(registry, identifier, by=chosen.user, reason=reason)
    finally:
        registry.close()
    message = translate("The instrument {name} was removed.", chosen.lang, name=identifier)
    answer_change({"instrument": identifier}, [message], chosen, as_json=as_json)
