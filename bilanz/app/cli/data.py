"""Commands about files: template, identify, import, batches."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, Wait, text
from bilanz.app.cli.output import answer, progress, table
from bilanz.app.cli.period import days_of, kept_lines
from bilanz.errors import UsageError
from bilanz.messages import translate

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=text("The file."))]
OVERLAPS = ("first", "replace", "both")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("template", help=text("Write the standard upload template, or a form (CSV or XLSX)."))(
        template
    )
    app.command("identify", help=text("Say which importer reads a file, and why."))(identify)
    app.command(
        "check", help=text("Test a delivery against the open delivery format, without any database.")
    )(check_delivery)
    app.command("import", help=text("Import a file, or only check it (--dry-run)."))(import_)
    batches = typer.Typer(no_args_is_help=True, help=text("Imported files: list, withdraw."))
    batches.command("list", help=text("List imported files."))(list_batches)
    batches.command("withdraw", help=text("Take an imported file out of every later balance."))(
        withdraw_batch
    )
    app.add_typer(batches, name="batch")


def template(
    path: Annotated[
        Path | None, typer.Argument(help=text("Where to write it; the ending decides (.csv or .xlsx)."))
    ] = None,
    *,
    kind: Annotated[
        str | None, typer.Option("--kind", help=text("A form (see --list) instead of the standard upload."))
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help=text("List the forms."))] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Write the standard upload template or a form, or list the forms."""
    from bilanz.app.forms import forms_listed, write_form

    language = options.language(lang)
    if list_ == (path is not None) or (list_ and kind is not None):
        raise UsageError("Name a file to write, or say --list.")
    if path is None:
        listed = forms_listed(language)
        rows = [[entry["kind"], entry["sentence"]] for entry in listed]
        answer({"forms": listed}, table(["kind", "sentence"], rows, language), as_json=as_json)
        return
    write_form(path, kind, language)
    message = translate("The template was written to {path}.", language, path=path)
    answer({"path": str(path), "kind": kind or "standard"}, [message], as_json=as_json)


def identify(
    path: File, *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Say which importer reads a file, and why."""
    from bilanz.app.intake.ingest import identify_file
    from bilanz.app.intake.profiles import saved

    profiles = saved(options.settings(data_directory, lang))
    found = identify_file(path, profiles=profiles, language=options.language(lang))
    lines = [
        translate(
            "{file} is read by the importer {importer}.", options.language(lang), file=path.name, **found
        )
        if found["importer"]
        else translate("No importer alone claims {file}.", options.language(lang), file=path.name),
        *[f"  {candidate['importer']}: {candidate['reason']}" for candidate in found["candidates"]],
    ]
    answer(found, lines, as_json=as_json, exit_code=0 if found["importer"] else 1)


def check_delivery(
    path: File,
    *,
    key: Annotated[
        Path | None,
        typer.Option("--key", help=text("Public key of the sender (PEM, Ed25519), to test the signature.")),
    ] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help=text("The signature (default: FILE.sig)."))
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Test a delivery against the open delivery format; exit 0 where it conforms, else 1."""
    from bilanz.app.intake.conformity import check

    report = check(path, language=options.language(lang), signature=signature, key=key)
    answer(report.as_json(), report.lines(), as_json=as_json, exit_code=0 if report.conforms else 1)


def import_(
    path: File,
    *,
    org: Annotated[str, typer.Option("--org", help=text("Organisation the data belong to."))],
    source: Annotated[
        str | None, typer.Option("--source", help=text("Registered source of the data."))
    ] = None,
    importer: Annotated[
        str | None, typer.Option("--importer", help=text("Importer, where none is sure."))
    ] = None,
    declare: Annotated[
        list[str] | None,
        typer.Option("--declare", help=text("COLUMN=FORMAT, e.g. Menge=1.234,56; repeatable.")),
    ] = None,
    on_overlap: Annotated[
        str,
        typer.Option("--on-overlap", help=text("What counts where data overlap: first, replace or both.")),
    ] = "first",
    reason: Annotated[
        str | None, typer.Option("--reason", help=text("Why (needed by replace and both)."))
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", help=text("START/END, end exclusive; rows outside are rejected.")),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help=text("IANA zone of the local times, e.g. Europe/Vienna."))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=text("Only check; no data directory is needed."))
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help=text("Mapping profile, by name or as a TOML file.")),
    ] = None,
    map_: Annotated[
        bool, typer.Option("--map", help=text("Ask what the columns are, and save a mapping profile."))
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help=text("Write the rejected rows with their reasons to this CSV.")),
    ] = None,
    by: By = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import a file, or only check it."""
    from bilanz.app.intake.ingest import import_file
    from bilanz.app.intake.profiles import named
    from bilanz.app.intake.words import remedies, summary_lines
    from bilanz.app.period.closing import told
    from bilanz.app.period.standing import touched

    if on_overlap not in OVERLAPS:
        raise UsageError('--on-overlap "{name}" is none of first, replace, both.', name=on_overlap)
    if on_overlap == "replace" and not reason and not dry_run:
        raise UsageError("Replacing what is held needs a reason (--reason).")
    chosen = options.settings(data_directory, lang, wait, by)
    read = partial(
        import_file,
        path,
        organisation=org,
        source=source,
        importer=importer,
        declared=options.declarations(declare),
        period=options.period(period, zone or chosen.zone),
        zone=zone,
        on_overlap=on_overlap,
        reason=reason,
        settings=chosen,
    )
    taken = named(chosen, profile) if profile else None
    if map_:
        from bilanz.app.cli.mapping import mapped

        taken = mapped(path, chosen, lambda tried: read(profile=tried, dry_run=True).as_json())
    with progress("Reading {file}", chosen.lang) as report:
        summary = read(profile=taken, progress=report, dry_run=dry_run)
    if rejects is not None:
        rejects.write_text(summary.rejects_csv(), encoding="utf-8-sig")
    found = summary.as_json()
    kept = [] if dry_run or not found["accepted"] else touched(chosen, *days_of(found["period"]))
    answer(
        found | {"closed_periods": [told(period) for period in kept]},
        [*summary_lines(found, chosen.lang), *remedies(found, chosen.lang), *kept_lines(kept, chosen.lang)],
        as_json=as_json,
        exit_code=summary.exit_code,
    )


def list_batches(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List imported files."""
    from bilanz.app.intake.ingest import batches

    found = batches(options.settings(data_directory, lang))
    headers = ["batch", "file", "organisation", "state", "n_accepted", "n_rejected", "committed_at"]
    rows = [[batch.get(name) for name in headers] for batch in found]
    answer({"batches": found}, table(headers, rows, options.language(lang)), as_json=as_json)


def withdraw_batch(
    batch: Annotated[str, typer.Argument(help=text("The batch, as `bilanz batch list` names it."))],
    *,
    reason: Annotated[str, typer.Option("--reason", help=text("Why it is withdrawn."))],
    by: By = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take an imported file out of every later balance; the file stays in the archive."""
    from bilanz.app.intake.ingest import withdraw
    from bilanz.app.period.closing import told
    from bilanz.app.period.standing import touched

    chosen = options.settings(data_directory, lang, wait, by)
    days = withdraw(batch, reason=reason, settings=chosen)
    kept = [] if days is None else touched(chosen, *days)
    answer(
        {"batch": batch, "state": "withdrawn", "closed_periods": [told(period) for period in kept]},
        [
            translate("Batch {batch} was withdrawn.", chosen.lang, batch=batch),
            *kept_lines(kept, chosen.lang),
        ],
        as_json=as_json,
    )
