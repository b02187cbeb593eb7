"""Commands about the tables of the catalogue that are no factors: prices, degree days, indices."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.catalogue import answer_import, rows_of
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table

if TYPE_CHECKING:
    import polars as pl

PRICES = [
    "series",
    "valid_from",
    "valid_to",
    "bound",
    "value",
    "currency",
    "per_unit",
    "gas",
    "evidence",
    "title",
]
DEGREE_DAYS = [
    "definition",
    "region",
    "place",
    "valid_from",
    "valid_to",
    "value",
    "unit",
    "edition",
    "evidence",
]
INDICES = [
    *("kind", "series", "region", "product_group", "category"),
    *("valid_from", "valid_to", "value", "unit", "per_unit"),
]

_ORDER = ("definition", "series", "kind", "region", "place", "valid_from")


def register(factors: typer.Typer) -> None:
    """Add the commands below `bilanz factors`."""
    factors.command("prices", help=text("List climate costs and carbon prices; they are no factors."))(
        list_prices
    )
    factors.command("degree-days", help=text("List degree days and climate factors by definition."))(
        list_degree_days
    )
    indices = typer.Typer(
        no_args_is_help=True, help=text("Price indices, exchange rates, tax rates, margins.")
    )
    indices.command("list", help=text("List the indices of money."))(list_indices)
    indices.command("import", help=text("Import own indices (CSV in the documented columns)."))(
        import_indices
    )
    factors.add_typer(indices, name="indices")


def list_prices(
    *,
    year: Annotated[int | None, typer.Option("--year", help=text("Only this year."))] = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List climate costs and carbon prices; exit 1 where there is none."""
    from bilanz.app.catalogue.releases import catalogue_of

    frame = catalogue_of(options.settings(data_directory, lang)).prices
    _answer("prices", _of_year(frame, year), PRICES, lang, as_json=as_json)


def list_degree_days(
    *,
    region: Annotated[str | None, typer.Option("--region", help=text("Only this region, e.g. DE."))] = None,
    year: Annotated[int | None, typer.Option("--year", help=text("Only this year."))] = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List degree days and climate factors; exit 1 where there is none."""
    import polars as pl

    from bilanz.app.catalogue.releases import catalogue_of

    frame = catalogue_of(options.settings(data_directory, lang)).degree_days
    if region is not None:
        frame = frame.filter(pl.col("region") == region)
    _answer("degree_days", _of_year(frame, year), DEGREE_DAYS, lang, as_json=as_json)


def list_indices(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List price indices, exchange rates, tax rates and margins."""
    from bilanz.app.catalogue.releases import catalogue_of

    frame = catalogue_of(options.settings(data_directory, lang)).indices
    _answer("indices", frame, INDICES, lang, as_json=as_json)


def import_indices(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=text("A CSV of own indices."))],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("Only check."))] = False,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import own indices; rows that fail are quarantined with their reason, exit 1."""
    from bilanz.app.catalogue.acquisition import import_indices as take
    from bilanz.app.catalogue.releases import catalogue_of

    chosen = options.settings(data_directory, lang, by=by)
    found = take(path, chosen, catalogue_of(chosen).indices, dry_run=dry_run)
    answer_import(found, chosen.lang, as_json=as_json)


def _of_year(frame: "pl.DataFrame", year: int | None) -> "pl.DataFrame":
    """Return the rows whose period touches a year; what is undated holds for none."""
    import polars as pl

    if year is None:
        return frame
    first, after = pl.date(year, 1, 1), pl.date(year + 1, 1, 1)
    return frame.filter((pl.col("valid_from") < after) & (pl.col("valid_to") > first))


def _answer(name: str, frame: "pl.DataFrame", headers: list[str], lang: Lang, *, as_json: bool) -> None:
    order = [column for column in _ORDER if column in frame.columns]
    rows = rows_of(frame.sort(order, nulls_last=False))
    shown = [[row[header] for header in headers] for row in rows]
    answer(
        {name: rows},
        table(headers, shown, options.language(lang)),
        as_json=as_json,
        exit_code=0 if rows else 1,
    )
