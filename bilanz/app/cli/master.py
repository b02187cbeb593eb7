"""Commands about master data: organisations, sources, and their CSV files."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, Reason, text
from bilanz.app.cli.output import answer, table
from bilanz.app.cli.period import answer_change
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.master.data import MasterdataSummary

Update = Annotated[
    bool, typer.Option("--update", help=text("Take over rows that differ from what is registered."))
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    organisations = typer.Typer(no_args_is_help=True, help=text("Organisations: add, list."))
    organisations.command("add", help=text("Add an organisation or change it."))(add_organisation)
    organisations.command("list", help=text("List the organisations."))(list_organisations)
    app.add_typer(organisations, name="organisation")
    sources = typer.Typer(
        no_args_is_help=True, help=text("Sources (meters, vehicles, contracts): add, list.")
    )
    sources.command("add", help=text("Add a source with its role, tenure and control."))(add_source)
    sources.command("list", help=text("List the sources and their terms."))(list_sources)
    app.add_typer(sources, name="source")
    files = typer.Typer(no_args_is_help=True, help=text("Master data as CSV or XLSX files: import, export."))
    files.command("import", help=text("Read the tables of master data from CSV or XLSX."))(import_files)
    files.command("export", help=text("Write them to CSV, or to one workbook."))(export_files)
    files.command("withdraw", help=text("Take a row of the fund back; the audit trail keeps it."))(withdraw)
    app.add_typer(files, name="masterdata")


def add_organisation(
    identifier: Annotated[str, typer.Argument(help=text("Short identifier, e.g. schools."))],
    *,
    name: Annotated[str, typer.Option("--name", help=text("Name as shown."))],
    kind: Annotated[
        str, typer.Option("--kind", help=text("league, municipality, agency, enterprise or site."))
    ] = "agency",
    parent: Annotated[str | None, typer.Option("--parent", help=text("Organisation it belongs to."))] = None,
    region: Annotated[str | None, typer.Option("--region", help=text("ISO code of the region."))] = None,
    zone: Annotated[str | None, typer.Option("--zone", help=text("IANA zone of its local times."))] = None,
    share: Annotated[str, typer.Option("--share", help=text("Consolidation share, 0 to 1."))] = "1",
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Add an organisation or change it."""
    from bilanz.app.master.data import declare

    chosen = options.settings(data_directory, lang, by=by)
    cells = {"id": identifier, "name": name, "kind": kind, "parent": parent, "region": region, "zone": zone}
    declare({"organisations": cells | {"consolidation_share": share}}, chosen, reason=reason)
    message = translate("The organisation {name} was registered.", chosen.lang, name=identifier)
    answer_change({"organisation": identifier}, [message], chosen, as_json=as_json)


