"""Balances as files: made by a job, kept for some days, handed to whoever may see the balance."""

import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from bilanz.access import Right
from bilanz.app.output.rendering import export_result, render_result
from bilanz.app.queue import Work
from bilanz.app.settings import Settings
from bilanz.app.shown.result import result_of
from bilanz.app.shown.sight import EVERYTHING, Outlook, Seer, View, outlook, view_of
from bilanz.errors import UnknownName
from bilanz.job import Job, JobState
from bilanz.messages import Language, translate
from bilanz.result import Result
from bilanz.store.connection import open_store
from bilanz.store.runlines import within
from reports.export import export, exports_found

KIND: Final = "export"
DAYS: Final = 7
"""How long a file is kept."""

PAGE, PDF, MANIFEST = "page", "pdf", "manifest"
_DAY_SECONDS: Final = 86400

_SAID: Final = {
    PAGE: "The dashboard as one file that opens in any browser, without network (HTML)",
    PDF: "The dashboard to be printed, tagged for screen readers (PDF)",
    MANIFEST: "Everything the figures depend on, to be calculated again (JSON)",
}
_SUFFIXES: Final = {PAGE: ".html", PDF: ".pdf", MANIFEST: ".json"}


@dataclass(frozen=True, slots=True)
class Form:
    """A file that can be made."""

    name: str
    title: str


def forms(language: Language) -> list[Form]:
    """Return every form, those of the dashboard first."""
    own = [Form(name, translate(text, language)) for name, text in _SAID.items() if _is_possible(name)]
    return [*own, *(Form(form.name, form.title(language)) for form in exports_found())]


def _is_possible(name: str) -> bool:
    from bilanz.app.output.printing import can_print

    return name != PDF or can_print()


def checked(name: str) -> str:
    """Return the name of a form.

    Raises:
        UnknownName: there is none of that name.
    """
    return name if name in _SAID and _is_possible(name) else export(name).name


def parameters(view: View, form: str, *, sees_municipality: bool) -> dict[str, Any]:
    """Return what a job is told."""
    return {
        "year": view.year,
        "organisation": view.organisation,
        "of": view.of,
        "run": view.entry.run,
        "sees_open": view.sees_open,
        "sees_municipality": sees_municipality,
        "form": form,
    }


def make(work: Work) -> Mapping[str, Any]:
    """Write the file a job is about.

    Raises:
        Refused: the balance has changed since, or lacks what the form cannot be without.
    """
    settings, told = work.settings, work.job.parameters
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        found = outlook(settings, work.registry, store, told["year"])
    view = view_of(found, told)
    result = result_of(settings, view, with_municipality=told["sees_municipality"])
    work.progress(0.5)
    folder = _folder(settings)
    _forget_old(folder)
    form = checked(told["form"])
    place = folder / work.job.id
    place.mkdir(parents=True, exist_ok=True)
    suffix = _SUFFIXES.get(form) or export(form).suffix
    file = place / f"file{suffix}"
    _WRITERS.get(form, _export)(settings, result, form, file)
    return {"name": _name(view, form, settings.lang, suffix), "file": file.name, "bytes": file.stat().st_size}


def _page(settings: Settings, result: Result, _form: str, file: Path) -> None:
    render_result(settings, result, file)


def _pdf(settings: Settings, result: Result, _form: str, file: Path) -> None:
    from bilanz.app.output.reporting import print_page

    page = file.with_suffix(".html")
    try:
        print_page(render_result(settings, result, page), file)
    finally:
        page.unlink(missing_ok=True)


def _manifest(_settings: Settings, result: Result, _form: str, file: Path) -> None:
    text = json.dumps(asdict(result.manifest), sort_keys=True, ensure_ascii=False, indent=2)
    file.write_text(text + "\n", encoding="utf-8")


def _export(settings: Settings, result: Result, form: str, file: Path) -> None:
    export_result(settings, result, export(form), file)


_WRITERS: Final[Mapping[str, Callable[[Settings, Result, str, Path], None]]] = {
    PAGE: _page,
    PDF: _pdf,
    MANIFEST: _manifest,
}


def _folder(settings: Settings) -> Path:
    return settings.data / "exports" / "web"


def _forget_old(folder: Path) -> None:
    """Remove files nobody has to keep any more."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        if time.time() - entry.stat().st_mtime > DAYS * _DAY_SECONDS:
            shutil.rmtree(entry, ignore_errors=True)


def _name(view: View, form: str, language: str, suffix: str) -> str:
    """Return what the file is called where it is saved: letters, digits, hyphens."""
    unit = re.sub(r"[^A-Za-z0-9]+", "-", view.organisation).strip("-")
    return "-".join(part for part in ("bilanz", str(view.year), unit, form) if part) + f".{language}{suffix}"


def address_of(job: Job) -> str:
    """Return where a file that was made is offered."""
    told = job.parameters
    context = {"organisation": told["organisation"], "of": told["of"] or EVERYTHING, "made": job.id}
    shown = urlencode({name: value for name, value in context.items() if value})
    return f"/balances/{told['year']}/exports?{shown}"


def file_of(settings: Settings, found: Outlook, seer: Seer, job: Job) -> tuple[Path, str]:
    """Return a file that was made, and what it is called where it is saved.

    Raises:
        UnknownName: there is none, it is gone, or it shows what they may not see (any more).
    """
    gone = UnknownName("There is nothing here, or nothing you may see.")
    if job.kind != KIND or job.state != JobState.DONE or job.result is None or not _may(found, seer, job):
        raise gone
    path = _folder(settings) / job.id / job.result["file"]
    if not path.is_file():
        raise UnknownName("The file was kept for {days} days and is gone. Make it again.", days=DAYS)
    return path, str(job.result["name"])


def _may(found: Outlook, seer: Seer, job: Job) -> bool:
    told = job.parameters
    if told["sees_municipality"] and not _sees_municipalities(found, seer, told["of"]):
        return False
    if seer.may(Right.READ, told["of"]):
        return True
    stands = found.standing.get((told["year"], told["of"]))
    is_released = stands is not None and stands[1].run == told["run"] and not told["sees_open"]
    return is_released and seer.may(Right.READ_RELEASED, told["organisation"])


def _sees_municipalities(found: Outlook, seer: Seer, of: str) -> bool:
    """Tell whether they may see the municipalities a file of a run tells territories of apart from."""
    below = within({name: unit.parent for name, unit in found.units.items()}, of)
    named = {found.units[name].municipality for name in below} - {None, *below}
    return all(seer.may(Right.READ, name) for name in named if name is not None)
