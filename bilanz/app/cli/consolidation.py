"""The command that consolidates the balance of a year."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilanz.app.cli import league, leaguelines, options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, text
from bilanz.app.cli.output import answer, table
from bilanz.errors import UnknownName, UsageError
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.league.balance import Asked
    from bilanz.app.settings import Settings
    from bilanz.boundary import Approach
    from bilanz.consolidated import Consolidation
    from bilanz.result import Result

_INDENT = "  "


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("consolidate", help=text("The balance at every level, internal deliveries eliminated."))(
        consolidate
    )


def consolidate(
    bundles: Annotated[
        list[Path] | None, typer.Argument(help=text("Bundles of members of a league: folders or zips."))
    ] = None,
    *,
    year: Annotated[
        int | None, typer.Option("--year", help=text("Calendar year of the balance."), min=1900, max=2200)
    ] = None,
    org: Organisation = None,
    approach: Annotated[
        str | None, typer.Option("--approach", help=text("Boundary: operational, financial or equity."))
    ] = None,
    before: Annotated[
        list[Path] | None, typer.Option("--before", help=text("Earlier bundle of a member; may be repeated."))
    ] = None,
    apart: league.Apart = None,
    same: league.Same = None,
    strict: Annotated[
        bool, typer.Option("--strict", help=text("Refuse where books, factors, states or versions differ."))
    ] = False,
    keys: Annotated[
        Path | None, typer.Option("--keys", help=text("File of known keys of members (bundles)."))
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=text("Folder, or file ending in .zip, for the league's package.")),
    ] = None,
    name: Annotated[
        str, typer.Option("--league", help=text("Name of the league in its package."))
    ] = "league",
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Show the balance at every level, or that of a league out of bundles; internal deliveries eliminated."""
    chosen = options.settings(data_directory, lang, wait)
    if bundles:
        from bilanz.app.league.balance import Asked

        if any(one is not None for one in (year, org, approach)):
            raise UsageError(
                "Bundles say of which year, approach and organisation they are: leave these out."
            )
        asked = Asked(bundles, before or (), apart or (), same or (), keys, is_strict=strict)
        _league(chosen, asked, out, name, as_json=as_json)
        return
    if year is None:
        raise UsageError("Name a year (--year), or bundles to add up.")
    from bilanz.app.beside.consolidation import consolidate_year, payload

    result, found = consolidate_year(chosen, year, _approach(approach or "operational"), org)
    answer(payload(result, found), _lines(result, found, chosen.lang), as_json=as_json)


def _league(chosen: "Settings", asked: "Asked", out: Path | None, name: str, *, as_json: bool) -> None:
    """Show the balance of a league out of bundles, and write its package where asked."""
    from bilanz.app.league.balance import as_json as told
    from bilanz.app.league.balance import consolidate_bundles, write_league

    made = consolidate_bundles(chosen, asked)
    lines = [*leaguelines.consolidation_lines(made, chosen.lang)]
    if out is not None:
        write_league(chosen, made, out, name)
        lines += ["", translate("Written: {path}", chosen.lang, path=out)]
    answer(told(made) | {"path": None if out is None else str(out)}, lines, as_json=as_json)


def _approach(name: str) -> "Approach":
    from bilanz.boundary import Approach

    if name not in list(Approach):
        raise UnknownName('"{name}" is not one of {expected}.', name=name, expected=", ".join(Approach))
    return Approach(name)


def _lines(result: "Result", found: "Consolidation", language: Language) -> Iterator[str]:
    """Yield the consolidation for people: levels, deliveries, suspects, ratios."""
    from reports.consolidation import APPROACHES, REASONS, word
    from reports.names import activity_name
    from reports.totals import organisation_name

    name = organisation_name(result, language)
    yield translate(
        "{year}, {approach}, in t CO2e:",
        language,
        year=result.manifest.year,
        approach=word(APPROACHES, found.approach, language),
    )
    yield from _levels(result, found, language)
    yield from _deliveries(found, language)
    for row in found.suspects.iter_rows(named=True):
        yield translate(
            "Not declared: {buyer}, {activity} ({source}), perhaps from {seller}. {reason}",
            language,
            buyer=name(row["buyer"]),
            seller=name(row["seller"]),
            activity=activity_name(row["activity"], language),
            source=row["source"],
            reason=word(REASONS, row["reason"], language),
        )
    yield from _ratios(result, found, language)


def _levels(result: "Result", found: "Consolidation", language: Language) -> Iterator[str]:
    from reports import names, numbers
    from reports.consolidation import totals
    from reports.totals import organisation_name

    name = organisation_name(result, language)
    masses = ["own", "outside", "minority", "eliminated", "consolidated"]
    for book in result.manifest.books:
        rows = [
            [
                _INDENT * row["depth"] + name(row["node"]),
                *(numbers.thousandth(row[mass], language) for mass in masses),
            ]
            for row in totals(found.levels, found.nodes, book).iter_rows(named=True)
        ]
        yield ""
        yield names.book(book, language)
        yield from table(["organisation", *masses], rows, language)


def _deliveries(found: "Consolidation", language: Language) -> Iterator[str]:
    from reports import numbers
    from reports.consolidation import STATES, word

    headers = ["delivery", "book", "node", "sold", "bought", "unit", "eliminated", "state"]
    rows = [
        [
            *(row[name] for name in headers[:3]),
            *(numbers.decimal(row[name], language) for name in ("sold", "bought")),
            row["unit"],
            numbers.thousandth(row["eliminated"], language),
            word(STATES, row["state"], language),
        ]
        for row in found.deliveries.iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield from table(headers, rows, language)
        yield ""


def _ratios(result: "Result", found: "Consolidation", language: Language) -> Iterator[str]:
    from reports.consolidation import UNITS, ratios
    from reports.totals import organisation_name

    told = ratios(found, result.manifest.books, organisation_name(result, language), language)
    rows = [
        [row["organisation"], row["book"], *(_ratio(row[code], language) for code in UNITS), row["missing"]]
        for row in told.iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield translate("kg CO2e per inhabitant, m² and full-time equivalent:", language)
        yield from table(["organisation", "book", *UNITS, "missing"], rows, language)


def _ratio(value: Decimal | None, language: Language) -> str:
    from reports import numbers

    return "" if value is None else numbers.decimal(value, language, digits=2)
