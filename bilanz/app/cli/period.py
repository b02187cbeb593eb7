"""Commands about periods: show, release, close, reopen; and what other commands say of closed ones."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import (
    By,
    DataDirectory,
    Json,
    Lang,
    Organisation,
    Reason,
    Release,
    Wait,
    Year,
    text,
)
from bilanz.app.cli.output import answer, table
from bilanz.errors import UsageError
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.settings import Settings
    from bilanz.period import Period


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=text("Periods: release, close, reopen, restate."))
    group.command("show", help=text("Show which run stands for a year, who released and closed it."))(show)
    group.command("release", help=text("Put the run of a year forward as its balance."))(release)
    group.command("close", help=text("Close a released period; another person than who released it."))(close)
    group.command("reopen", help=text("Open a period again."))(reopen)
    group.command("restate", help=text("Say what a closed year would be today, by cause; keep it."))(restate)
    app.add_typer(group, name="period")


def show(
    *,
    year: Annotated[
        int | None, typer.Option("--year", help=text("Calendar year of the balance."), min=1900, max=2200)
    ] = None,
    org: Organisation = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Show one period, or all that were ever released."""
    from bilanz.app.period.closing import listed, told

    chosen = options.settings(data_directory, lang)
    found = listed(chosen, year, org)
    answer({"periods": [told(one) for one in found]}, period_lines(found, chosen.lang), as_json=as_json)


