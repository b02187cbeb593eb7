"""Commands about the vocabulary and the factor catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bilanz.app.cli import options, releases, series
from bilanz.app.cli.heat import heat_network
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, Reason, Release, text
from bilanz.app.cli.output import answer, table
from bilanz.errors import UsageError
from bilanz.messages import Language, heading, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from bilanz.app.settings import Settings
    from bilanz.registry.engine import Registry

_SHOWN_NAMES: Final = 4
SHOWN = ["factor_id", "gas", "chain", "value", "mass_unit", "per_unit", "basis", "evidence", "locator"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from bilanz.app.cli import asides

    app.command("activities", help=text("List the activities and their names."))(activities)
    app.command("units", help=text("List the units and the spellings that are read."))(units)
    factors = typer.Typer(no_args_is_help=True, help=text("Emission factors: list, show, search, import."))
    factors.command("list", help=text("List the factor sources and their editions."))(list_factors)
    factors.command("show", help=text("Show one factor with its source."))(show_factor)
    factors.command("search", help=text("Search factors by German or English terms."))(search_factors)
    factors.command("coverage", help=text("Activities and years with and without a factor."))(coverage)
    factors.command("import", help=text("Import an official publication, or own factors (CSV)."))(
        import_factors
    )
    factors.command("heat-network", help=text("Factor of a heat network from its fuels and outputs."))(
        heat_network
    )
    factors.command("withdraw", help=text("Take an imported table out of the catalogue again."))(
        withdraw_factors
    )
    releases.register(factors)
    series.register(factors)
    properties = typer.Typer(
        no_args_is_help=True, help=text("Heating values, densities, state numbers: list, import.")
    )
    properties.command("list", help=text("List the properties of fuels, with supply area and source."))(
        list_properties
    )
    properties.command("import", help=text("Import own properties, as those of a gas bill (CSV)."))(
        import_properties
    )
    factors.add_typer(properties, name="properties")
    asides.register(factors)
    app.add_typer(factors, name="factors")


def activities(*, as_json: Json = False, lang: Lang = None) -> None:
    """List the closed vocabulary of activities."""
    from dataclasses import asdict

    from bilanz.activity import activities as known

    language = options.language(lang)
    rows = [[entry.code, entry.name(language), entry.scope, entry.category] for entry in known().values()]
    headers = ("code", "name", "scope", "category")
    payload = {"activities": [asdict(entry) for entry in known().values()]}
    answer(payload, table(headers, rows, language), as_json=as_json)


def units(*, as_json: Json = False, lang: Lang = None) -> None:
    """List the units and the spellings that are read."""
    from bilanz.units import units as known

    language = options.language(lang)
    found = [
        {"unit": unit.code, "dimension": unit.dimension, "spellings": sorted(unit.spellings)}
        for unit in known().values()
    ]
    headers = ("unit", "dimension", "spellings")
    rows = [[unit["unit"], unit["dimension"], ", ".join(unit["spellings"])] for unit in found]
    answer({"units": found}, table(headers, rows, language), as_json=as_json)


def rows_of(frame: "pl.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a frame for JSON: decimals as plain text, dates in ISO 8601."""
    import polars as pl
    import polars.selectors as cs

    plain = frame.with_columns(cs.decimal().cast(pl.String).str.strip_chars_end("0").str.strip_chars_end("."))
    return plain.with_columns(cs.temporal().cast(pl.String)).to_dicts()


def rows_of_registry(
    settings: "Settings", frame: "Callable[[Registry], pl.DataFrame]"
) -> list[dict[str, Any]]:
    """Return the rows of a frame of the registry for JSON; the registry is closed again."""
    from bilanz.registry.engine import open_registry

    registry = open_registry(settings.registry)
    try:
        return rows_of(frame(registry))
    finally:
        registry.close()


