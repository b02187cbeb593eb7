"""The mapping assistant: asks what each column of an unknown file is, and makes a profile of the answers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from bilanz import activity, units
from bilanz.app.intake.mapdraft import Draft, Suggestion, described, draft, field_names, find_field
from bilanz.app.intake.profiles import save
from bilanz.app.intake.words import summary_lines
from bilanz.app.settings import Settings
from bilanz.app.upload.mapping import Answers, profile_of
from bilanz.messages import Language, translate
from importers.profiles.profile import MappingProfile, Values

_LEFT_OUT: Final = "-"
_HELP: Final = "?"
_FORMATS: Final = frozenset({"ambiguous_number", "ambiguous_date"})

Checked = Callable[[MappingProfile], dict[str, Any]]
"""Reads a file by a profile, stores nothing, returns the JSON of the summary."""


class Assistant:
    """Asks on the terminal, one question a line; an empty answer takes what is suggested."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.language: Language = settings.lang
        self.draft: Draft = draft(path)
        self.kind = "table"
        self.columns: dict[str, str] = {}
        self.values: list[Values] = []
        self.formats: dict[str, str] = {}

    def say(self, template: str, **parameters: object) -> None:
        """Print a sentence; on standard error, where questions belong."""
        typer.echo(translate(template, self.language, **parameters), err=True)

    def ask(self, template: str, default: str = "", **parameters: object) -> str:
        """Ask and return the answer, trimmed."""
        question = translate(template, self.language, **parameters)
        answer: str = typer.prompt(question, default=default, show_default=bool(default), err=True)
        return answer.strip()

    def profile(self) -> MappingProfile:
        """Ask everything and return the profile, still without its name."""
        self._choose_kind()
        listed = self.draft.columns
        self.say(
            "{count} columns. For each: Enter takes the suggestion, - leaves it out, ? lists the fields.",
            count=len(listed),
        )
        for place, column in enumerate(listed, start=1):
            self._column(column, place, len(listed))
        return self._made()

    def _choose_kind(self) -> None:
        suggested = "2" if self.draft.is_interval else "1"
        self.say("{file}: what does a row state?", file=self.draft.file)
        self.say("  1  a period of its own (a bill, a year, a delivery, a payment)")
        self.say("  2  the value of an interval (quarter hours, hours)")
        answer = ""
        while answer not in {"1", "2"}:
            answer = self.ask("1 or 2", suggested)
        self.kind = "table" if answer == "1" else "interval"

    def _column(self, column: Suggestion, place: int, count: int) -> None:
        examples = " | ".join(column.examples) or "–"
        self.say(
            '[{place}/{count}] "{title}", for example: {examples}',
            place=place,
            count=count,
            title=column.title,
            examples=examples,
        )
        suggested = described(column, self.kind, self.language)
        while True:
            answer = self.ask("  What is it?", suggested or _LEFT_OUT)
            if answer == _HELP:
                self.say("  {fields}", fields=", ".join(field_names(self.kind, self.language).values()))
                continue
            if answer == _LEFT_OUT:
                return
            name = column.field if answer == suggested else find_field(answer, self.kind)
            if name is not None and self._take(name, column):
                return
            if name is None:
                self.say('  "{answer}" is none of the fields (? lists them).', answer=answer)

    def _take(self, name: str, column: Suggestion) -> bool:
        """Give a column its field; False: the field has a column already."""
        if name in {"quantity", "value"}:
            self.values.append(self._values(column))
            return True
        if name in self.columns:
            self.say('  "{taken}" is that already; leave one of the two out.', taken=self.columns[name])
            return False
        self.columns[name] = column.title
        return True

    def _values(self, column: Suggestion) -> Values:
        """Ask what the quantities of a column are."""
        code = None if "activity" in self.columns else self._activity(column)
        unit = None if "unit" in self.columns else self._unit(column)
        needs = code is not None and activity.activity(code).needs_basis and unit is not None
        basis = column.basis
        if needs and unit is not None and units.dimension(unit) == "energy":
            basis = self._one_of("  Calorific basis (Hi or Hs)", ("Hi", "Hs"), column.basis or "")
        return Values.model_validate(
            {"column": column.title, "activity": code, "unit": unit, "basis": basis or None}
        )

    def _activity(self, column: Suggestion) -> str | None:
        suggested = activity.activity(column.activity).name(self.language) if column.activity else ""
        while True:
            answer = self.ask("  Of what (activity; - where a column says it)", suggested or _LEFT_OUT)
            if answer == _LEFT_OUT:
                return None
            if (code := activity.find(answer)) is not None:
                return code
            near = ", ".join(activity.near(answer)) or "–"
            self.say('  "{answer}" is not known. Similar: {near}.', answer=answer, near=near)

    def _unit(self, column: Suggestion) -> str | None:
        while True:
            answer = self.ask("  In which unit (- where a column says it)", column.unit or _LEFT_OUT)
            if answer == _LEFT_OUT:
                return None
            if (spelling := units.find(answer)) is not None:
                return spelling.unit
            near = ", ".join(units.near(answer)) or "–"
            self.say('  "{answer}" is not known. Similar: {near}.', answer=answer, near=near)

    def _one_of(self, template: str, known: Sequence[str], default: str) -> str:
        while True:
            answer = self.ask(template, default or _LEFT_OUT)
            if answer == _LEFT_OUT:
                return ""
            if answer in known:
                return answer

    def _made(self) -> MappingProfile:
        stamp, quality = None, ""
        if self.kind == "interval" and "begin" not in self.columns and "end" not in self.columns:
            question = "Is the time the begin or the end of the interval? (begin, end)"
            stamp = self._one_of(question, ("begin", "end"), "") or None
        if self.kind == "table" and "quality" not in self.columns:
            question = "How did the quantities come about? (measured, billed, estimated)"
            quality = self._one_of(question, ("measured", "billed", "estimated"), "billed")
        negative = self.ask(
            "What does a minus sign mean? (refused: nothing; credit: money back; reversed: signs are turned)",
            "refused",
        )
        return profile_of(self.draft, Answers(self.kind, self.columns, self.values, quality, stamp, negative))

    def declare(self, profile: MappingProfile, issues: Sequence[dict[str, object]]) -> MappingProfile | None:
        """Ask for the formats nothing in the file decides; None: there are none."""
        open_ = [issue for issue in issues if issue["code"] in _FORMATS and issue["column"]]
        if not open_:
            return None
        formats = dict(profile.formats)
        for issue in open_:
            self.say("  {message}", message=issue["message"])
            formats[str(issue["column"])] = self.ask('  Format of "{column}"', column=issue["column"])
        return profile.model_copy(update={"formats": formats})

    def name(self, profile: MappingProfile) -> MappingProfile:
        """Ask for title and name."""
        title = self.ask("What is this layout called (sender and kind of list)?", self.draft.file)
        suggested = "-".join(activity.folded(title).split())[:60] or "profile"
        while True:
            name = self.ask("Name of the profile", suggested)
            if name and name == "-".join(activity.folded(name).split("-")).replace(" ", "-"):
                return MappingProfile.model_validate({**profile.model_dump(), "name": name, "title": title})
            self.say("  Lower-case letters, digits and - only.")


def mapped(path: Path, settings: Settings, checked: Checked) -> MappingProfile:
    """Guide through the columns of a file, show what comes of it, and save the profile.

    Args:
        path: the file.
        settings: where profiles are saved; the language of the questions.
        checked: see `Checked`.

    Raises:
        FileRefused: no table can be seen in the file.
        Refused: there is a profile of the name, or for the header, already.
    """
    assistant = Assistant(path, settings)
    profile = assistant.profile()
    while True:
        summary = checked(profile)
        declared = assistant.declare(profile, summary["issues"])
        if declared is None:
            break
        profile = declared
    for line in summary_lines(summary, settings.lang):
        typer.echo(line, err=True)
    named = assistant.name(profile)
    save(settings, named)
    assistant.say("The mapping profile {name} was saved.", name=named.name)
    return named
