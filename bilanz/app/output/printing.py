"""A page as PDF: printed by Chromium, tagged for screen readers, with the page's own print style."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.errors import Refused

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS: Final = 180
_OPTIONS: Final = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--virtual-time-budget=10000",
)


def to_pdf(page: Path, path: Path) -> None:
    """Print an HTML file to PDF. Charts are drawn as they are on the page; downloads are left out.

    The bytes differ from run to run: Chromium writes the time into the file.

    Raises:
        Refused: there is no Chromium on this machine, or it failed.
    """
    program = _program()
    if program is None:
        message = (
            "A PDF needs Chromium or Chrome, which is not on this machine. Open the page in a browser and "
            "print it from there."
        )
        raise Refused(message)
    with TemporaryDirectory(prefix="bilanz-pdf-") as work:
        command = [
            *(program, *_OPTIONS, *_sandbox(), f"--user-data-dir={work}"),
            *(f"--print-to-pdf={path}", page.absolute().as_uri()),
        ]
        try:
            # The exit code is read below, and worded for whoever prints.
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - no shell; our own words and two paths
        except subprocess.TimeoutExpired:
            message = "Chromium did not finish printing {path} within {seconds} seconds."
            raise Refused(message, path=page, seconds=_SECONDS) from None
    if done.returncode or not path.stat().st_size:
        raise Refused(
            "Chromium could not print {path} (exit code {status}).", path=page, status=done.returncode
        )


def can_print() -> bool:
    """Tell whether there is a program on this machine that prints pages."""
    return _program() is not None


def _program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _sandbox() -> tuple[str, ...]:
    """Return the option root needs: Chromium refuses to start its sandbox for it."""
    import os

    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