def list_factors(
    *,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the factor sources and their editions."""
    import polars as pl

    from bilanz.app.catalogue.releases import named

    catalogue = named(options.settings(data_directory, lang), release)
    grouped = (
        catalogue.factors.group_by("source", "edition", "publisher", "evidence", "licence")
        .agg(pl.len().alias("rows"), pl.col("activity").n_unique().alias("activities"))
        .sort("source", "edition", "evidence")
    )
    rows = rows_of(grouped)
    headers = ["source", "edition", "publisher", "evidence", "rows", "activities"]
    payload = {"release_name": catalogue.name, "release": catalogue.release, "sources": rows}
    answer(
        payload,
        table(headers, [[row[name] for name in headers] for row in rows], options.language(lang)),
        as_json=as_json,
    )


def show_factor(
    factor: Annotated[str, typer.Argument(help=text("Identifier of the factor."))],
    *,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Show one factor with its source."""
    import polars as pl

    from bilanz.app.catalogue.releases import named
    from bilanz.errors import UnknownName

    chosen = options.settings(data_directory, lang)
    found = named(chosen, release).factors.filter(pl.col("factor_id") == factor)
    if found.is_empty():
        raise UnknownName('The factor "{name}" is not in the catalogue.', name=factor)
    rows = rows_of(found)
    lines = [
        f"{heading(name, chosen.lang)}: {value}"
        for row in rows
        for name, value in row.items()
        if value not in {None, ""}
    ]
    answer({"factor": rows}, lines, as_json=as_json)


def search_factors(
    term: Annotated[str, typer.Argument(help=text('What to look for, e.g. "Erdgas".'))],
    *,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Search factors by German or English terms; exit 1 where nothing is found."""
    from bilanz.app.catalogue.releases import named
    from factors.search import search

    chosen = options.settings(data_directory, lang)
    rows = rows_of(search(term, chosen.lang, known=named(chosen, release)))
    lines = table(SHOWN, [[row[name] for name in SHOWN] for row in rows], chosen.lang)
    answer({"factors": rows}, lines, as_json=as_json, exit_code=0 if rows else 1)


def coverage(
    *,
    first: Annotated[int, typer.Option("--from", help=text("First year."))] = 2020,
    last: Annotated[int, typer.Option("--to", help=text("Last year."))] = 2025,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Activities and years with and without a factor."""
    from bilanz.app.catalogue.releases import named
    from factors.search import coverage as covered

    if last < first:
        raise UsageError("The last year comes before the first: {first}, {last}.", first=first, last=last)
    chosen = options.settings(data_directory, lang)
    known = named(chosen, release)
    rows = rows_of(covered(known, range(first, last + 1)))
    shown = [{name: _few(cell) for name, cell in row.items()} for row in rows]
    answer(
        {"coverage": rows},
        table(list(rows[0]), [row.values() for row in shown], chosen.lang),
        as_json=as_json,
    )


def _few(cell: object) -> object:
    """Return the first names of a long list and how many more there are; `--json` holds all."""
    names = cell.split() if isinstance(cell, str) else []
    return (
        f"{' '.join(names[:_SHOWN_NAMES])} +{len(names) - _SHOWN_NAMES}"
        if len(names) > _SHOWN_NAMES
        else cell
    )


def import_factors(
    path: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help=text("The publication as published, or a CSV of own factors.")
        ),
    ],
    *,
    org: Annotated[
        str | None, typer.Option("--org", help=text("Organisation it holds for, with what is below it."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("Only check."))] = False,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import a publication or own factors; rows that fail are quarantined with their reason, exit 1."""
    from bilanz.app.catalogue.ownfactors import import_factors as take_factors

    chosen = options.settings(data_directory, lang, by=by)
    answer_import(take_factors(path, chosen, dry_run=dry_run, organisation=org), chosen.lang, as_json=as_json)


def list_properties(
    *,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the properties of fuels."""
    from bilanz.app.catalogue.releases import named

    frame = named(options.settings(data_directory, lang), release).properties
    rows = rows_of(frame.sort("activity", "kind", "rank", "property_id"))
    headers = [
        "property_id",
        "value",
        "unit",
        "per_unit",
        "basis",
        "region",
        "area",
        "valid_from",
        "valid_to",
    ]
    answer(
        {"properties": rows},
        table(headers, [[row[name] for name in headers] for row in rows], options.language(lang)),
        as_json=as_json,
    )


def import_properties(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=text("The file."))],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("Only check."))] = False,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import own properties; rows that fail are quarantined with their reason, and exit is 1."""
    from bilanz.app.catalogue.ownfactors import import_own_properties

    chosen = options.settings(data_directory, lang, by=by)
    answer_import(import_own_properties(path, chosen, dry_run=dry_run), chosen.lang, as_json=as_json)


def withdraw_factors(
    name: Annotated[str, typer.Argument(help=text("Name of the imported table, as its edition."))],
    *,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take an imported table out of the catalogue; releases keep what they hold."""
    from bilanz.app.catalogue.releases import withdraw

    chosen = options.settings(data_directory, lang, by=by)
    gone = withdraw(chosen, name, reason=reason)
    said = translate("{name} is withdrawn; calculations from now on do without it.", chosen.lang, name=gone)
    answer({"withdrawn": gone}, [said], as_json=as_json)


def answer_import(found: dict[str, Any], language: Language, *, as_json: bool) -> None:
    """Say what was accepted and why rows were not; exit 1 where there are such."""
    counts = translate(
        "{rows} rows: {accepted} accepted.", language, rows=found["rows"], accepted=found["accepted"]
    )
    told = [counts]
    if found.get("recognised"):
        told = [found["recognised"], counts]
    told += [f"{count} × {reason}" for reason, count in found.get("ignored", {}).items()]
    told += [_refusal(entry, language) for entry in found["quarantined"]]
    answer(found, told, as_json=as_json, exit_code=1 if found["quarantined"] else 0)


def _refusal(entry: dict[str, Any], language: Language) -> str:
    """Return where a row was refused, what stood there, and why."""
    place = entry.get("place") or translate("row {row}", language, row=entry["row"])
    if entry.get("column"):
        place += ", " + translate('column "{column}"', language, column=entry["column"])
    found = entry.get("value")
    return f"{place}: {entry['reason']}" + (f" [{found}]" if found else "")
