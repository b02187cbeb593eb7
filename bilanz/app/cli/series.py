"""Commands about factor series: hourly or quarter-hourly grid intensity."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

SHOWN = ["name", "region", "gas", "chain", "minutes", "first", "end", "values", "missing"]


def register(app: typer.Typer) -> None:
    """Add the commands below `bilanz factors`."""
    series = typer.Typer(
        no_args_is_help=True, help=text("Series of grid intensity by the hour: import, list, show.")
    )
    series.command("import", help=text("Import intensities, or generation by production type (CSV)."))(
        import_series
    )
    series.command("list", help=text("List the series of the data directory."))(list_series)
    series.command("show", help=text("Show one series with its source."))(show_series)
    app.add_typer(series, name="series")


def import_series(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=text("The CSV."))],
    *,
    name: Annotated[str, typer.Option("--name", help=text("Name of the series: a-z, 0-9 and _."))],
    region: Annotated[str, typer.Option("--region", help=text("ISO code of the region."))],
    source: Annotated[str, typer.Option("--source", help=text("Publisher of the values."))],
    title: Annotated[str, typer.Option("--title", help=text("Title of the publication."))],
    licence: Annotated[str, typer.Option("--licence", help=text("Licence of the values."))],
    locator: Annotated[str, typer.Option("--locator", help=text("Where the values stand, e.g. a URL."))] = "",
    zone: Annotated[
        str | None, typer.Option("--zone", help=text("IANA zone of local times (default: BILANZ_ZONE)."))
    ] = None,
    factors: Annotated[
        Path | None,
        typer.Option(
            "--factors", exists=True, dir_okay=False, help=text("Table of g per kWh by production type.")
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", help=text("Production type to leave out; may be repeated.")),
    ] = None,
    zero: Annotated[
        list[str] | None,
        typer.Option("--zero", help=text("Production type whose missing values mean none; may be repeated.")),
    ] = None,
    column: Annotated[str | None, typer.Option("--column", help=text("Header of the intensity."))] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help=text("Unit of the intensity, e.g. gCO2e/kWh."))
    ] = None,
    chain: Annotated[
        str | None, typer.Option("--chain", help=text("What the intensity covers: direct or total."))
    ] = None,
    gwp: Annotated[
        str | None, typer.Option("--gwp", help=text("Potentials of CO2e: AR4, AR5, AR6 or unstated."))
    ] = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", help=text("Per kWh generated or consumed, where stated."))
    ] = None,
    declare: Annotated[
        list[str] | None, typer.Option("--declare", help=text("COLUMN=FORMAT where a file leaves it open."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("Only check."))] = False,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import a series; exit 1 where rows were not taken."""
    from bilanz.app.catalogue.series import Stated
    from bilanz.app.catalogue.series import import_series as take

    chosen = options.settings(data_directory, lang, by=by)
    stated = Stated(
        name=name,
        region=region,
        source=source,
        title=title,
        licence=licence,
        locator=locator,
        zone=zone,
        factors=factors,
        excluded=tuple(exclude or ()),
        zero=tuple(zero or ()),
        column=column,
        unit=unit,
        chain=chain,
        gwp=gwp,
        delivery=delivery,
        declared=options.declarations(declare),
    )
    found = take(path, stated, chosen, dry_run=dry_run)
    answer(found, import_lines(found, chosen.lang), as_json=as_json, exit_code=1 if found["rejected"] else 0)


def import_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads after an import: counts, what is missing, what was not taken."""
    told = [
        translate(
            "{values} values of {minutes} minutes from {first} to {end}, {least} to {most} {unit}.",
            language,
            unit=f"{found['mass_unit']} {found['gas']}/{found['per_unit']}",
            **{name: found[name] for name in ("values", "minutes", "first", "end", "least", "most")},
        ),
        translate(
            "{missing} intervals have no value; readings in them become exceptions.",
            language,
            missing=found["missing"],
        ),
    ]
    told += [
        translate("row {row}", language, row=entry["row"])
        + f", {entry['column']}: {entry['value']} – {entry['reason']}"
        for entry in found["rejected"]
    ]
    return told


def list_series(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List the series of the data directory."""
    from bilanz.app.catalogue.series import load_series, shown

    rows = [shown(entry) for entry in load_series(options.settings(data_directory, lang))]
    lines = table(SHOWN, [[row[name] for name in SHOWN] for row in rows], options.language(lang))
    answer({"series": rows}, lines, as_json=as_json)


def show_series(
    name: Annotated[str, typer.Argument(help=text("Name of the series."))],
    *,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Show one series with its source and the factors it was weighted with."""
    from bilanz.app.catalogue.series import load_series, shown

    (found,) = load_series(options.settings(data_directory, lang), (name,))
    told = shown(found)
    lines = [
        f"{key}: {value}" for key, value in told.items() if value not in (None, "", (), []) and key != "fuels"
    ]
    lines += [" · ".join(fuel.values()) for fuel in told["fuels"]]
    answer({"series": told}, lines, as_json=as_json)
