"""Commands of a fund: what members owe, what projects achieve, the board's page and its workbook."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, Reason, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from decimal import Decimal

    from bilanz.app.fund.assessment import Assessed
    from bilanz.fund.board import Board
    from bilanz.fund.effect.reason import NotAssessable
    from bilanz.fund.effect.result import Effect


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=text("The common fund: contributions, effects, board."))
    group.command("contributions", help=text("What members owe and paid, by the key in force."))(
        contributions
    )
    group.command("assess", help=text("Fix what members owe for a year."))(assess)
    group.command("assessments", help=text("List the assessments of a year with their differences."))(
        assessments
    )
    group.command("effects", help=text("What projects saved by the meters; keep it with --save."))(effects)
    group.command("take", help=text("Take over the effects members have published."))(take)
    group.command("flows", help=text("Payments that procurement records come to; keep them with --save."))(
        flows
    )
    group.command("report", help=text("Write the board's page as one HTML file."))(report)
    group.command("export", help=text("Write ICMA table, allocation and impact as a workbook."))(export)
    app.add_typer(group, name="fund")


Out = Annotated[Path, typer.Option("--out", help=text("File to write."))]
Save = Annotated[bool, typer.Option("--save", help=text("Keep the result in the registry."))]


def contributions(
    *, year: Year, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Say what members owe for a year, what they paid, and the burden; exit 1 where a figure is missing."""
    from bilanz.app.fund.assessment import beside, holding
    from bilanz.app.fund.board import board_of
    from reports.board.assessment import sentences

    chosen = options.settings(data_directory, lang)
    found = board_of(chosen, year)
    rows = list(_dues(found, chosen.lang))
    payload = {
        "year": year,
        "currency": found.terms.currency,
        "assessment": holding(found),
        "differences": beside(found),
        "contributions": rows,
    }
    headers = ("organisation", "per_head", "due", "due_own", "paid", "arrears", "burden")
    lines = table(headers, [[row[name] for name in headers] for row in rows], chosen.lang)
    lines += sentences(found, chosen.lang)
    lines += [f"  {row['organisation']}: {gap}" for row in rows for gap in row["missing"]]
    is_missing = not rows or any(row["missing"] for row in rows)
    answer(payload, lines, as_json=as_json, exit_code=int(is_missing))


def _dues(found: "Board", language: Language) -> Iterator[dict[str, Any]]:
    accounts = {one.organisation: one for one in found.accounts.accounts if one.year == found.year}
    for row in () if found.contributions is None else found.contributions.rows:
        account = accounts.get(row.organisation)
        yield {
            "organisation": row.organisation,
            "per_head": _plain(row.per_head),
            "due": _plain(row.due),
            "due_own": None if row.due_own is None else f"{row.due_own} {row.own_currency}",
            "paid": None if account is None else _plain(account.paid),
            "arrears": None if account is None else _plain(account.arrears),
            "burden": _plain(row.burden),
            "missing": list(dict.fromkeys(gap.text(language) for gap in (*row.gaps, *row.unshown))),
        }


