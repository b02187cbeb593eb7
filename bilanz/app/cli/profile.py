"""Commands about mapping profiles: list, show, add, remove."""

from pathlib import Path
from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import translate

Name = Annotated[str, typer.Argument(help=text("Name of the profile, as `bilanz profile list` shows it."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help=text("Mapping profiles: how a sender's columns are read."))
    group.command("list", help=text("List the mapping profiles."))(list_)
    group.command("show", help=text("Print a mapping profile as TOML, to be shared."))(show)
    group.command("add", help=text("Take up a mapping profile from a TOML file."))(add)
    group.command("remove", help=text("Remove a mapping profile; what was imported by it stays."))(remove_)
    app.add_typer(group, name="profile")


def list_(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List the mapping profiles."""
    from bilanz.app.intake.profiles import saved

    found = [
        {"name": one.name, "title": one.title, "kind": one.kind, "header": list(one.header)}
        for one in saved(options.settings(data_directory, lang))
    ]
    headers = ["name", "title", "kind", "header"]
    rows = [[one["name"], one["title"], one["kind"], "; ".join(one["header"])] for one in found]
    answer({"profiles": found}, table(headers, rows, options.language(lang)), as_json=as_json)


def show(
    name: Name, *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Print a mapping profile as TOML."""
    from bilanz.app.intake.profiles import named
    from importers.profiles.profile import to_toml

    found = named(options.settings(data_directory, lang), name)
    shown = found.model_dump(mode="json", exclude_defaults=True)
    answer(shown, to_toml(found).splitlines(), as_json=as_json)


def add(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=text("The TOML file."))],
    *,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Take up a mapping profile from a TOML file."""
    from bilanz.app.intake.profiles import save
    from importers.profiles.profile import read

    chosen, profile = options.settings(data_directory, lang), read(path)
    save(chosen, profile)
    message = translate("The mapping profile {name} was saved.", chosen.lang, name=profile.name)
    answer({"name": profile.name}, [message], as_json=as_json)


def remove_(
    name: Name, *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Remove a mapping profile."""
    from bilanz.app.intake.profiles import remove

    chosen = options.settings(data_directory, lang)
    remove(chosen, name)
    message = translate("The mapping profile {name} was removed.", chosen.lang, name=name)
    answer({"name": name}, [message], as_json=as_json)
