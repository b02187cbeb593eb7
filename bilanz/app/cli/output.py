"""What a command prints: one JSON object, or text for people; progress on standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer

from bilanz.messages import Language, heading, translate


@dataclass(frozen=True, slots=True)
class Failure:
    """How a command that was not carried out says so."""

    language: Language
    as_json: bool

    def __call__(self, code: str, template: str, exit_code: int, /, **parameters: Any) -> int:  # noqa: ANN401 - told
        """Print code and reason and return the exit code."""
        said = {
            name: translate(fact, self.language) if isinstance(fact, str) else fact
            for name, fact in parameters.items()
        }
        message = translate(template, self.language, **said)
        if self.as_json:
            typer.echo(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
        else:
            typer.echo(message, err=True)
        return exit_code


def answer(payload: Mapping[str, Any], lines: Iterable[str], *, as_json: bool, exit_code: int = 0) -> None:
    """Print the answer of a command and leave with its exit code.

    Raises:
        typer.Exit: always, where the exit code is not 0.
    """
    if as_json:
        typer.echo(json.dumps(payload, ensure_ascii=False, default=str))
    else:
        for line in lines:
            typer.echo(line)
    if exit_code:
        raise typer.Exit(exit_code)


def table(headers: Sequence[str], rows: Iterable[Iterable[object]], language: Language) -> list[str]:
    """Return the lines of a plain table; the terminal's width decides nothing, so that it can be piped.

    Args:
        headers: names of the columns in English or as `--json` has them; translated here.
        rows: cells, shown as they are; None is empty, a boolean is yes or no.
        language: language of headings and of yes and no.
    """
    titles = [heading(name, language) for name in headers]
    cells = [titles, *[[_cell(cell, language) for cell in row] for row in rows]]
    widths = [max(len(row[index]) for row in cells) for index in range(len(titles))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return [lines[0], "  ".join("─" * width for width in widths), *lines[1:]]


def _cell(cell: object, language: Language) -> str:
    if isinstance(cell, bool):
        return translate("yes" if cell else "no", language)
    return "" if cell is None else str(cell)


@contextmanager
def progress(label: str, language: Language) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error where it is a terminal; yield the function that takes the share done."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(translate(label, language), total=1.0)
        yield lambda share: bar.update(task, completed=share)


def word(words: dict[str, str], code: str, language: Language) -> str:
    """Return a code in words."""
    return translate(words.get(code, code), language)
