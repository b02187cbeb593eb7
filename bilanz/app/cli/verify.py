"""The command `bilanz verify`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bilanz.app.cli import bundleverdict, options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Wait, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

_HASH = 12
_NAMED = 5
"""Files that are named; a further one is an ellipsis."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify", help=text("Calculate a run again and compare its hashes, or check a bundle."))(
        verify
    )


def verify(
    run: Annotated[
        str,
        typer.Argument(
            help=text("The run, as `bilanz calculate --json` names it; or a bundle: folder or zip.")
        ),
    ],
    *,
    keys: Annotated[
        Path | None, typer.Option("--keys", help=text("File of known keys of members (bundles)."))
    ] = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Calculate a run again from its files and factors, or check a bundle; exit 1 where something differs."""
    from bilanz.app.league.files import is_path

    chosen = options.settings(data_directory, lang, wait)
    if is_path(run):
        bundleverdict.verify_bundle(chosen, Path(run), keys, as_json=as_json)
        return
    from bilanz.app.period.verification import verify as verified

    found = verified(chosen, run).as_json()
    is_good = found["is_result_equal"] and found["is_manifest_equal"]
    answer(found, verification_lines(found, chosen.lang), as_json=as_json, exit_code=0 if is_good else 1)


def verification_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads: equal or not, which input changed, the totals of both."""
    lines = [_hash_line(found, name, language) for name in ("result", "manifest")]
    lines += _cause_lines(found, language)
    if found["is_released"]:
        message = "It was calculated from what was kept when the run was released."
        lines.append(translate(message, language))
    if added := found["files"]["added"]:
        message = "{count} files were imported later; they are set aside here: {files}"
        names = [entry["file"] for entry in added]
        files = ", ".join(names[:_NAMED]) + (" …" if names[_NAMED:] else "")
        lines.append(translate(message, language, count=len(added), files=files))
    return lines if found["is_result_equal"] else [*lines, *_totals(found, language)]


def _hash_line(found: dict[str, Any], name: str, language: Language) -> str:
    hashes = found[f"{name}_hash"]
    message = (
        "{name} is equal: {old}" if found[f"is_{name}_equal"] else "{name} differs: {old} then, {new} now"
    )
    old, new = (hashes[side][:_HASH] for side in ("old", "new"))
    return translate(message, language, name=f"{name}_hash", old=old, new=new)


def _cause_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what changed, one line each, with the files by name."""
    from bilanz.app.period.verification import CAUSES

    lines = []
    for cause in found["causes"]:
        lines.append(translate("Changed: {what}.", language, what=translate(CAUSES[cause], language)))
        if cause == "files":
            lines += [f"  {_withdrawn(entry, language)}" for entry in found["files"]["withdrawn"]]
            lines += [f"  {entry['importer']} {entry['sha256']}" for entry in found["files"]["gone"]]
        if cause == "code":
            lines.append(f"  {found['code_version']['old']} → {found['code_version']['new']}")
    return lines


def _withdrawn(entry: dict[str, Any], language: Language) -> str:
    message = "{file}, batch {batch}, was withdrawn: {reason}"
    return translate(message, language, **(entry | {"reason": entry["reason"] or "–"}))


def _totals(found: dict[str, Any], language: Language) -> list[str]:
    from bilanz.app.explaining.amounts import amount, tonnes
    from reports import names

    headers = ("book", "t CO2e then", "t CO2e now", "difference in kg")
    rows = [
        [
            names.book(book["book"], language),
            tonnes(book["co2e_old_kg"], language),
            tonnes(book["co2e_new_kg"], language),
            amount(book["difference_kg"], language),
        ]
        for book in found["books"]
    ]
    return table(headers, rows, language)
