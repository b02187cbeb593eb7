"""Commands about bundles: publish one, check one, and what several are together."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, Organisation, Wait, Year, text
from bilanz.app.cli.output import answer, table, word
from bilanz.messages import Language, translate

if TYPE_CHECKING:
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
