"""Commands about releases of factors: create, list, show, pin, unpin, diff."""

from typing import Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import Books, By, DataDirectory, Json, Lang, Reason, Wait, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

Name = Annotated[str, typer.Argument(help=text("Name of the release."))]
PinnedYear = Annotated[int, typer.Argument(help=text("Calendar year."), min=1900, max=2200)]

_HASH = 12


def register(factors: typer.Typer) -> None:
    """Add the commands to the group `factors`."""
    group = typer.Typer(no_args_is_help=True, help=text("Releases: factors that never change."))
    group.command("create", help=text("Keep the current factors, or some editions, as a release."))(create)
    group.command("list", help=text("List the releases and the years that keep them."))(list_releases)
    group.command("show", help=text("Show the editions of a release with their hashes."))(show)
    group.command("pin", help=text("Let a year keep a release."))(pin)
    group.command("unpin", help=text("Let a year go with the current factors again."))(unpin)
    factors.add_typer(group, name="release")
    factors.command("diff", help=text("What differs between two releases, and what it does to a balance."))(
        diff
    )


def create(
    name: Name,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help=text("Only this source:edition (or source); may be repeated.")),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", help=text("Not this source:edition (or source); may be repeated.")),
    ] = None,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Keep the current factors, or some editions of them, under a name; they never change again."""
    from bilanz.app.catalogue import releases

    chosen = options.settings(data_directory, lang, by=by)
    made = releases.create(chosen, name, only=tuple(only or ()), without=tuple(without or ()), reason=reason)
    message = "The release {name} holds {count} editions. Hash: {sha256}"
    line = translate(message, chosen.lang, name=made.name, count=len(made.editions), sha256=made.sha256)
    answer(made.model_dump(exclude={"sources"}), [line], as_json=as_json)


def list_releases(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List the releases and the years that keep them."""
    from bilanz.app.catalogue import releases

    chosen = options.settings(data_directory, lang)
    pins = releases.pins(chosen)
    found = [
        {
            "name": one.name,
            "created": one.created,
            "sha256": one.sha256,
            "editions": len(one.editions),
            "factors": one.frames.get("factors", 0),
            "years": sorted(year for year, pin in pins.items() if pin.name == one.name),
        }
        for one in releases.known(chosen)
    ]
    headers = ("release", "created", "hash", "editions", "rows", "years")
    rows = [
        [
            one["name"],
            one["created"],
            str(one["sha256"])[:_HASH],
            one["editions"],
            one["factors"],
            ", ".join(str(year) for year, pin in sorted(pins.items()) if pin.name == one["name"]),
        ]
        for one in found
    ]
    answer({"releases": found}, table(headers, rows, chosen.lang), as_json=as_json)


