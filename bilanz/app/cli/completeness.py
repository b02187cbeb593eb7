"""Commands about what is known of a year: the completeness calendar, and filling its gaps."""

from typing import Any

import typer

from bilanz.app.amounts import amount
from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("completeness", help=text("List the months of sources that are missing or estimated."))(
        completeness
    )


def completeness(
    *,
    year: Year,
    org: Organisation = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the months of sources that are missing or estimated, as the data are now."""
    from bilanz.app.months import completeness_of

    chosen = options.settings(data_directory, lang, wait)
    found = completeness_of(chosen, year, org)
    answer(found, _lines(found, chosen.lang), as_json=as_json)


def _cell(row: dict[str, Any], key: str, language: Language) -> object:
    """Return a cell: numbers of days and quantities as the language writes them."""
    is_number = key in {"days_missing", "days_estimated", "earlier_quantity"} and row[key] is not None
    return amount(str(row[key]), language) if is_number else row[key]


def _lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return the sums, then the gaps, then what was estimated and how."""
    said = translate(
        "{year}: {complete} of {expected} expected months of {sources} sources are complete; months with "
        "estimates: {estimated}.",
        language,
        year=found["year"],
        complete=found["complete_months"],
        expected=found["expected_months"],
        sources=found["sources"],
        estimated=found["estimated_months"],
    )
    events = translate(
        "Sources with deliveries, refuelling or trips, of which no month is expected: {count}.",
        language,
        count=found["sources_without_expected_months"],
    )
    lines = [said, events]
    for name, headers in (
        ("missing", ("organisation", "source", "activity", "month", "days missing", "a year before", "unit")),
        ("estimated", ("organisation", "source", "activity", "month", "days estimated", "method", "unit")),
    ):
        columns = ("days_missing", "earlier_quantity") if name == "missing" else ("days_estimated", "method")
        keys = ("organisation", "source", "activity", "month", *columns, "unit")
        rows = [[_cell(row, key, language) for key in keys] for row in found[name][:_SHOWN]]
        if not rows:
            continue
        title = "Missing:" if name == "missing" else "Estimated:"
        lines += ["", translate(title, language), *table(headers, rows, language)]
        if len(found[name]) > _SHOWN:
            rest = len(found[name]) - _SHOWN
            lines.append(translate("{count} more stand in the answer of --json.", language, count=rest))
    return lines
