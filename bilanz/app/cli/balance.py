"""Commands about balances: calculate, explain, report, export, estimate."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import (
    Books,
    By,
    DataDirectory,
    Gwp,
    Json,
    Lang,
    Organisation,
    Release,
    SeriesNames,
    Wait,
    Year,
    text,
)
from bilanz.app.cli.output import answer, table
from bilanz.errors import UsageError
from bilanz.messages import Language, translate


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("calculate", help=text("Calculate the balance of a year in every book."))(calculate)
    app.command("explain", help=text("Follow a number back to factor, file and row."))(explain)
    app.command("report", help=text("Render the dashboard of a year as one HTML file."))(report)
    app.command("export", help=text("Write a year in a form that others ask for."))(export)
    app.command("estimate", help=text("Answer a single question without any data."))(estimate)


def calculate(
    *,
    year: Year,
    book: Books = None,
    gwp: Gwp = None,
    org: Organisation = None,
    release: Release = None,
    series: SeriesNames = None,
    by: By = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Calculate the balance of a year in every book, side by side; exit 1 where exceptions remain."""
    from bilanz.app.balances import calculate_year
    from bilanz.app.beside.intervals import half_widths_of, with_intervals
    from bilanz.app.calculation import summary
    from bilanz.app.catalogue.releases import pins
    from bilanz.app.period.closing import STATES
    from bilanz.app.period.standing import standing_of

    chosen = options.settings(data_directory, lang, wait, by)
    half_widths_of(chosen)  # a file of own half widths that cannot be read is refused before anything is kept
    result = calculate_year(
        chosen,
        year,
        books=tuple(book or ()),
        gwp=gwp,
        organisation=org,
        release=release,
        series=tuple(series or ()),
    )
    found = summary(with_intervals(chosen, result))
    lines = calculation_lines(found, chosen.lang)
    pin = pins(chosen).get(year)
    if pin is not None and pin.sha256 != found["factor_release"]:
        message = "{year} keeps the release {release}: this calculation stands beside it and in no report."
        lines.append(translate(message, chosen.lang, year=year, release=pin.name))
    period = standing_of(chosen, year, org)
    if period is not None and period.run != found["run"]:
        message = "{year} is {state} with the run {run}: this calculation stands beside it and in no report."
        state = translate(STATES[period.state], chosen.lang)
        lines.append(translate(message, chosen.lang, year=year, state=state, run=period.run))
    found["stands_beside"] = None if period is None or period.run == found["run"] else period.run
    answer(found, lines, as_json=as_json, exit_code=1 if result.exceptions.height else 0)


def calculation_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads after a calculation: one table, the coverage, the hash."""
    from bilanz.app.explaining.amounts import tonnes

    headers = ("book", "scope", "t CO2e")
    rows = [
        [book["name"][language], scope, tonnes(amount, language)]
        for book in found["books"]
        for scope, amount in book["scopes"].items()
    ]
    coverage = translate(
        "Coverage: {records} of the records have a factor; {count} exceptions.",
        language,
        records=found["coverage"]["records"],
        count=found["exceptions"],
    )
    return [
        *table(headers, rows, language),
        *interval_lines(found, language),
        coverage,
        release_line(found, language),
        f"result_hash {found['result_hash']}",
    ]


def interval_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return the 95 % interval of the total of each book that has one."""
    from bilanz.app.explaining.amounts import rounded_tonnes

    message = "{book}, scopes 1 to 3: 95 % interval {low} to {high} t CO2e"
    return [
        translate(
            message,
            language,
            book=book["name"][language],
            **{name: rounded_tonnes(bound, language) for name, bound in book["interval_95"].items()},
        )
        for book in found["books"]
        if book["interval_95"] is not None
    ]


def release_line(found: dict[str, Any], language: Language) -> str:
    """Return which factors were used: the name of the release, or that they were the current ones."""
    name = found["release_name"] or translate("the current ones", language)
    return translate(
        "Factors: {release} ({sha256})", language, release=name, sha256=found["factor_release"][:12]
    )