def list_organisations(
    *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """List the organisations."""
    from bilanz.app.cli.catalogue import rows_of_registry
    from bilanz.registry.frames import organisations_frame

    rows = rows_of_registry(options.settings(data_directory, lang), organisations_frame)
    headers = ["organisation", "parent", "name", "kind", "region"]
    answer(
        {"organisations": rows},
        table(headers, [[row[name] for name in headers] for row in rows], options.language(lang)),
        as_json=as_json,
    )


def add_source(
    identifier: Annotated[str, typer.Argument(help=text("What files call it: meter, vehicle, contract."))],
    *,
    org: Annotated[str, typer.Option("--org", help=text("Organisation it belongs to."))],
    activity: Annotated[
        str | None, typer.Option("--activity", help=text("Activity, by code or name."))
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help=text("Unit, where files name none."))] = None,
    basis: Annotated[str | None, typer.Option("--basis", help=text("Calorific basis: Hs or Hi."))] = None,
    role: Annotated[
        str,
        typer.Option(
            "--role", help=text("consumed, delivered, generated, fed_in, sold, tenant or sub_meter.")
        ),
    ] = "consumed",
    tenure: Annotated[
        str, typer.Option("--tenure", help=text("owned, rented, let, contracting or leased."))
    ] = "owned",
    control: Annotated[
        bool, typer.Option("--control/--no-control", help=text("Operational control."))
    ] = True,
    parent: Annotated[str | None, typer.Option("--parent", help=text("Main meter of a sub-meter."))] = None,
    region: Annotated[str | None, typer.Option("--region", help=text("ISO code of the region."))] = None,
    start: Annotated[str | None, typer.Option("--from", help=text("First day, YYYY-MM-DD."))] = None,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Add a source with its role, tenure and control, or change it."""
    from bilanz.app.master.data import declare

    chosen = options.settings(data_directory, lang, by=by)
    source = {"id": identifier, "activity": activity, "unit": unit, "basis": basis, "region": region}
    term = {"source": identifier, "organisation": org, "role": role, "tenure": tenure, "valid_from": start}
    rows = {
        "sources": source | {"parent": parent},
        "terms": term | {"control": "true" if control else "false"},
    }
    declare(rows, chosen, reason=reason)
    message = translate("The source {name} was registered.", chosen.lang, name=identifier)
    answer_change({"source": identifier}, [message], chosen, as_json=as_json)


def list_sources(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List the sources and their terms; assumed ones are marked."""
    from bilanz.app.cli.catalogue import rows_of_registry
    from bilanz.registry.frames import source_terms_frame

    rows = rows_of_registry(options.settings(data_directory, lang), source_terms_frame)
    headers = ["source", "organisation", "activity", "role", "tenure", "control", "valid_from", "is_assumed"]
    answer(
        {"sources": rows},
        table(headers, [[row[name] for name in headers] for row in rows], options.language(lang)),
        as_json=as_json,
    )


def import_files(
    directory: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help=text("Folder of the CSV and XLSX files."))
    ],
    *,
    update: Update = False,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Read the tables of master data from CSV or XLSX; rows that cannot be taken are named."""
    from bilanz.app.master.data import import_masterdata

    chosen = options.settings(data_directory, lang, by=by)
    summary = import_masterdata(directory, chosen, update=update, reason=reason)
    found, lines = summary.as_json(), _lines(summary, chosen.lang)
    is_written = any(count.added or count.changed for count in summary.tables.values())
    if is_written:
        answer_change(found, lines, chosen, as_json=as_json, exit_code=summary.exit_code)
    else:
        answer(found, lines, as_json=as_json, exit_code=summary.exit_code)


def _lines(summary: "MasterdataSummary", language: Language) -> list[str]:
    found = summary.as_json()
    headers = ["table", "read", "added", "changed", "unchanged", "rejected"]
    rows = [[name, *(counts[header] for header in headers[1:])] for name, counts in found["tables"].items()]
    return [
        *table(headers, rows, language),
        *(f"  [{issue['severity']}] {issue['message']}" for issue in found["issues"]),
    ]


def export_files(
    directory: Annotated[Path, typer.Argument(file_okay=False, help=text("Folder to write to."))],
    *,
    workbook: Annotated[
        bool, typer.Option("--workbook", help=text("One workbook (XLSX) with a sheet for each table."))
    ] = False,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write the tables of master data to CSV, or to one workbook."""
    from bilanz.app.master.data import export_masterdata, export_workbook

    chosen = options.settings(data_directory, lang)
    export = export_workbook if workbook else export_masterdata
    files = [str(path) for path in export(directory, chosen)]
    lines = [translate("{path} was written.", chosen.lang, path=path) for path in files]
    answer({"files": files}, lines, as_json=as_json)


def withdraw(
    name: Annotated[str, typer.Argument(metavar="TABLE", help=text("Table of the fund, e.g. fund_flows."))],
    key: Annotated[
        list[str], typer.Argument(help=text("What identifies the row: its key columns, in order."))
    ],
    *,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take a row of the fund back, with a reason; the audit trail keeps it and the board's page counts it."""
    from bilanz.app.master.withdrawing import withdraw as take_back
    from bilanz.app.trail import existing

    chosen = options.settings(data_directory, lang, by=by)
    with closing(existing(chosen)) as registry:
        take_back(registry, chosen, name, key, reason or "")
    message = translate("{table}: {key} was withdrawn.", chosen.lang, table=name, key=", ".join(key))
    answer_change({"table": name, "key": key}, [message], chosen, as_json=as_json)