def assess(
    *,
    year: Year,
    is_trial: Annotated[bool, typer.Option("--dry-run", help=text("Only say what it would be."))] = False,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Fix what members owe for a year; a further assessment needs a reason, the former one stays."""
    from bilanz.app.fund.assessment import as_json as told
    from bilanz.app.fund.assessment import assess_year

    chosen = options.settings(data_directory, lang, by=by)
    found = assess_year(chosen, year, reason=reason, is_trial=is_trial)
    lines = _assessed(found, chosen.lang)
    if is_trial:
        lines.append(translate("Nothing was kept: a look only.", chosen.lang))
    answer(told(found) | {"kept": not is_trial}, lines, as_json=as_json)


def assessments(
    *, year: Year, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """List the assessments of a year, each with its difference to the one before."""
    from bilanz.app.fund.assessment import as_json as told
    from bilanz.app.fund.assessment import history

    chosen = options.settings(data_directory, lang)
    found = history(chosen, year)
    lines = [line for one in found for line in _assessed(one, chosen.lang)]
    nothing = translate("{year} is not assessed yet (provisional).", chosen.lang, year=year)
    payload = {"year": year, "assessments": [told(one) for one in found]}
    answer(payload, lines or [nothing], as_json=as_json)


def _assessed(one: "Assessed", language: Language) -> list[str]:
    from bilanz.app.fund.assessment import as_json as told
    from reports import numbers

    found = told(one)
    message = "Contributions of {year}, assessment {number} of {day} by {by}: {total} {currency}, key {key}."
    day = numbers.instant(found["assessed_at"], language)
    lines = [translate(message, language, **found, day=day, by=found["assessed_by"])]
    if found["reason"]:
        lines.append(translate("Reason: {reason}", language, reason=found["reason"]))
    headers = ("organisation", "days", "due", "due_own", "own_currency", "former", "difference")
    return [*lines, *table(headers, [[row[name] for name in headers] for row in found["amounts"]], language)]


def _plain(value: "Decimal | None") -> str | None:
    return None if value is None else f"{value:f}"


def effects(
    *,
    save: Save = False,
    reason: Reason = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Say what every project saved by the meters, with the 95 % interval, or why that cannot be said."""
    from bilanz.app.fund import observations as fundobservations
    from bilanz.app.fund.effects import measured_effects

    chosen = options.settings(data_directory, lang, wait)
    found = measured_effects(chosen)
    lines = list(_told(found, chosen.lang))
    code = 0
    if save:
        label, today = translate("measured effects", chosen.lang), datetime.now(UTC).date()
        code = fundobservations.keep(chosen, found, today, label, reason=reason).exit_code
        count = len(fundobservations.observations_of(found, chosen.lang))
        lines.append(translate("{count} observations kept.", chosen.lang, count=count))
    old = fundobservations.stale(found, fundobservations.kept(chosen), chosen.lang)
    message = (
        "{id} is kept from before, and the meters no longer tell it: with --save it counts in no sum of the "
        "board any more."
    )
    lines += [translate(message, chosen.lang, id=row.id) for row in old]
    answer(
        {
            "effects": {name: _effect(one, chosen.lang) for name, one in found.items()},
            "stale": [row.id for row in old],
            "saved": save,
        },
        lines,
        as_json=as_json,
        exit_code=code,
    )


def _told(found: "Mapping[str, Effect | NotAssessable]", language: Language) -> Iterator[str]:
    for name, one in found.items():
        told = _effect(one, language)
        if "reason" in told:
            yield translate(
                "{project}: not assessable. {reason}", language, project=name, reason=told["reason"]
            )
            continue
        for year in told["years"]:
            yield translate(
                "{project}, {year}: {saved} {unit} saved (± {half}) in {months} months; {tonnes} t CO2e.",
                language,
                project=name,
                **year,
            )
        yield from (f"  {flag}" for flag in told["flags"])


def _effect(one: "Effect | NotAssessable", language: Language) -> dict[str, Any]:
    from bilanz.fund.effect.reason import NotAssessable

    if isinstance(one, NotAssessable):
        return {"reason": one.reason.text(language)}
    missing = translate("not known", language)
    return {
        "unit": one.unit,
        "years": [
            {
                "year": year.year,
                "months": year.months,
                "unit": one.unit,
                "saved": _plain(year.saving.value),
                "half": _plain(year.saving.half_width) or missing,
                "tonnes": missing if year.tonnes is None else _plain(year.tonnes.value),
            }
            for year in one.saving.years
        ],
        "flags": [flag.text(language) for flag in one.flags],
    }


def take(
    bundles: Annotated[list[Path], typer.Argument(help=text("Bundles of members: folders or zips."))],
    *,
    reason: Reason = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take over the effects members have published; a bundle that does not verify is refused."""
    from bilanz.app.fund.intake import take_effects

    chosen = options.settings(data_directory, lang)
    found = take_effects(chosen, bundles, reason=reason)
    lines = [
        translate("{path}: {count} observations taken over.", chosen.lang, path=path, count=count)
        for path, count in found.taken.items()
    ]
    message = "{path}: {count} assessments of projects taken over."
    lines += [translate(message, chosen.lang, path=path, count=count) for path, count in found.looked.items()]
    message = "{path}: left out, as they are not projects of this member: {projects}."
    lines += [
        translate(message, chosen.lang, path=path, projects=", ".join(projects))
        for path, projects in found.left_out.items()
    ]
    message = "The key of {member} is taken as known from now on."
    lines += [translate(message, chosen.lang, member=member) for member in found.first_seen]
    payload = {
        "taken": dict(found.taken),
        "looked": dict(found.looked),
        "left_out": {path: list(projects) for path, projects in found.left_out.items()},
        "first_seen": list(found.first_seen),
        "issues": found.summary.as_json()["issues"],
    }
    lines += [str(issue["message"]) for issue in payload["issues"]]
    answer(payload, lines, as_json=as_json, exit_code=found.summary.exit_code)


def flows(
    *,
    save: Save = False,
    reason: Reason = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List payments to projects that procurement records come to, and why other records do not."""
    from bilanz.app.fund.flows import propose, take_over

    chosen = options.settings(data_directory, lang, wait)
    found = propose(chosen)
    code = 0
    headers = ("project", "on", "amount", "currency", "contract", "evidence")
    rows = [[str(getattr(flow, name)) for name in headers] for flow in found.flows]
    lines = table(headers, rows, chosen.lang)
    lines += [f"{one.file}, {one.row}: {one.reason(chosen.lang)}" for one in found.refused]
    if save and found.flows:
        code = take_over(chosen, found.flows, reason=reason).exit_code
    payload = {
        "flows": [dict(zip(headers, row, strict=True)) for row in rows],
        "refused": [
            {"file": one.file, "row": one.row, "code": one.code, "reason": one.reason(chosen.lang)}
            for one in found.refused
        ],
        "known": list(found.known),
        "gone": [flow.id for flow in found.gone],
        "saved": save,
    }
    answer(payload, lines, as_json=as_json, exit_code=code)


def report(
    *, year: Year, out: Out, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Write the board's page of a year: who owes and paid, where the money went, what the meters say."""
    from bilanz.app.fund.board import board_of, write_page

    chosen = options.settings(data_directory, lang)
    path = write_page(board_of(chosen, year), out, chosen.lang)
    answer({"path": str(path)}, [str(path)], as_json=as_json)


def export(
    *, year: Year, out: Out, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Write ICMA table, allocation and impact of a year as a workbook (XLSX)."""
    from bilanz.app.fund.board import board_of, write_workbook

    chosen = options.settings(data_directory, lang)
    path = write_workbook(board_of(chosen, year), out, chosen.lang)
    answer({"path": str(path)}, [str(path)], as_json=as_json)
