"""What the page of an upload tells: how it stands, what was read of it, what it meets, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bilanz.access import Right
from bilanz.app.upload import issues as uploadissues
from bilanz.app.upload import uploads
from bilanz.app.upload.mapping import DRAFT
from bilanz.app.upload.outcome import issues_file
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.app.web.uploadwords import RULES, SEVERITIES, STATES, Words, named
from bilanz.batch import ImportBatch
from bilanz.job import Job, JobState, Upload, UploadState
from bilanz.messages import translate
from bilanz.organisation import OrganisationUnit
from bilanz.registry import uploads as registered
from bilanz.registry.organisations import organisations, zone_of
from reports import numbers

_FORMATS = {
    "1.234,56": "1.234,56 – comma before the decimals",
    "1,234.56": "1,234.56 – point before the decimals",
    "DD.MM.YYYY": "day.month.year",
    "DD/MM/YYYY": "day/month/year",
    "MM/DD/YYYY": "month/day/year",
    "begin": "the begin of the interval",
    "end": "the end of the interval",
}
"""Format → words."""

_NEW_FORMATS = 2
"""Columns whose format can be stated although nothing asks for it, at once."""


@dataclass(frozen=True, slots=True)
class Story:
    """An upload seen by somebody.

    Attributes:
        units: organisations by id.
        job: the newest about it; None: none yet.
    """

    server: Server
    caller: Caller
    upload: Upload
    units: Mapping[str, OrganisationUnit]
    words: Words
    job: Job | None

    @property
    def outcome(self) -> dict[str, Any]:
        """What the last reading gave."""
        return self.upload.outcome or {}

    @property
    def may_act(self) -> bool:
        """Whether the reader may read it again, commit or discard it."""
        return self.caller.may(Right.DELIVER, self.upload.organisation)

    @property
    def is_busy(self) -> bool:
        """Whether something is being done with it."""
        return self.job is not None and not JobState(self.job.state).is_over

    def headline(self) -> str:
        """Return how it stands, in a sentence."""
        say, outcome = self.words.say, self.outcome
        file = self.upload.file
        match UploadState(self.upload.state):
            case UploadState.RECEIVED:
                return (
                    say("{file} is being read.", file=file)
                    if self.is_busy
                    else say("{file} was not read.", file=file)
                )
            case UploadState.REFUSED:
                return say("{file} cannot be taken as it is.", file=file)
            case UploadState.DISCARDED:
                return say("{file} was discarded.", file=file)
            case UploadState.COMMITTED:
                return say("{file} was taken over.", file=file)
            case UploadState.READ:
                return self._counted(outcome)

    def _counted(self, outcome: Mapping[str, Any]) -> str:
        relevant = outcome["read"] - outcome["ignored"]
        told = {**self._numbers(outcome), "read": numbers.decimal(relevant, self.words.language)}
        say = self.words.say
        if relevant == 0:
            return say("{file} holds no rows with data.", file=self.upload.file)
        if relevant == 1:
            return say("The one row can be taken." if outcome["accepted"] else "The one row cannot be taken.")
        if outcome["accepted"] == 0:
            return say("None of {read} rows can be taken.", **told)
        if outcome["rejected"] == 0:
            return say("All {read} rows can be taken.", **told)
        if outcome["rejected"] == 1:
            return say("{accepted} of {read} rows can be taken. 1 row needs mending.", **told)
        return say("{accepted} of {read} rows can be taken. {rejected} rows need mending.", **told)

    def _numbers(self, told: Mapping[str, Any]) -> dict[str, str]:
        return {name: numbers.decimal(told[name], self.words.language) for name in ("accepted", "rejected")}

    def facts(self) -> list[tuple[str, str]]:
        """Return who handed it in when, and how large it is."""
        say = self.words.say
        return [
            (say("File"), self.upload.file),
            (say("Organisation"), named(self.upload.organisation, self.units)),
            (say("Uploaded by"), self.upload.by),
            (say("Uploaded at"), self.words.moment(self.upload.at)),
            (say("Size"), self.words.size(self.upload.size)),
            (say("State"), say(STATES[UploadState(self.upload.state)][1])),
        ]

    def counts(self) -> list[tuple[str, str]]:
        """Return counts and period of what was read."""
        if "read" not in self.outcome:
            return []
        say, language, outcome = self.words.say, self.words.language, self.outcome
        pairs = (
            ("Rows read", "read"),
            ("Can be taken", "accepted"),
            ("Need mending", "rejected"),
            ("Left out as they hold no data", "ignored"),
        )
        period = outcome["period"]
        return [
            *((say(title), numbers.decimal(outcome[name], language)) for title, name in pairs),
            (say("Period"), self.words.span(period["start"], period["end"])),
        ]

    def recognised(self) -> list[str]:
        """Return why the file was read as what, in sentences."""
        titles = dict(self.words.kinds_of_file())
        chosen = self.outcome.get("importer")
        entries = self.outcome.get("candidates", [])
        if self.upload.state != UploadState.REFUSED and chosen is not None:
            entries = [one for one in entries if one["importer"] == chosen]
        return [
            f"{titles.get(one['importer'], self.words.say('Your columns'))}: "
            f"{self.words.say(one['reason'], **one['parameters'])}"
            for one in entries
        ]

    def refusal(self) -> str:
        """Return why the file cannot be taken; "": it can."""
        told = self.outcome.get("refusal")
        return "" if told is None else self.words.refusal(told, self._may_see)

    def earlier(self) -> ImportBatch | None:
        """Return the earlier import of the same bytes where the reader may see it."""
        told = self.outcome.get("refusal") or {}
        name = str(told.get("parameters", {}).get("batch", ""))
        if told.get("code") != "already_imported" or not self._may_see(name):
            return None
        return registered.batches_named(self.server.registry, [name]).get(name)

    def _may_see(self, batch: str) -> bool:
        found = registered.batches_named(self.server.registry, [batch]).get(batch)
        return found is not None and self.caller.may(Right.READ, found.organisation)

    def problem(self) -> str:
        """Return why the last job about it was not done; "": it was."""
        if self.job is None or self.job.error is None or self.upload.state == UploadState.COMMITTED:
            return ""
        told = self.job.error
        return translate(told["message"], self.words.language, **told["parameters"])

    def was_cancelled(self) -> bool:
        """Tell whether somebody cancelled the last job about it."""
        return self.job is not None and self.job.state == JobState.CANCELLED

    def members(self) -> list[list[str]]:
        """Return the files of a package: name, what became of it."""
        return [[one["file"], self._member(one)] for one in self.outcome.get("members", [])]

    def _member(self, told: Mapping[str, Any]) -> str:
        if told["result"] == "read":
            message = "{accepted} rows can be taken, {rejected} need mending."
            return self.words.say(message, **self._numbers(told))
        return self.words.refusal(told, self._may_see)

    def issues(self, offset: int) -> list[dict[str, Any]]:
        """Return a part of the issues, in words."""
        source = issues_file(uploads.folder(self.server.settings, self.upload))
        found = uploadissues.part(source, self.words.language, offset=offset)
        for issue in found:
            issue["kind"] = SEVERITIES[issue["severity"]]
        return found

    def issue_count(self) -> int:
        """Return how many issues there are."""
        return sum(self.outcome.get("severities", {}).values())

    def preview(self) -> dict[str, Any]:
        """Return the first rows: header, and per row its cells and what they became."""
        told = self.outcome.get("preview") or {"header": [], "rows": []}
        source = issues_file(uploads.folder(self.server.settings, self.upload))
        reasons = uploadissues.of_rows(source, [row["row"] for row in told["rows"]], self.words.language)
        columns = uploadissues.of_columns(source, self.words.language)
        rows = [
            {
                "row": row["row"],
                "cells": [*row["cells"], *[""] * (len(told["header"]) - len(row["cells"]))],
                "became": [self.words.record(record) for record in row["records"]],
                "reasons": [*reasons.get(row["row"], []), *_of_cells(told["header"], row["cells"], columns)],
            }
            for row in told["rows"]
        ]
        return {"header": told["header"], "rows": rows}

    def overlaps(self) -> list[dict[str, Any]]:
        """Return what meets what is held, in words; of files nobody may see nothing is told."""
        shown = []
        for one in self.outcome.get("overlaps", []):
            is_seen = one["owner"] is not None and self.caller.may(Right.READ, one["owner"])
            rule = one["rule"] if one["rule"] in {"correction", "latest_delivery"} else None
            shown.append(
                {
                    "source": one["source"],
                    "period": self.words.span(one["start"], one["end"]),
                    "count": numbers.decimal(one["count"], self.words.language),
                    "batch": one["batch"] if is_seen else None,
                    "file": one["file"] if is_seen else self.words.say("a file of another organisation"),
                    "by": one["by"] if is_seen else None,
                    "at": self.words.moment(one["at"]) if is_seen else None,
                    "rule": self.words.say(RULES[rule]) if rule else None,
                }
            )
        return shown

    def can_replace(self) -> bool:
        """Tell whether all that is met was handed in for organisations of the reader."""
        if not self.may_act:
            return False
        own = uploads.within(self.server.registry, self.caller.user.login, self.upload.organisation)
        return all(one["organisation"] in own for one in self.outcome.get("overlaps", []))

    def coverage(self) -> list[list[str]]:
        """Return the months in which intervals are missing or estimated."""
        return [
            [
                month["source"],
                month["month"],
                numbers.decimal(month["expected"], self.words.language),
                numbers.decimal(month["measured"], self.words.language),
                numbers.decimal(month["estimated"], self.words.language),
                numbers.decimal(
                    max(0, month["expected"] - month["measured"] - month["estimated"]), self.words.language
                ),
            ]
            for month in self.outcome.get("coverage", [])
        ]

    def formats(self) -> list[dict[str, Any]]:
        """Return the columns whose format can be stated: those that ask for it, those stated, two more."""
        source = issues_file(uploads.folder(self.server.settings, self.upload))
        stated = dict(self.upload.terms.get("formats", {}))
        asked = uploadissues.undeclared(source)
        entries = [
            {
                "column": column,
                "options": [(text, self.words.say(_FORMATS.get(text, text))) for text in options],
                "format": stated.pop(column, ""),
            }
            for column, options in asked.items()
        ]
        entries += [{"column": column, "options": [], "format": text} for column, text in stated.items()]
        entries += [{"column": "", "options": [], "format": ""} for _ in range(_NEW_FORMATS)]
        return [{**entry, "place": place} for place, entry in enumerate(entries)]

    def has_draft(self) -> bool:
        """Tell whether the columns were mapped and the mapping is not saved yet."""
        profile = self.upload.terms.get("profile")
        return profile is not None and profile["name"] == DRAFT

    def gave_way(self) -> list[str]:
        """Return what was taken over and does not count, as other files speak of the same time."""
        return [
            f"{self.words.activity(total['activity'])}: {self.words.quantity(total)}"
            for total in self.outcome.get("replaced", [])
        ]

    def kept(self) -> list[str]:
        """Return the released and closed years whose balance stays as it is."""
        message = "{year} ({organisation}) is {state}: its balance stays as it is until somebody restates it."
        return [
            self.words.say(
                message,
                year=one["year"],
                organisation=named(one["organisation"], self.units) or self.words.say("all"),
                state=self.words.say(one["state"]),
            )
            for one in self.outcome.get("kept", [])
        ]


def _of_cells(header: Sequence[str], cells: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Return what is wrong with whole columns in which a row says something."""
    filled = {title for title, cell in zip(header, cells, strict=False) if cell}
    return [message for title, message in columns.items() if title in filled]


def story(server: Server, caller: Caller, upload: Upload) -> Story:
    """Return what somebody sees of an upload."""
    units = organisations(server.registry)
    zone = zone_of(upload.organisation, units) if upload.organisation in units else None
    words = Words(caller.language, zone or server.settings.zone)
    return Story(server, caller, upload, units, words, registered.newest_about(server.registry, upload.id))
