"""Commands about bundles: publish one, check one, and what several are together."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.league.balance import Consolidated
    from bilanz.app.league.publishing import Published
    from bilanz.app.settings import Settings


Apart = Annotated[
    list[str] | None,
    typer.Option("--apart", help=text("Identifier that different organisations have; may be repeated.")),
]
Same = Annotated[
    list[str] | None,
    typer.Option("--same", help=text("One organisation in two bundles: COUNTED=LEFT, each as MEMBER/ORG.")),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("publish", help=text("Write the balance of a year as a signed bundle."))(publish)
    app.command("publish-site", help=text("Write open data pages out of bundles."))(publish_site)


def publish_site(
    bundles: Annotated[list[Path], typer.Argument(help=text("Bundles, or folders of bundles."))],
    *,
    out: Annotated[Path, typer.Option("--out", help=text("Folder for the pages."))],
    name: Annotated[str, typer.Option("--league", help=text("Name of the league."))] = "league",
    apart: Apart = None,
    same: Same = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write a page for each member and for the league, with the bundles and how to recompute them."""
    from bilanz.app.league.opendata import write_site

    language = options.language(lang)
    members, year = write_site(bundles, out, title=name, apart=apart or (), same=same or ())
    lines = [translate("{count} members: {path}", language, count=len(members), path=out / "index.html")]
    if year is None:
        lines.append(translate("The bundles cannot be added; the league has no figures.", language))
    answer({"path": str(out), "members": members, "year": year}, lines, as_json=as_json)