def show(
    name: Name, *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Show the editions of a release with their hashes; its rows are verified first."""
    from bilanz.app.catalogue import releases

    chosen = options.settings(data_directory, lang)
    found = releases.find(chosen, name)
    releases.loaded(chosen, found)
    headers = ("source", "edition", "rows", "sha256")
    rows = [[one.source, one.edition, one.rows, one.sha256] for one in found.editions]
    about = translate(
        "{name}, made on {created} by version {code_version}, hash {sha256}: verified.",
        chosen.lang,
        **found.model_dump(include={"name", "created", "code_version", "sha256"}),
    )
    answer(found.model_dump(), [about, *table(headers, rows, chosen.lang)], as_json=as_json)


def pin(
    year: PinnedYear,
    name: Name,
    *,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Let a year keep a release: calculations of the year use it, reports show only what used it."""
    from bilanz.app.catalogue import releases

    chosen = options.settings(data_directory, lang, by=by)
    kept = releases.pin(chosen, year, name, reason=reason)
    message = "{year} keeps the release {name} ({sha256})."
    line = translate(message, chosen.lang, year=year, name=kept.name, sha256=kept.sha256[:_HASH])
    answer({"year": year, "release_name": kept.name, "factor_release": kept.sha256}, [line], as_json=as_json)


def unpin(
    year: PinnedYear,
    *,
    reason: Reason = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Let a year go with the current factors again."""
    from bilanz.app.catalogue import releases

    chosen = options.settings(data_directory, lang, by=by)
    kept = releases.unpin(chosen, year, reason=reason)
    message = "{year} no longer keeps the release {name}: the next calculation uses the current factors."
    line = translate(message, chosen.lang, year=year, name=kept.name)
    answer({"year": year, "release_name": kept.name, "factor_release": kept.sha256}, [line], as_json=as_json)


def diff(
    a: Annotated[str, typer.Argument(help=text('A release, by name or hash, or "current".'))],
    b: Annotated[str, typer.Argument(help=text('A release, by name or hash, or "current".'))],
    *,
    year: Annotated[
        int | None,
        typer.Option("--year", help=text("With the effects on the balance of a year."), min=1900, max=2200),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help=text("With the effects on the balance of a run."))
    ] = None,
    book: Books = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """What differs between two releases and, for a balance, the effect of each change in kg CO2e."""
    from bilanz.app.catalogue.comparison import compare

    chosen = options.settings(data_directory, lang, wait)
    found = compare(chosen, a, b, year=year, run=run, books=tuple(book or ()))
    answer(found, difference_lines(found, chosen.lang), as_json=as_json)


def difference_lines(found: dict[str, Any], language: Language) -> list[str]:
    """Return what a person reads: how much differs, the values that changed, the effects on the balance."""
    told = [f"A: {_named(found['a'], language)}", f"B: {_named(found['b'], language)}"]
    if not found["changes"]:
        told.append(translate("The factors are the same.", language))
    for frame, counts in found["counts"].items():
        words = ", ".join(f"{translate(_KINDS[kind], language)}: {count}" for kind, count in counts.items())
        told.append(f"{frame}: {words}")
    told += _changed(found["changes"], language)
    return told if found["balance"] is None else [*told, *_balance(found["balance"], language)]


_KINDS = {
    "changed": "cells changed",
    "new_edition": "in another edition",
    "added": "added",
    "removed": "removed",
}


def _named(side: dict[str, Any], language: Language) -> str:
    name = side["release_name"] or translate("the current factors", language)
    return f"{name} ({side['factor_release'][:_HASH]})"


def _changed(changes: list[dict[str, Any]], language: Language) -> list[str]:
    """Return the table of what says something else; rows added and removed are counted and in the JSON."""
    from bilanz.app.explaining.amounts import percent

    rows = [
        [
            row["key"],
            " ".join(part for part in (row["gas"], row["chain"]) if part),
            row["column"],
            row["old"] if row["old"] is not None else "–",
            row["new"] if row["new"] is not None else "–",
            "" if row["relative"] is None else percent(row["relative"], language),
        ]
        for row in changes
        if row["kind"] in {"changed", "new_edition"} and row["old"] != row["new"]
    ]
    names = ("factor or key", "gas and part", "column", "old", "new", "change")
    return table(names, rows, language) if rows else []


def _balance(found: dict[str, Any], language: Language) -> list[str]:
    """Return the totals with A and B and, book by book, the effects, the largest first."""
    from bilanz.app.explaining.amounts import amount, tonnes
    from reports import names

    told = []
    if found["is_reproduced"] is False:
        message = "The data have changed since the run {run}: its totals do not come out again."
        told.append(translate(message, language, run=found["run"]))
    for book in found["books"]:
        message = "{book}, {year}: A {a} t CO2e, B {b} t CO2e, difference {difference} kg"
        told.append(
            translate(
                message,
                language,
                book=names.book(book["book"], language),
                year=found["year"],
                a=tonnes(book["co2e_a_kg"], language),
                b=tonnes(book["co2e_b_kg"], language),
                difference=amount(book["difference_kg"], language),
            )
        )
        told += _effects([row for row in found["effects"] if row["book"] == book["book"]], language)
    return told


def _effects(rows: list[dict[str, Any]], language: Language) -> list[str]:
    from bilanz.app.catalogue.effects import CAUSES
    from bilanz.app.explaining.amounts import amount
    from reports.names import activity_name

    headers = ("effect in kg CO2e", "activity", "factor in A", "factor in B", "why", "in the total")
    cells = [
        [
            amount(row["effect_kg"], language),
            activity_name(row["activity"], language),
            row["factor_a"] or "–",
            row["factor_b"] or "–",
            translate(CAUSES[row["cause"]], language),
            row["is_counted"],
        ]
        for row in rows
    ]
    return table(headers, cells, language) if cells else []
