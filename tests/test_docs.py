"""Documentation and program agree."""

import re
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer.core import TyperCommand, TyperGroup

from bilanz.app.cli import app
from bilanz.issues import CATALOGUE

ROOT = Path(__file__).parents[1]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def commands(group: TyperGroup, path: str = "bilanz") -> Iterator[tuple[str, TyperCommand]]:
    """Yield every command of the program with its full name."""
    for name, command in group.commands.items():
        full = f"{path} {name}"
        if isinstance(command, TyperGroup):
            yield from commands(command, full)
        elif isinstance(command, TyperCommand):
            yield full, command


PROGRAM = typer.main.get_command(app)
assert isinstance(PROGRAM, TyperGroup)
ALL = dict(commands(PROGRAM))


def test_every_command_is_documented() -> None:
    assert len(ALL) > 15
    missing = [name for name in ALL if f"`{name}" not in CLI]
    assert not missing


def test_every_option_is_documented() -> None:
    options = {
        option
        for command in ALL.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert len(options) > 20
    assert not [option for option in sorted(options) if option not in CLI]


def test_every_issue_code_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)` \| (?:error|warning|info) \|", CLI, flags=re.MULTILINE))
    assert documented == set(CATALOGUE)


def test_every_link_between_documents_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:")
    ]
    assert links
    assert not [(page.name, target) for page, target in links if not (page.parent / target).exists()]
