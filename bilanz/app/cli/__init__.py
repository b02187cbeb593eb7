"""The command line. Heavy libraries are imported inside the command that needs them.

With `--json`, standard output is exactly one JSON object, also on failure; everything else goes to standard
error. Exit codes: 0 clean, 1 rejects or refused, 2 usage or configuration, 3 store busy.
"""

import sys
import traceback
from collections.abc import Sequence

import typer

from bilanz.app.cli import (
    balance,
    catalogue,
    change,
    completeness,
    consolidation,
    data,
    fund,
    instruments,
    league,
    master,
    memberships,
    operation,
    period,
    plan,
    profile,
    reconcile,
    trail,
    uncertainty,
    verify,
    web,
)
from bilanz.app.cli.options import asked_language
from bilanz.app.cli.output import Failure
from bilanz.errors import BilanzError
from bilanz.messages import default_language, translate

DEFECT = 70
"""Exit code of a defect, apart from everything a user can cause."""

EPILOG = "Exit codes: 0 clean, 1 rejects or refused, 2 usage or configuration, 3 store busy."

app = typer.Typer(
    name="bilanz",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=translate(EPILOG, default_language()),
    help=translate(
        "Sustainability accounting for cities: from a real file to an auditable balance.", default_language()
    ),
)
for group in (
    data,
    profile,
    balance,
    verify,
    period,
    change,
    uncertainty,
    completeness,
    reconcile,
    consolidation,
    league,
    fund,
    catalogue,
    master,
    memberships,
    plan,
    instruments,
    trail,
    operation,
    web,
):
    group.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; never a traceback for anything a user can cause."""
    arguments = list(arguments)
    answer = Failure(asked_language(arguments), as_json="--json" in arguments)
    try:
        return int(app(args=arguments, standalone_mode=False) or 0)
    except BilanzError as error:
        return answer(error.code, error.template, error.exit_code, **error.parameters)
    except typer.Abort:
        return answer("aborted", "Aborted.", 1)
    except typer.TyperException as error:
        return answer("usage", "{message}", 2, message=getattr(error, "format_message", error.__str__)())
    except OSError as error:
        where = {"path": error.filename or "–", "reason": error.strerror or str(error)}
        return answer("io", '"{path}" cannot be read or written: {reason}.', 2, **where)
    except Exception:  # noqa: BLE001 - a defect; the contract of --json holds all the same
        traceback.print_exc()
        return answer("defect", "The program failed; the details stand on standard error.", DEFECT)


def main() -> None:
    """Entry point of the `bilanz` command."""
    sys.exit(run(sys.argv[1:]))
