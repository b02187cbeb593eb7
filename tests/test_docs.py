"""Documentation and program agree."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import delivery_schemas
import httpx2
import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from bilanz.app.cli import app
from bilanz.kinds import CATALOGUE

ROOT = Path(__file__).parents[1]
BILANZ = str(Path(sys.executable).with_name("bilanz"))
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


def issue_page() -> str:
    """Return docs/issues.md as the catalogue has it."""
    rows = "\n".join(
        f"| `{code}` | {entry.severity} | {entry.text} | {entry.remedy} |"
        for code, entry in sorted(CATALOGUE.items())
    )
    return f"""# Issue codes

`error`: the row was not imported. `warning`: imported, somebody should look. `info`: imported or ignored as
the rule says; counted so that nothing is silent. The German texts stand in `bilanz/locale/de/`.

| code | severity | text | what to do |
|---|---|---|---|
{rows}
"""


def test_every_issue_code_is_documented(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "issues.md"
    if request.config.getoption("--golden-update", default=False):
        page.write_text(issue_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == issue_page()


def test_the_schemas_of_deliveries_are_those_of_the_program(request: pytest.FixtureRequest) -> None:
    folder = ROOT / "docs" / "delivery"
    for name, schema in delivery_schemas.every().items():
        if request.config.getoption("--golden-update", default=False):
            text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
            (folder / name).write_text(text, encoding="utf-8")
        assert json.loads((folder / name).read_text(encoding="utf-8")) == schema


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


def readme_commands() -> list[tuple[dict[str, str], list[str]]]:
    """Return the variables and arguments of the `bilanz` commands shown in the README, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines() if "bin/bilanz " in line]
    return [
        (
            dict(word.split("=", 1) for word in line[: line.index(".venv/bin/bilanz")]),
            line[line.index(".venv/bin/bilanz") + 1 :],
        )
        for line in lines
    ]


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which the demo has just been built, as `make demo` does."""
    folder = tmp_path_factory.mktemp("readme")
    done = subprocess.run([BILANZ, "demo"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def serves(folder: Path, arguments: list[str]) -> None:
    """Start the server on a free port, wait until it is ready, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen([BILANZ, *arguments, "--port", str(port)], cwd=folder) as process:
        try:
            for _ in range(300):
                try:
                    answer = httpx2.get(f"http://127.0.0.1:{port}/readyz")
                    break
                except httpx2.ConnectError:
                    assert process.poll() is None, "the server ended"
                    time.sleep(0.2)
            assert answer.json() == {"status": "ok"}
        finally:
            process.terminate()


def test_every_readme_command_runs(demo_folder: Path) -> None:
    shown = readme_commands()
    assert len(shown) >= 5
    for variables, arguments in shown:
        if arguments[0] == "serve":
            serves(demo_folder, arguments)
            continue
        done = subprocess.run(
            [BILANZ, *arguments],
            cwd=demo_folder,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, (arguments, done.stderr)
        assert done.stdout.strip(), arguments
        assert "Traceback" not in done.stderr