def publish(
    *,
    year: Year,
    out: Annotated[Path, typer.Option("--out", help=text("Folder, or file ending in .zip, to write."))],
    org: Organisation = None,
    is_open: Annotated[
        bool, typer.Option("--open", help=text("Publish an open year too; it is marked as provisional."))
    ] = False,
    restatement: Annotated[
        int | None,
        typer.Option("--restatement", help=text("Number of a restatement whose run is published.")),
    ] = None,
    member: Annotated[
        str | None,
        typer.Option("--member", help=text("Identifier in the league (default: the organisation).")),
    ] = None,
    smallest: Annotated[
        int | None, typer.Option("--smallest", help=text("Places behind a row at least (default 3)."), min=1)
    ] = None,
    effects_of_few: Annotated[
        bool,
        typer.Option("--effects-of-few", help=text("Publish effects of projects of fewer places, too.")),
    ] = False,
    approach: Annotated[
        str | None, typer.Option("--approach", help=text("Boundary: operational, financial or equity."))
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", help=text("Name of whoever publishes."))
    ] = None,
    publisher_address: Annotated[
        str | None, typer.Option("--publisher-address", help=text("Web page of whoever publishes."))
    ] = None,
    contact: Annotated[
        str | None, typer.Option("--contact", help=text("Name of who answers questions."))
    ] = None,
    contact_mail: Annotated[
        str | None, typer.Option("--contact-mail", help=text("Address of e-mail for questions."))
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help=text("Licence, e.g. dl-by-de/2.0 or cc-by/4.0."))
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help=text("Private key, Ed25519 (default: that of the data directory).")),
    ] = None,
    data_directory: DataDirectory = None,
    wait: Wait = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write the balance of a year as a signed bundle others can check and add up."""
    from bilanz.app.league.publishing import Asked
    from bilanz.app.league.publishing import publish as published

    chosen = options.settings(data_directory, lang, wait)
    given = {
        "member": member,
        "smallest": smallest,
        "effects_of_few": effects_of_few or None,
        "approach": approach,
        "publisher": publisher,
        "publisher_address": publisher_address,
        "contact": contact,
        "contact_mail": contact_mail,
        "licence": licence,
    }
    asked = Asked(
        year=year,
        organisation=org,
        is_open=is_open,
        restatement=restatement,
        given={name: value for name, value in given.items() if value is not None},
        key=key,
    )
    made = published(chosen, asked, out)
    answer(_published(made, out), _published_lines(made, out, chosen), as_json=as_json)


def _published(made: "Published", out: Path) -> dict[str, Any]:
    from bilanz.app.shown.summary import plain

    head = made.head
    return {
        "path": str(out),
        "member": head.member.id,
        "year": head.year,
        "state": head.state.state,
        "run": head.manifest.run,
        "result_hash": head.manifest.result_hash,
        "fingerprint": made.fingerprint,
        "is_new_key": made.is_new_key,
        "files": sorted(made.files),
        "grain": head.grain.model_dump(),
        "controls": plain(made.controls),
    }


def _published_lines(made: "Published", out: Path, chosen: "Settings") -> Iterator[str]:
    from reports import numbers

    language, head = chosen.lang, made.head
    told = head.grain
    yield translate(
        "{name}, {year} ({state}), run {run}: {count} files in {path}.",
        language,
        name=head.member.name,
        year=head.year,
        state=translate(head.state.state, language),
        run=head.manifest.run,
        count=len(made.files),
        path=out,
    )
    message = "{lines} lines became {rows} rows, each of at least {smallest} places."
    yield translate(
        "{lines} lines became {rows} rows." if told.below else message,
        language,
        lines=numbers.decimal(told.lines, language),
        rows=numbers.decimal(told.rows, language),
        smallest=told.smallest,
    )
    for name, count in told.joined.items():
        yield translate(
            "Joined: {what}, {count} rows.", language, what=word(JOINED, name, language), count=count
        )
    if told.below:
        message = (
            "{count} rows rest on fewer than {smallest} places: a scope has no more, and its total is "
            "published anyway."
        )
        yield translate(message, language, count=told.below, smallest=told.smallest)
    if told.solvable:
        yield translate(SOLVABLE, language, count=told.solvable, smallest=told.smallest)
    if told.effects_left_out:
        message = (
            "Effects of {count} projects are not published: they touch fewer than {smallest} places, or "
            "nobody knows how many. --effects-of-few publishes them."
        )
        yield translate(message, language, count=told.effects_left_out, smallest=told.smallest)
    if made.is_new_key:
        from bilanz.app.league.keys import KEY

        message = "A key was made: {path}. Keep it safe and secret, and tell the league its fingerprint."
        yield translate(message, language, path=chosen.data / KEY)
    yield translate("Fingerprint of the key: {fingerprint}", language, fingerprint=made.fingerprint)
    yield ""
    yield from _controls(made, language)


def _controls(made: "Published", language: Language) -> list[str]:
    from reports import names, numbers

    columns = ["co2e_kg", "eliminated_kg", "consolidated_kg"]
    rows = [
        [
            names.book(row["book"], language),
            row["scope"],
            *(numbers.thousandth(row[name], language) for name in columns),
        ]
        for row in made.controls.iter_rows(named=True)
    ]
    return table(
        ["book", "scope", "own (t CO2e)", "eliminated (t CO2e)", "consolidated (t CO2e)"], rows, language
    )


SOLVABLE = (
    "The sums by book and scope, which are published anyway, tell something of {count} places, of each alone "
    "or of fewer than {smallest} together, to whoever knows the factors: joining rows does not help there."
)

JOINED = {
    "organisations": "organisations",
    "activities": "activities",
    "factors": "factors",
    "categories": "categories",
    "gases": "gases",
}
"""What was joined → in words."""

CHECKS = {
    "books": "books and potentials are those of the run",
    "boundary": "shares of other owners go with the approach",
    "deliveries": "deliveries and their lines belong together",
    "files": "only files of the format are in it",
    "head": "what the head counts is in the tables",
    "metadata": "metadata of portals say what is there",
    "organisations": "organisations of figures and deliveries are there",
    "package": "columns, types and units are described as they are",
    "years": "rows are of the year of the bundle",
    "controls": "sums of the rows are the control sums",
    "factors": "quantity × factor is the mass",
    "names": "organisations and factors named are there",
    "manifest": "run and hash follow from the inputs",
    "numerators": "numerators are the sums of scopes 1 to 3",
    "parts": "own is outside, minority, eliminated and consolidated together",
    "places": "enough places are behind each row",
    "potentials": "mass × global warming potential is the CO2e",
    "ratios": "ratios are numerator by denominator",
    "sums": "sums of the league are those of its members",
    "members": "bundles and keys are those of the manifest",
}
"""Code of a check → in words."""

_KEYS = {
    "known": "The key is the one that is known for this member.",
    "first": "This key was never seen here. Compare its fingerprint with that the member tells otherwise.",
    "changed": "THE KEY IS NOT THE ONE THAT IS KNOWN FOR THIS MEMBER. Ask it by another way.",
}


def word(words: dict[str, str], code: str, language: Language) -> str:
    """Return a code in words."""
    return translate(words.get(code, code), language)


def verify_bundle(chosen: "Settings", path: Path, keys: Path | None, *, as_json: bool) -> None:
    """Say whether a bundle is what was signed and whether its figures come out; exit 1 where not."""
    from bilanz.app.league.balance import verify_path

    found = verify_path(chosen, path, keys)
    answer(found, _verdict(found, path, chosen.lang), as_json=as_json, exit_code=0 if found["is_good"] else 1)


def _verdict(found: dict[str, Any], path: Path, language: Language) -> Iterator[str]:
    for kind, message in (
        ("altered", "{file} was altered, or does not belong to its signature."),
        ("missing", "{file} is missing."),
        ("extra", "{file} does not belong to the bundle."),
        ("odd", "The table {file} is not written as the program writes it."),
    ):
        for name in found[kind]:
            yield translate(message, language, file=name)
    if found["problem"]:
        yield found["problem"]
    for each in found["checks"]:
        what = word(CHECKS, each["name"], language)
        if each["wrong"]:
            message = "{what}: {wrong} of {rows} do not come out, first {first}."
            yield translate(
                message, language, what=what, **{name: each[name] for name in ("wrong", "rows", "first")}
            )
        else:
            yield translate("{what}: {rows} checked.", language, what=what, rows=each["rows"])
    yield from _recomputed(found, language)
    if found["key"]:
        yield translate(_KEYS[found["key"]], language)
    yield translate(
        "Fingerprint of the key: {fingerprint}", language, fingerprint=found["fingerprint"] or "–"
    )
    message = (
        "{path} is what was signed, and its figures come out." if found["is_good"] else "{path} IS NOT SOUND."
    )
    yield translate(message, language, path=path)


def _recomputed(found: dict[str, Any], language: Language) -> Iterator[str]:
    from reports import names

    for row in found["recomputed"]:
        yield translate(
            "{book}: {recomputed} of {rows} rows were calculated again from quantity and factor; the others "
            "are joined, or mix several factors.",
            language,
            **(row | {"book": names.book(row["book"], language)}),
        )


def consolidation_lines(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield the balance of a league for people."""
    from reports.consolidation import APPROACHES

    found = made.league
    yield translate(
        "{count} members, {year}, {approach}, in t CO2e:",
        language,
        count=found.members.height,
        year=found.common.year,
        approach=word(APPROACHES, found.common.approach, language),
    )
    for name in made.first_seen:
        key = dict(found.members.select("member", "fingerprint").iter_rows()).get(name, "")
        message = "{member}: the key {fingerprint} was seen for the first time and is known from now on."
        yield translate(message, language, member=name, fingerprint=key)
    yield from _totals(made, language)
    yield from _across(made, language)
    yield from _ratios(made, language)
    yield from _listed(made, language)


