"""The scheduled run: pick up, import, calculate, render, put away.

    inbox/<organisation>/file ──► import ──► done/ or failed/ with reports
                                    │
                     something new? └──► calculate every year ──► one page per year and language

A file is imported whole or not at all; one that cannot be read does not stop the others. Without new data
nothing is calculated again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bilanz.app.batch.config import Inbox, RunConfig, read_config
from bilanz.app.batch.journal import Journal, hold
from bilanz.app.batch.log import defect, opened, step
from bilanz.app.batch.report import FileOutcome, put_away
from bilanz.app.cli.output import progress
from bilanz.app.settings import Settings
from bilanz.errors import AlreadyImported, BilanzError, StoreBusy, UsageError
from bilanz.messages import Language, translate
from bilanz.store.archive import sha256_of

if TYPE_CHECKING:
    from bilanz.result import Result

_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_REPORTS = (".report.json", ".report.txt")


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """One calculated year."""

    year: int
    exceptions: int
    result_hash: str
    release_name: str | None
    factor_release: str
    pages: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        pages = [str(page) for page in self.pages]
        return {
            "year": self.year,
            "exceptions": self.exceptions,
            "result_hash": self.result_hash,
            "release_name": self.release_name,
            "factor_release": self.factor_release,
            "pages": pages,
        }


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did."""

    files: tuple[FileOutcome, ...]
    years: tuple[YearOutcome, ...]
    waiting: tuple[Path, ...]
    log: Path
    language: Language

    @property
    def exit_code(self) -> int:
        """0 clean, 1 finished with rejects or exceptions."""
        is_clean = all(file.is_clean for file in self.files) and not any(y.exceptions for y in self.years)
        return 0 if is_clean else 1

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "files": [file.as_json() for file in self.files],
            "years": [year.as_json() for year in self.years],
            "waiting": [str(path) for path in self.waiting],
            "log": str(self.log),
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        if not self.files and not self.years:
            yield translate("Nothing to do: no new files.", self.language)
        for file in self.files:
            result = translate(file.result, self.language)
            counts = translate(_COUNTS, self.language, **file.counts) if file.counts else file.reason
            yield f"{file.organisation}/{file.file}: {result}. {counts}"
        for year in self.years:
            yield translate("{year}: {exceptions} exceptions.", self.language, **year.as_json())
            yield from (f"  {page}" for page in year.pages)
        if self.waiting:
            template = "{count} files may still be written and wait for the next run."
            yield translate(template, self.language, count=len(self.waiting))


_COUNTS = "{read} read, {accepted} accepted, {rejected} rejected, {ignored} ignored."


def run(config_file: Path, *, language: Language | None = None) -> RunOutcome:
    """Carry out one scheduled run.

    Raises:
        UsageError: the configuration is wrong, or an organisation is not registered (exit 2).
        StoreBusy: another run or another process holds the data (exit 3); files not yet imported stay.
    """
    config = read_config(config_file)
    settings = Settings(data=config.data, wait=config.wait, lang=language or config.languages[0])
    with hold(config.data, config.wait), opened(config.data):
        step("start", config=str(config_file))
        try:
            outcome = _run(config, settings)
        except BilanzError as error:
            step("end", result=error.code, reason=str(error))
            raise
        step("end", result="clean" if outcome.exit_code == 0 else "open", files=len(outcome.files))
    return outcome


def ready_files(inbox: Inbox, settle: float) -> tuple[list[Path], list[Path]]:
    """Return the files of an inbox that can be taken and those that may still be written, by name."""
    ready: list[Path] = []
    waiting: list[Path] = []
    # By stem: "bill.csv" comes before its copy "bill (1).csv".
    for path in sorted(inbox.folder.iterdir(), key=lambda path: (path.stem, path.suffix)):
        name = path.name.lower()
        if not path.is_file() or name.startswith((".", "~$")) or name.endswith(_REPORTS):
            continue
        # A clock of a file server may run ahead a little; far ahead cannot mean "still being written".
        is_young = abs(time.time() - path.stat().st_mtime) < settle
        (waiting if is_young or name.endswith(_UNFINISHED) else ready).append(path)
    return ready, waiting


def _run(config: RunConfig, settings: Settings) -> RunOutcome:
    releases = _releases(config, settings)
    journal = Journal(config.data)
    taken = [(inbox, *ready_files(inbox, config.settle)) for inbox in config.inbox]
    queue = [(inbox, path) for inbox, ready, _ in taken for path in ready]
    with progress("Importing files", settings.lang) as report:
        files = tuple(
            _import(path, inbox, config, settings, journal, _part(report, position, len(queue)))
            for position, (inbox, path) in enumerate(queue)
        )
    years: tuple[YearOutcome, ...] = ()
    if journal.is_stale:
        with progress("Calculating and rendering", settings.lang) as report:
            years = tuple(_years(config, settings, releases, report))
        journal.settle()
    else:
        step("calculate", result="nothing new")
    return RunOutcome(
        files=files,
        years=years,
        waiting=tuple(path for _, _, waiting in taken for path in waiting),
        log=config.data / "run.log.jsonl",
        language=settings.lang,
    )


def _part(report: Callable[[float], None], position: int, count: int) -> Callable[[float], None]:
    """Return the progress of one file as a part of the whole."""
    return lambda share: report((position + share) / count)


def _import(
    path: Path,
    inbox: Inbox,
    config: RunConfig,
    settings: Settings,
    journal: Journal,
    report: Callable[[float], None],
) -> FileOutcome:
    """Import one file, log it and put it away."""
    sha256 = sha256_of(path)
    was_in_hand = journal.in_hand == sha256
    journal.take(sha256)
    try:
        outcome = _read(path, inbox, config, settings, report)
    except AlreadyImported as error:
        # Committed by a run that ended before it could move the file: no duplicate, only unfinished business.
        result = "recovered" if was_in_hand else "failed"
        outcome = _refused(path, inbox, error, settings.lang, result)
    except (UsageError, StoreBusy):
        raise
    except BilanzError as error:
        outcome = _refused(path, inbox, error, settings.lang, "failed")
    except Exception as error:  # noqa: BLE001 - one file that trips a defect must not stop the night's run
        defect("import", error, organisation=inbox.organisation, file=path.name, result="defect")
        reason = translate("The program failed on this file; the log holds the details.", settings.lang)
        outcome = FileOutcome(inbox.organisation, path.name, "failed", reason=reason)
    put_away(path, outcome, settings.lang)
    journal.lay_down(is_new=outcome.folder == "done")
    fields = {"organisation": inbox.organisation, "file": path.name, "result": outcome.result}
    step("import", **fields, counts=outcome.counts, reason=outcome.reason or None)
    return outcome


def _read(
    path: Path, inbox: Inbox, config: RunConfig, settings: Settings, report: Callable[[float], None]
) -> FileOutcome:
    from bilanz.app.intake.ingest import import_file

    summary = import_file(
        path,
        organisation=inbox.organisation,
        source=inbox.source,
        importer=inbox.importer,
        declared=inbox.declared,
        zone=inbox.zone,
        on_overlap=config.on_overlap,
        settings=settings,
        progress=report,
    )
    found = summary.as_json()
    has_rejects = found["rejected"] > 0
    return FileOutcome(
        inbox.organisation,
        path.name,
        "imported" if not has_rejects else "rejects" if found["accepted"] else "failed",
        summary=found,
        rejects=summary.rejects_csv() if has_rejects else "",
    )


def _refused(path: Path, inbox: Inbox, error: BilanzError, language: Language, result: str) -> FileOutcome:
    reason = translate(error.template, language, **error.parameters)
    return FileOutcome(inbox.organisation, path.name, result, reason=reason, code=error.code)


def _releases(config: RunConfig, settings: Settings) -> dict[int, str | None]:
    """Return year → release to be named: none where the year keeps its own.

    Raises:
        UnknownName: there is no release of the name in the configuration; nothing was imported.
    """
    from bilanz.app.catalogue import releases

    if config.release is not None:
        releases.named(settings, config.release)
    kept = releases.pins(settings)
    return {year: None if year in kept else config.release for year in config.years}


def _years(
    config: RunConfig,
    settings: Settings,
    releases: dict[int, str | None],
    report: Callable[[float], None],
) -> Iterator[YearOutcome]:
    """Calculate and render every year."""
    from bilanz.app.balances import with_views
    from bilanz.app.output.rendering import render_result

    config.output.mkdir(parents=True, exist_ok=True)
    for position, year in enumerate(config.years):
        result = _balance(config, settings, year, releases[year])
        pinned = result.manifest
        used = {"release_name": pinned.release_name, "factor_release": pinned.factor_release}
        hashes = {"result_hash": pinned.result_hash, **used}
        step("calculate", year=year, **hashes, counts={"exceptions": result.exceptions.height})
        pages, shown = [], with_views(settings, result)
        for language in config.languages:
            chosen = settings.model_copy(update={"lang": language})
            pages.append(render_result(chosen, shown, config.output / f"bilanz-{year}.{language}.html"))
            step("render", year=year, language=language, file=str(pages[-1]), result="written")
        report((position + 1) / len(config.years))
        yield YearOutcome(
            year,
            result.exceptions.height,
            pinned.result_hash,
            pinned.release_name,
            pinned.factor_release,
            tuple(pages),
        )


def _balance(config: RunConfig, settings: Settings, year: int, release: str | None) -> "Result":
    """Calculate a year; one that is released or closed is shown as it is."""
    from bilanz.app.period.standing import standing_of

    if standing_of(settings, year) is not None:
        from bilanz.app.balances import reported_result

        return reported_result(settings, year)
    from bilanz.app.balances import calculate_year

    return calculate_year(settings, year, books=config.books, gwp=config.gwp, release=release)
