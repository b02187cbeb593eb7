"""Commands about what is known of a year: the completeness calendar, and filling its gaps."""

from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.app.explaining.amounts import amount
from bilanz.messages import Language, translate

_SHOWN = 40
_PLACE = ("organisation", "source", "activity", "month")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("completeness", help=text("List the months of sources that are missing or estimated."))(
        completeness
    )
    app.command("fill", help=text("Estimate months of which nothing is known, as one batch."))(fill)
    app.command("overlaps", help=text("List declared overlaps, and what may be counted twice."))(overlaps)


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
    from bilanz.app.review.months import completeness_of

    chosen = options.settings(data_directory, lang, wait)
    found = completeness_of(chosen, year, org)
    answer(found, _lines(found, chosen.lang), as_json=as_json)


def fill(
    *,
    year: Year,
    method: Annotated[
        str, typer.Option("--method", help=text("own_history, degree_days, profile or floor_area."))
    ],
    source: Annotated[str | None, typer.Option("--source", help=text("Only this source."))] = None,
    org: Organisation = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=text("Only show what would be estimated."))
    ] = False,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Estimate months of which nothing is known, as one batch; exit 1 where a gap stays."""
    from bilanz.app.review.filling import fill_year

    chosen = options.settings(data_directory, lang, wait)
    done = fill_year(chosen, year, method=method, source=source, organisation=org, dry_run=dry_run)
    found = done.as_json(chosen)
    answer(found, _filled_lines(found, chosen.lang), as_json=as_json, exit_code=done.exit_code)


def _filled_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what was estimated and on what it rests, then what was not and why."""
    if not found["estimated"] and not found["not_filled"]:
        if found["present"]:
            message = "Nothing is left to estimate in {year}: {count} months hold estimates already."
            return [translate(message, language, year=found["year"], count=found["present"])]
        return [translate("No month of {year} is missing as a whole.", language, year=found["year"])]
    lines = []
    if found["estimated"]:
        if found["dry_run"]:
            message = "Months that would be estimated: {count}. Nothing was stored."
            lines.append(translate(message, language, count=len(found["estimated"])))
        else:
            message = "Months estimated: {count}, batch {batch} (sha256 {sha256})."
            told = {name: found[name] for name in ("batch", "sha256")}
            lines.append(translate(message, language, count=len(found["estimated"]), **told))
        rows = [
            [*_place(row), amount(row["quantity"], language), row["unit"], row["formula"]]
            for row in found["estimated"]
        ]
        lines += table((*_PLACE, "quantity", "unit", "formula"), rows, language)
    if found["not_filled"]:
        count = len(found["not_filled"])
        lines += ["", translate("Months that stay missing: {count}.", language, count=count)]
        lines += table(
            (*_PLACE, "reason"), [[*_place(row), row["reason"]] for row in found["not_filled"]], language
        )
    return lines


def overlaps(
    *,
    year: Year,
    org: Organisation = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List declared overlaps with their effect, and what may be counted twice, of the latest calculation."""
    from bilanz.app.review.months import overlaps_of

    chosen = options.settings(data_directory, lang, wait)
    found = overlaps_of(chosen, year, org)
    lines = []
    if found["declared"]:
        rows = [[row["subject"], row["said"], row["detail"]] for row in found["declared"]]
        lines += table(("overlap", "what was done", "part → whole"), rows, chosen.lang)
    else:
        lines.append(translate("No declared overlap had an effect in {year}.", chosen.lang, year=year))
    count = len(found["suspected"])
    lines += ["", translate("Pairs that may be counted twice: {count}.", chosen.lang, count=count)]
    if found["suspected"]:
        keys = ("organisation", "first_source", "second_source", "first_activity", "months", "said")
        headers = ("organisation", "source", "other source", "activity", "months", "suspicion")
        lines += table(headers, [[row[key] for key in keys] for row in found["suspected"]], chosen.lang)
    answer(found, lines, as_json=as_json)


def _place(row: dict[str, Any]) -> list[object]:
    return [row[name] for name in _PLACE]


def _cell(row: dict[str, Any], key: str, language: Language) -> object:
    """Return a cell: numbers of days and quantities as the language writes them."""
    from reports import names, states

    if row[key] is None:
        return None
    if key in {"days_missing", "days_estimated", "earlier_quantity"}:
        return amount(str(row[key]), language)
    if key == "activity":
        return names.activity_name(row[key], language)
    return states.method(row[key], language) if key == "method" else row[key]


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