def _totals(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield the league by book and scope; members stand in `--json` and in the package."""
    import polars as pl

    from reports import names, numbers

    told = made.league.totals.filter(pl.col("member").is_null())
    columns = ["co2e_kg", "outside_kg", "minority_kg", "eliminated_kg", "across_kg", "league_kg"]
    for book in made.league.common.books:
        rows = [
            [row["scope"], *(numbers.thousandth(row[name], language) for name in columns)]
            for row in told.filter(pl.col("book") == book).iter_rows(named=True)
        ]
        yield ""
        yield names.book(book, language)
        headers = ["scope", "own", "outside", "minority", "eliminated", "between members", "league"]
        yield from table(headers, rows, language)


def _across(made: "Consolidated", language: Language) -> Iterator[str]:
    from reports import numbers
    from reports.sitepanels import STATES

    rows = [
        [
            *(row[name] for name in ("delivery", "book")),
            *(numbers.decimal(row[name], language) for name in ("sold", "within", "bought")),
            row["unit"],
            numbers.thousandth(row["eliminated"], language),
            word(STATES, row["state"], language),
        ]
        for row in made.league.deliveries.iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield from table(
            ["delivery", "book", "sold", "sold within", "bought", "unit", "eliminated", "state"],
            rows,
            language,
        )


def _ratios(made: "Consolidated", language: Language) -> Iterator[str]:
    import polars as pl

    from reports import names, numbers
    from reports.consolidation import UNITS
    from reports.sitepanels import lacks

    rows = [
        [
            names.book(row["book"], language),
            word(UNITS, row["indicator"], language),
            "" if row["value"] is None else numbers.decimal(row["value"], language, digits=2),
            lacks(row, language),
        ]
        for row in made.league.ratios.filter(pl.col("member").is_null()).iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield translate("kg CO2e per inhabitant, m² and full-time equivalent:", language)
        yield from table(["book", "per", "value", "missing"], rows, language)


def _listed(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield what differs, what was left out and what changed."""
    import polars as pl

    from reports import numbers

    found = made.league
    for row in found.mismatches.iter_rows(named=True):
        message = "Differs: {kind} {subject}, {value}: {members} ({count})"
        yield translate(message, language, **(row | {"kind": word(_kinds(), row["kind"], language)}))
    few = found.members.filter(pl.col("effects_left_out") > 0)
    for name, count in few.select("member", "effects_left_out").iter_rows():
        message = "{member}: effects of {count} projects of too few places are not published."
        yield translate(message, language, member=name, count=count)
    for row in found.left_out.iter_rows(named=True):
        mass = numbers.thousandth(row["consolidated_kg"], language)
        message = "Left out: {organisation}, {book}, scope {scope}, {mass} t CO2e; it counts as {counted}."
        yield translate(message, language, **(row | {"mass": mass}))
    for row in found.differences.iter_rows(named=True):
        masses = {
            name: numbers.thousandth(row[f"{name}_kg"], language)
            for name in ("before", "after", "difference")
        }
        message = (
            "Restated: {member}, {book}, scope {scope}: {before} → {after} t CO2e ({difference}); {causes}"
        )
        yield translate(message, language, **(row | masses))


def _kinds() -> dict[str, str]:
    from bilanz.league.comparability import KINDS

    return KINDS
