"""What a scheduled run lays beside a file: a report for machines, one for people, the rejected rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bilanz.app.intake.summary import can_be_mended
from bilanz.app.intake.words import remedies, summary_lines
from bilanz.errors import AlreadyImported
from bilanz.messages import Language, translate


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file.

    Attributes:
        result: imported, rejects (imported, but not every row), failed or recovered (a crash had left it).
        summary: the JSON of the import; empty where the file was refused.
        reason: why it failed; empty otherwise.
        code: of the refusal; empty otherwise.
        rejects: rejected rows with their reasons as CSV; empty where there are none.
    """

    organisation: str
    file: str
    result: str
    summary: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    code: str = ""
    rejects: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.result in {"imported", "recovered"}

    @property
    def folder(self) -> str:
        """Folder of the inbox it goes to."""
        return "failed" if self.result == "failed" else "done"

    @property
    def counts(self) -> dict[str, int]:
        """Counts of the import, for the log."""
        names = ("read", "accepted", "rejected", "ignored")
        return {name: self.summary[name] for name in names if name in self.summary}

    def as_json(self) -> dict[str, Any]:
        """Return the machine-readable report."""
        report = {"organisation": self.organisation, "file": self.file, "result": self.result}
        return report | ({"reason": self.reason} if self.reason else {}) | self.summary

    def lines(self, language: Language) -> Iterator[str]:
        """Yield the readable report."""
        yield f"{self.file} ({self.organisation})"
        if self.summary:
            yield from summary_lines(self.summary, language)
            yield from remedies(self.summary, language)
        if self.reason:
            yield self.reason
        match self.result:
            case "failed" if self.code != AlreadyImported.code:
                yield translate(
                    "The file was not imported. Correct it and put it into the inbox again.", language
                )
            case "rejects":
                mend = (
                    "{file} holds the rejected rows with their reasons: correct them there and put that file "
                    "into the inbox; the other rows are imported."
                )
                name = (
                    "{file} names the rejected rows: correct them and hand in only these again; "
                    "the others are imported."
                )
                hint = mend if can_be_mended(self.rejects) else name
                yield translate(hint, language, file=f"{self.file}.rejects.csv")
            case _:
                yield translate("Nothing to do.", language)


def put_away(path: Path, outcome: FileOutcome, language: Language) -> Path:
    """Move a file to `done` or `failed` of its inbox with its reports beside it; return where it lies.

    The reports are written first: a file in `done` without a report would be a riddle.
    """
    target = _free(path.parent / outcome.folder / path.name)
    target.parent.mkdir(exist_ok=True)
    text = "\n".join([*outcome.lines(language), ""])
    _beside(target, ".report.txt").write_text(text, encoding="utf-8-sig")
    report = json.dumps(outcome.as_json(), ensure_ascii=False, indent=2, default=str)
    _beside(target, ".report.json").write_text(report + "\n", encoding="utf-8")
    if outcome.rejects:
        _beside(target, ".rejects.csv").write_text(outcome.rejects, encoding="utf-8-sig", newline="")
    path.replace(target)
    return target


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _free(path: Path) -> Path:
    """Return a name that is still free: `name.csv`, `name (2).csv` and so on."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate
