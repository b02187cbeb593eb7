"""A package: many files handed over as one zip. Each is read, reported and committed by itself.

All members are read before the first is committed: messages say when they were made, and are committed in
that order. A member that is refused, or known already, keeps none of the others back; it is named.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from bilanz.app.intake.examination import Examination
from bilanz.app.intake.summary import REJECT_COLUMNS, SHOWN, ImportSummary
from bilanz.app.intake.taking import Intake
from bilanz.app.intake.totals import period_of, replaced_in, totals_of
from bilanz.errors import AlreadyImported, BilanzError, FileRefused
from bilanz.messages import Language, heading, translate
from bilanz.periods import local_iso
from bilanz.store.archive import Taking, sha256_of
from importers.formats.archive import Member, is_archive, unpack

IMPORTER: Final = "package"
"""What a summary calls the importer of a package; each member names its own."""

_READ: Final = 0.5

Finish = Callable[[Taking, Examination], ImportSummary]
"""What is done with a file that was read: it is committed, or what that would do is found out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member that was not imported, and why; `template` and `parameters` say it in any language."""

    file: str
    code: str
    message: str
    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """The outcome of one package.

    Attributes:
        members: what became of the files that were read, in the order of their commit.
        refused: files that could not be taken as a whole.
        known: files whose bytes were imported before.
        replaced: of `totals`, what gave way to other deliveries of the same time.
    """

    file: str
    sha256: str
    language: Language
    zone: str
    members: tuple[ImportSummary, ...]
    refused: tuple[Refusal, ...] = ()
    known: tuple[Refusal, ...] = ()
    replaced: tuple[dict[str, Any], ...] = ()

    @property
    def importer(self) -> str:
        """Name under which a summary states the importer."""
        return IMPORTER

    @property
    def read(self) -> int:
        """Records of all members; a refused file counts as one."""
        return sum(member.read for member in self.members) + len(self.refused)

    @property
    def accepted(self) -> int:
        """Accepted records of all members."""
        return sum(member.accepted for member in self.members)

    @property
    def rejected(self) -> int:
        """Rejected records of all members; a refused file counts as one."""
        return sum(member.rejected for member in self.members) + len(self.refused)

    @property
    def ignored(self) -> int:
        """Ignored records of all members."""
        return sum(member.ignored for member in self.members)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rejects or refused files."""
        return 1 if self.rejected else 0

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs (schema: docs/cli.md, `bilanz import`)."""
        issues = [issue for member in self.members for issue in member.as_json()["issues"]]
        issues = [*map(_as_issue, self.refused), *issues]
        found = period_of(self.members)
        start, end = (local_iso(self.zone, at) for at in found) if found else (None, None)
        return {
            "importer": self.importer,
            "sha256": self.sha256,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "ignored": self.ignored,
            "issues_total": sum(member.issues.height for member in self.members) + len(self.refused),
            "issues": issues[:SHOWN],
            "totals": totals_of(self.members),
            "replaced": list(self.replaced),
            "period": {"start": start, "end": end},
            "members": [*self._members()],
        }

    def rejects_csv(self) -> str:
        """Return the errors of all members as CSV: file, row, column, value, code, message."""
        target = io.StringIO()
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow([heading(name, self.language) for name in ("file", *REJECT_COLUMNS)])
        writer.writerows([one.file, None, None, None, one.code, one.message] for one in self.refused)
        for member in self.members:
            writer.writerows([member.file, *cells] for cells in member.error_cells())
        return target.getvalue()

    def _members(self) -> Iterator[dict[str, Any]]:
        names = ("read", "accepted", "rejected", "ignored")
        for member in self.members:
            counts = {name: getattr(member, name) for name in names}
            yield {"file": member.file, "result": "imported", "importer": member.importer, **counts}
        for result, refusals in (("refused", self.refused), ("known", self.known)):
            for one in refusals:
                yield {"file": one.file, "result": result, "code": one.code, "message": one.message}


def _as_issue(refusal: Refusal) -> dict[str, Any]:
    return {
        "row": None,
        "column": None,
        "code": refusal.code,
        "severity": "error",
        "value": None,
        "message": refusal.message,
    }


def is_package(path: Path) -> bool:
    """Return whether a file is a zip of files."""
    return is_archive(path)


def _refuse_nested(member: Member) -> None:
    if is_archive(member.path):
        message = "{file} is an archive inside an archive. Unpack it and hand in its files."
        raise FileRefused(message, code="nested_archive", file=member.path.name)


@dataclass(slots=True)
class _Opened:
    """A package being read."""

    intake: Intake
    name: str
    end: Finish
    examined: list[tuple[Taking, Examination]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    known: list[Refusal] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    def examine(self, member: Member) -> None:
        """Read one member; one that cannot be taken is noted."""
        label = f"{self.name}/{member.name}"
        try:
            _refuse_nested(member)
            with closing(self.intake.take(member.path)) as taken:
                self._refuse_twin(taken, label)
                examined = self.intake.examine(taken, lambda _share: None, label)
                taken.sync()
            self.examined.append((taken, replace(examined, file=label)))
        except AlreadyImported as error:
            self.known.append(self._refusal(label, error))
        except FileRefused as error:
            self.refused.append(self._refusal(label, error))

    def _refuse_twin(self, taken: Taking, label: str) -> None:
        """Refuse bytes another file of the package has.

        Raises:
            AlreadyImported: names the first of them.
        """
        first = self.seen.setdefault(taken.sha256, label)
        if first != label:
            message = "{file} holds the same bytes as {first_file} of the package. It counts once."
            raise AlreadyImported(message, file=label, first_file=first)

    def in_order(self) -> list[tuple[Taking, Examination]]:
        """Return what was read in the order in which it was delivered; undated files first, by name."""

        def moment(pair: tuple[Taking, Examination]) -> tuple[str, str]:
            delivered = pair[1].result.delivered
            return ("" if delivered is None else delivered.isoformat(timespec="microseconds"), pair[1].file)

        return sorted(self.examined, key=moment)

    def finish(self, taken: Taking, examined: Examination) -> ImportSummary | None:
        """Commit one member; the same bytes twice in one package count once."""
        try:
            summary = self.end(taken, examined)
            return replace(summary, file=examined.file.removeprefix(f"{self.name}/"))
        except AlreadyImported as error:
            self.known.append(self._refusal(examined.file, error))
            return None

    def _refusal(self, label: str, error: BilanzError) -> Refusal:
        message = translate(error.template, self.intake.settings.lang, **error.parameters)
        name = label.removeprefix(f"{self.name}/")
        return Refusal(name, error.code, message, error.template, dict(error.parameters))


def import_members(
    path: Path, intake: Intake, progress: Callable[[float], None], finish: Finish
) -> PackageSummary:
    """Import the files of a package.

    Args:
        path: the package.
        intake: who hands it in, on what terms.
        progress: called with the share done.
        finish: what is done with a member that was read.

    Raises:
        FileRefused: the archive cannot be taken as a whole, or none of its files could be read.
        AlreadyImported: every file of it was imported before.
        StoreBusy: another process holds the store; members committed so far stay, and are known next time.
    """
    members = unpack(path, intake.directory / "members")
    name = intake.called(path)
    opened = _Opened(intake, name, finish)
    for place, member in enumerate(members):
        opened.examine(member)
        progress(_READ * (place + 1) / len(members))
    if len(opened.known) == len(members):
        message = "{file}: each of its {count} files was imported before. Nothing was imported."
        raise AlreadyImported(message, file=name, count=str(len(members)))
    done: list[ImportSummary] = []
    for place, (taken, examined) in enumerate(opened.in_order()):
        if (summary := opened.finish(taken, examined)) is not None:
            done.append(summary)
        progress(_READ + (1 - _READ) * (place + 1) / len(opened.examined))
    if not done and opened.refused:
        message = "{file}: none of its {count} files could be read. The first: {message}"
        count, first = str(len(members)), opened.refused[0].message
        raise FileRefused(message, code="no_member", file=name, count=count, message=first)
    zone = intake.request.zone or intake.settings.zone
    sha256, language = sha256_of(path), intake.settings.lang
    refused, known = tuple(opened.refused), tuple(opened.known)
    batches = [summary.batch for summary in done if summary.batch is not None]
    replaced = tuple(replaced_in(intake.settings, batches)) if batches else ()
    return PackageSummary(name, sha256, language, zone, tuple(done), refused, known, replaced)