def explain(
    *,
    year: Year,
    book: Annotated[str, typer.Option("--book", help=text("Book."))] = "ghgp_location",
    org: Organisation = None,
    source: Annotated[
        str | None, typer.Option("--source", help=text("Source (meter, vehicle, contract)."))
    ] = None,
    activity: Annotated[str | None, typer.Option("--activity", help=text("Activity."))] = None,
    month: Annotated[str | None, typer.Option("--month", help=text("Month, YYYY-MM."))] = None,
    release: Release = None,
    series: SeriesNames = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Follow a number back: line, factor with the candidates that lost, units, file and row."""
    from bilanz.app.balances import explain_year

    chosen = options.settings(data_directory, lang, wait)
    filters = {"organisation": org, "source": source, "activity": activity, "month": month}
    found = explain_year(chosen, year, book=book, release=release, series=tuple(series or ()), **filters)
    lines = explanation_lines(found, chosen.lang)
    answer(found, lines, as_json=as_json, exit_code=0 if found["lines"] else 1)


def explanation_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return the steps of an explanation, indented by line, with the candidates that lost."""
    if not found["lines"]:
        return [translate("Nothing in {year} fits these filters.", language, year=found["year"])]
    told = [release_line(found, language)]
    for line in found["lines"]:
        told += [line["title"], *(f"  {step}" for step in line["steps"])]
        told += [translate("  not taken: {candidate}", language, candidate=lost) for lost in line["tried"]]
    if found["left_off"]:
        message = "{count} more lines are left off; choose with --org, --source, --activity, --month."
        told.append(translate(message, language, count=found["left_off"]))
    return told


def report(
    *,
    year: Year,
    org: Organisation = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=text("HTML file to write; with --pages the folder."))
    ] = None,
    pages: Annotated[
        bool, typer.Option("--pages", help=text("One page per organisation and site, and an index."))
    ] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help=text("Print the page to PDF as well (needs Chromium)."))
    ] = False,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Render the dashboard of the latest calculation of a year as one self-contained HTML file."""
    from bilanz.app.output.rendering import render_places, render_year
    from bilanz.app.output.reporting import print_page

    chosen = options.settings(data_directory, lang, wait)
    path = (render_places if pages else render_year)(chosen, year, out, org)
    message = translate("The dashboard was written to {path}.", chosen.lang, path=path)
    found, lines = {"path": str(path)}, [message]
    if pdf:
        beside = path.parent.with_name(f"{path.parent.name}.pdf") if pages else path.with_suffix(".pdf")
        found["pdf"] = str(print_page(path, beside))
        lines.append(translate("The PDF was written to {path}.", chosen.lang, path=found["pdf"]))
    answer(found, lines, as_json=as_json)


def export(
    name: Annotated[
        str | None, typer.Argument(help=text("Name of the form; without one: list them."))
    ] = None,
    *,
    year: Annotated[int | None, typer.Option("--year", help=text("Calendar year of the balance."))] = None,
    org: Organisation = None,
    out: Annotated[Path | None, typer.Option("--out", help=text("File to write."))] = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write the latest calculation of a year as one file in the form named."""
    from bilanz.app.output.rendering import export_year
    from reports.export import exports_found

    chosen = options.settings(data_directory, lang, wait)
    if name is None:
        forms = [
            {"name": form.name, "suffix": form.suffix, "title": form.title(chosen.lang)}
            for form in exports_found()
        ]
        rows = [list(form.values()) for form in forms]
        answer({"exports": forms}, table(("name", "suffix", "title"), rows, chosen.lang), as_json=as_json)
        return
    if year is None:
        raise UsageError("State the year: --year.")
    path = export_year(chosen, year, name, out, org)
    message = translate("{name} was written to {path}.", chosen.lang, name=name, path=path)
    answer({"path": str(path)}, [message], as_json=as_json)


def estimate(
    *,
    activity: Annotated[str, typer.Option("--activity", help=text("Activity, by code or name."))],
    quantity: Annotated[str, typer.Option("--quantity", help=text("Quantity, with decimal point."))],
    unit: Annotated[str, typer.Option("--unit", help=text("Unit."))],
    day: Annotated[str, typer.Option("--date", help=text("Day of the activity, YYYY-MM-DD."))],
    basis: Annotated[str | None, typer.Option("--basis", help=text("Calorific basis: Hs or Hi."))] = None,
    region: Annotated[str, typer.Option("--region", help=text("ISO code of the region."))] = "DE",
    product_group: Annotated[
        str | None, typer.Option("--product-group", help=text("Product group of spend, e.g. C26."))
    ] = None,
    vat: Annotated[
        str | None, typer.Option("--vat", help=text("Tax in the amount: standard or reduced; net without."))
    ] = None,
    book: Annotated[str, typer.Option("--book", help=text("Book."))] = "ghgp_location",
    gwp: Gwp = None,
    release: Release = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Answer a single question without any data; exit 1 with the reason where no factor fits."""
    from bilanz.app.catalogue.estimation import estimate as answer_of
    from bilanz.app.catalogue.releases import of_year

    chosen, asked = options.settings(data_directory, lang), options.day(day)
    found = answer_of(
        of_year(chosen, asked.year, release),
        activity=activity,
        quantity=quantity,
        unit=unit,
        basis=basis,
        region=region,
        product_group=product_group,
        vat=vat,
        day=asked,
        book=book,
        gwp=gwp,
        language=chosen.lang,
    )
    lines = [f"{found['co2e_kg']} kg CO2e", *(f"  {step}" for step in found["steps"])]
    answer(found, [*lines, release_line(found, chosen.lang)], as_json=as_json)
