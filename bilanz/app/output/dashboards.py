"""Dashboards inside pages: made once by a job, kept below `reports/web` and served from there.

    view ─► key: run, language, book, what the caller may see, master data, version ─┬─► kept: served
                                                                                     └─► not: job ─► kept

A key names everything what is kept depends on. What has become stale has a key nobody asks for any more, and
goes when what takes its place is kept.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bilanz.access import ALL, Right
from bilanz.app.queue import Work, enqueue
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import EVERYTHING, Outlook, Seer, View, outlook, view_of
from bilanz.job import Job, JobState
from bilanz.messages import translate
from bilanz.registry import jobs as registered
from bilanz.registry.engine import Registry
from bilanz.registry.stamps import stamp
from bilanz.store.connection import open_store

if TYPE_CHECKING:
    from reports.base import Panel

KIND: Final = "dashboard"
_STATED: Final = (".csv", ".toml")
"""Files on top of the data directory in which something is declared that reports show."""

_SHORT: Final = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dashboard somebody may see.

    Attributes:
        view: of what.
        book: only this one; None: all.
        sees_municipality: whether a territory is shown less its municipality, whose balance it may be.
    """

    view: View
    book: str | None
    sees_municipality: bool

    def parameters(self) -> dict[str, Any]:
        """Return it as a job keeps it."""
        return {
            "year": self.view.year,
            "organisation": self.view.organisation,
            "of": self.view.of,
            "run": self.view.entry.run,
            "sees_open": self.view.sees_open,
            "sees_municipality": self.sees_municipality,
            "book": self.book,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A dashboard as it is kept."""

    folder: Path

    @property
    def sections(self) -> str:
        """HTML of the sections."""
        return (self.folder / "sections.html").read_text(encoding="utf-8")

    @property
    def figures(self) -> str:
        """JSON of the charts; empty: there is none."""
        return (self.folder / "figures.json").read_text(encoding="utf-8")

    @property
    def about(self) -> dict[str, Any]:
        """What it is of: contents, when it was calculated, hashes."""
        told: dict[str, Any] = json.loads((self.folder / "about.json").read_text(encoding="utf-8"))
        return told

    def table(self, identifier: str) -> str | None:
        """Return the CSV of a panel; None: there is no such panel."""
        tables: dict[str, str] = json.loads((self.folder / "tables.json").read_text(encoding="utf-8"))
        return tables.get(identifier)


def wanted(found: Outlook, seer: Seer, view: View, book: str | None) -> Wanted:
    """Return the dashboard of a view as somebody may see it."""
    return Wanted(view, book, all(seer.may(Right.READ, name) for name in _municipalities(found, view)))


def _municipalities(found: Outlook, view: View) -> list[str]:
    """Return the municipalities of territories in a run that does not hold them itself."""
    tree = found.trees.get(view.entry.run, {})
    named = {found.units[name].municipality for name in tree if name in found.units}
    return sorted(name for name in named if name is not None and name not in tree)


def kept(settings: Settings, registry: Registry, found: Outlook, asked: Wanted) -> Kept | None:
    """Return a dashboard that is kept; None: it has to be made."""
    folder = _place(settings, asked) / _key(settings, registry, found, asked)
    return Kept(folder) if (folder / "about.json").exists() else None


def ordered(settings: Settings, registry: Registry, seer: Seer, asked: Wanted) -> Job:
    """Return the job that makes a dashboard: one they may follow that waits or runs, else a new one."""
    view = asked.view
    subject = hashlib.sha256(_text([settings.lang, asked.parameters()])).hexdigest()[:_SHORT]
    for job in registered.jobs_about(registry, KIND, subject):
        is_theirs = job.by == settings.user or seer.may(Right.READ, view.organisation)
        if not JobState(job.state).is_over and is_theirs:
            return job
    return enqueue(
        registry,
        settings,
        KIND,
        organisation=view.organisation,
        subject=subject,
        parameters=asked.parameters(),
    )


def make(work: Work) -> Mapping[str, Any]:
    """Make the dashboard a job is about, unless it is kept already.

    Raises:
        Refused: the run is none that may be shown so any more.
    """
    settings, registry, parameters = work.settings, work.registry, work.job.parameters
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        found = outlook(settings, registry, store, parameters["year"])
    asked = Wanted(view_of(found, parameters), parameters["book"], parameters["sees_municipality"])
    if kept(settings, registry, found, asked) is None:
        key = _key(settings, registry, found, asked)  # before anything is read: what changes later is stale
        work.progress(0.1)
        content = _content(settings, asked)
        work.progress(0.9)
        _keep(_place(settings, asked), key, content)
    return parameters


def _content(settings: Settings, asked: Wanted) -> dict[str, str]:
    """Return file → text of a dashboard."""
    from bilanz.app.output.rendering import title_of, worded
    from bilanz.app.shown.result import result_of
    from reports.fragment import fragment

    view = asked.view
    result = result_of(settings, view, book=asked.book, with_municipality=asked.sees_municipality)
    context = {
        "organisation": view.organisation,
        "of": view.source,
    }

    def csv(panel: "Panel") -> str:
        told = context | ({"book": asked.book} if asked.book else {})
        return _address(f"/balances/{view.year}/tables/{panel.identifier}", told)

    def lines(behind: Mapping[str, str]) -> str:
        return _address(f"/balances/{view.year}/lines", {**context, **behind})

    made = fragment(result, worded(settings, result), csv=csv, lines=lines)
    about = {
        "title": title_of(result) or translate("Climate balance", settings.lang),
        "contents": made.contents,
        "is_empty": made.is_empty,
        "run": result.manifest.run,
        "created_at": result.manifest.created_at,
        "code_version": result.manifest.code_version,
        "manifest_hash": result.manifest.manifest_hash,
    }
    return {
        "sections.html": made.html,
        "figures.json": made.figures,
        "tables.json": json.dumps(made.tables, ensure_ascii=False),
        "about.json": json.dumps(about, ensure_ascii=False),
    }


def _address(path: str, told: Mapping[str, str]) -> str:
    return f"{path}?{urlencode({name: value for name, value in told.items() if value})}"


def _keep(place: Path, key: str, content: Mapping[str, str]) -> None:
    """Keep a dashboard, whole or not at all, and remove what it takes the place of."""
    place.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(dir=place.parent, prefix=".making-"))
    try:
        for name, text in content.items():
            (fresh / name).write_text(text, encoding="utf-8")
        if not (place / key).exists():
            fresh.rename(place / key)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    for other in place.iterdir():
        if other.name != key:
            shutil.rmtree(other, ignore_errors=True)  # whoever reads it just now asks once more


def _place(settings: Settings, asked: Wanted) -> Path:
    """Return the folder of everything that takes the place of one another."""
    told = {name: value for name, value in asked.parameters().items() if name != "run"}
    return (
        settings.data / "reports" / "web" / hashlib.sha256(_text([settings.lang, told])).hexdigest()[:_SHORT]
    )


def _key(settings: Settings, registry: Registry, found: Outlook, asked: Wanted) -> str:
    """Return the hash of everything a dashboard depends on."""
    entry = asked.view.entry
    told = {
        "asked": asked.parameters(),
        "language": settings.lang,
        "manifest": entry.manifest_hash,
        "version": version("bilanz"),
        "registry": stamp(registry),
        "runs": _beside(found, asked.view),
        "settings": [settings.region, settings.zone, settings.enefg],
        "files": _files(settings.data),
    }
    return hashlib.sha256(_text(told)).hexdigest()[:_SHORT]


def _beside(found: Outlook, view: View) -> list[tuple[int, str, str]]:
    """Return the runs a dashboard may look at: other years, those of the municipality of a territory."""
    municipalities = _municipalities(found, view)
    near = {view.of, *([ALL, *municipalities] if municipalities else [])}
    runs = dict(found.latest) | {place: entry for place, (_, entry) in found.standing.items()}
    return sorted((year, of, entry.run) for (year, of), entry in runs.items() if of in near)


def _files(data: Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of the files in which something is declared."""
    found = (path for path in data.iterdir() if path.suffix in _STATED and path.is_file())
    return sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in found)


def _text(told: object) -> bytes:
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()


def address_of(job: Job) -> str:
    """Return where a dashboard is shown."""
    told = job.parameters
    context = {
        "organisation": told["organisation"],
        "of": told["of"] or EVERYTHING,
        "book": told["book"] or "",
    }
    return _address(f"/balances/{told['year']}", context)