def release(
    *,
    year: Year,
    org: Organisation = None,
    run: Annotated[
        str | None, typer.Option("--run", help=text("The run (default: the latest calculation of the year)."))
    ] = None,
    accept_exceptions: Annotated[
        bool, typer.Option("--accept-exceptions", help=text("Release with exceptions; needs --reason."))
    ] = False,
    threshold: Annotated[
        str | None,
        typer.Option("--threshold", help=text("Percent from which the base year is recalculated (5).")),
    ] = None,
    base_year: Annotated[
        bool | None, typer.Option("--base-year/--no-base-year", help=text("Others are compared with it."))
    ] = None,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Release a run: it is calculated again first and must come out the same, or nothing is released."""
    from bilanz.app.period.closing import Asked, told
    from bilanz.app.period.closing import release as released

    chosen = options.settings(data_directory, lang, wait, by)
    share = None if threshold is None else _share(threshold)
    found = released(chosen, Asked(year, org, run, accept_exceptions, reason, share, base_year))
    message = "{year} is released with the run {run}. Another person closes it: bilanz period close."
    lines = [translate(message, chosen.lang, year=year, run=found.run), *period_lines([found], chosen.lang)]
    answer(told(found), lines, as_json=as_json)


def close(
    *,
    year: Year,
    org: Organisation = None,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Close a released period: factors, data and numbers stay as they are."""
    from bilanz.app.period.closing import close as closed
    from bilanz.app.period.closing import told

    chosen = options.settings(data_directory, lang, by=by)
    found = closed(chosen, year, org, reason)
    message = translate("{year} is closed with the run {run}.", chosen.lang, year=year, run=found.run)
    answer(told(found), [message, *period_lines([found], chosen.lang)], as_json=as_json)


def reopen(
    *,
    year: Year,
    reason: Annotated[str, typer.Option("--reason", help=text("Why, for the audit trail."))],
    org: Organisation = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Open a period again; what stood for it stays in the audit trail."""
    from bilanz.app.period.closing import reopen as reopened
    from bilanz.app.period.closing import told

    chosen = options.settings(data_directory, lang, by=by)
    found = reopened(chosen, year, org, reason)
    message = translate("{year} is open again: its latest calculation is shown.", chosen.lang, year=year)
    answer(told(found), [message], as_json=as_json)


def restate(
    *,
    year: Year,
    org: Organisation = None,
    release: Release = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("Only look; nothing is kept."))] = False,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Calculate a closed year as it would be today; the closed balance stays, the difference is kept."""
    from bilanz.app.period.restating import restate as restated

    chosen = options.settings(data_directory, lang, wait, by)
    found = restated(chosen, year, org, reason=reason, release=release, dry_run=dry_run).as_json()
    answer(found, restatement_lines(found, chosen.lang), as_json=as_json)


def restatement_lines(found: Mapping[str, Any], language: Language) -> list[str]:
    """Return what a person reads: totals by cause, the largest differences, and what follows of them."""
    from bilanz.app.explaining.amounts import amount, percent, tonnes
    from bilanz.restatement import CAUSES
    from reports import names

    headers = (
        "book",
        "closed, t CO2e",
        *(_CAUSE_HEADS[cause] for cause in CAUSES),
        "today, t CO2e",
        "change",
    )
    rows = [
        [
            names.book(book["book"], language),
            tonnes(book["co2e_old_kg"], language),
            *(amount(book[f"{cause}_kg"], language) for cause in CAUSES),
            tonnes(book["co2e_new_kg"], language),
            "–" if book["change"] is None else percent(book["change"], language),
        ]
        for book in found["books"]
    ]
    return [
        *table(headers, rows, language),
        *_differences(found["lines"], language),
        _meaning(found, language),
        _kept(found, language),
    ]


_CAUSE_HEADS = {
    "method": "method, kg",
    "data": "data, kg",
    "factor": "factor, kg",
    "boundary": "boundary, kg",
}
_DIFFERENCES_SHOWN = 20


def _differences(lines: list[dict[str, Any]], language: Language) -> list[str]:
    """Return the largest differences of lines; `--json` holds all."""
    from bilanz.app.explaining.amounts import amount
    from reports import names
    from reports.closing import cause_name

    largest = sorted(lines, key=lambda line: -abs(Decimal(line["effect_kg"])))[:_DIFFERENCES_SHOWN]
    rows = [
        [
            amount(line["effect_kg"], language),
            cause_name(line["cause"], language),
            names.book(line["book"], language),
            line["organisation"],
            line["source"],
            names.activity_name(line["activity"], language),
            f"{line['month']:%Y-%m}",
        ]
        for line in largest
    ]
    headers = ("effect in kg CO2e", "cause", "book", "organisation", "source", "activity", "month")
    told = table(headers, rows, language)
    if len(lines) > len(largest):
        message = "{count} more lines differ; --json holds all."
        told.append(translate(message, language, count=len(lines) - len(largest)))
    return told


def _meaning(found: Mapping[str, Any], language: Language) -> str:
    from reports.closing import base_year_sentence

    threshold = Decimal(found["threshold"])
    return base_year_sentence(
        threshold, language, is_reached=found["is_reached"], is_base_year=found["is_base_year"]
    )


def _kept(found: Mapping[str, Any], language: Language) -> str:
    if found["number"] is None:
        return translate("Nothing was kept (--dry-run).", language)
    message = (
        "Kept as restatement {number} with the run {run}; the closed run {closed_run} stays the balance."
    )
    return translate(message, language, **{name: found[name] for name in ("number", "run", "closed_run")})


def _share(percent: str) -> Decimal:
    """Return a share of a number of percent.

    Raises:
        UsageError: it is no number.
    """
    try:
        return Decimal(percent) / 100
    except InvalidOperation:
        raise UsageError('"{value}" is not a number of percent.', value=percent) from None


def period_lines(periods: "Iterable[Period]", language: Language) -> list[str]:
    """Return the table of periods."""
    from bilanz.app.period.closing import STATES

    headers = ("year", "organisation", "state", "run", "released", "closed", "exceptions", "base year")
    rows = [
        [
            one.year,
            one.organisation or translate("all", language),
            translate(STATES[one.state], language),
            one.run,
            _step(one.released_by, one.released_at),
            _step(one.closed_by, one.closed_at),
            one.exceptions,
            one.is_base_year,
        ]
        for one in periods
    ]
    return table(headers, rows, language)


def _step(by: str | None, at: str | None) -> str | None:
    return f"{by}, {at[:10]}" if by and at else None


def answer_change(
    found: Mapping[str, Any],
    lines: Iterable[str],
    settings: "Settings",
    *,
    as_json: bool,
    exit_code: int = 0,
) -> None:
    """Answer a change of master data, and name the closed periods whose balance it leaves as it is."""
    from bilanz.app.period.closing import told
    from bilanz.app.period.standing import all_standing

    kept = all_standing(settings)
    answer(
        dict(found) | {"closed_periods": [told(period) for period in kept]},
        [*lines, *kept_lines(kept, settings.lang)],
        as_json=as_json,
        exit_code=exit_code,
    )


def kept_lines(periods: "Iterable[Period]", language: Language) -> list[str]:
    """Return, for each released or closed period a change touches, that its balance is unaffected."""
    from bilanz.app.period.closing import STATES

    message = (
        "{year} ({organisation}) is {state}: its balance stays as it is. What this changes in it is told by "
        "bilanz period restate --year {year}."
    )
    return [
        translate(
            message,
            language,
            year=one.year,
            organisation=one.organisation or translate("all", language),
            state=translate(STATES[one.state], language),
        )
        for one in periods
    ]


def days_of(period: Mapping[str, str | None]) -> tuple[date | None, date | None]:
    """Return the first and last day of a period in ISO 8601, end exclusive; undated: the whole of time."""
    start, end = period["start"], period["end"]
    if start is None or end is None:
        return None, None
    last = max(datetime.fromisoformat(start), datetime.fromisoformat(end) - timedelta(microseconds=1))
    return date.fromisoformat(start[:10]), last.date()
