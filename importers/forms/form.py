"""What a form is, read from its declaration.

A declaration states

    importer, rule       which importer claims it, and which rule of `importers.forms.rules` reads its rows
    period               year: the column `year` is a calendar year; stated: `start` and `end`, the last day
                         included; day: `start` alone where `end` is empty
    de, en               title and one sentence per language
    given                field of the upload → text that holds for every row
    kept                 own field → name under which its text is kept in the attributes of the record
    is_territory         figures of a territory, not of an administration
    is_master            a table of master data, which another command imports
    unclassified         field no activity is known for: the given activity only says what the unit may be,
                         the records keep none
    is_whole             rows mean something together only: no file of rejected rows is made of some of them
    either               fields of which one column at least must be there
    columns              in the order of the template
    words                own closed vocabularies
    examples             rows of the template, by language, that are ignored on import
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bilanz import units
from bilanz.activity import folded
from bilanz.messages import Language
from importers.columns.headers import Field, anything
from importers.upload.fields import is_layout, is_unit, transliterated
from importers.upload.vocabulary import VOCABULARIES, Word

FOLDER: Final = Path(__file__).parent
SHARED: Final = FOLDER / "shared" / "words.toml"
NOTE: Final = "note"
OWN: Final = "column of the form: "
"""Before the code of a field where headers are matched, since a code is a spelling there."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same in both languages."""

    de: str
    en: str

    def shown(self, language: Language) -> str:
        """Return the text in a language."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a form.

    Attributes:
        field: of the upload (`importers.upload.fields`), or one the rule of the form knows.
        title: header the template writes.
        aliases: further headers that are read.
        meaning: one sentence for the template and the documents.
        kind: text, number, measure (a number whose header may state any unit), date.
        unit: the template writes it behind the header; behind a plain number no other is read.
        words: name of a closed vocabulary, of the form or of the upload; "" where there is none.
        is_needed: without the column the file is not this form.
        is_filled: the template marks it as needed in every row.
        is_personal: the column is never read.
    """

    field: str
    title: Text
    meaning: Text
    aliases: tuple[str, ...] = ()
    kind: str = "text"
    unit: str = ""
    words: str = ""
    is_needed: bool = False
    is_filled: bool = False
    is_personal: bool = False

    def declared(self) -> Field:
        """Return the column as `headers.match` takes it."""
        names = (self.title.de, self.title.en, *self.aliases)
        spellings = tuple(dict.fromkeys([*names, *map(transliterated, names)]))
        takes = {"measure": is_unit, "date": is_layout, "number": self.is_own_unit}.get(self.kind, anything)
        shown = f"{self.title.de} / {self.title.en}"
        # only the headers of the form are read, no codes: `start` and `quantity` belong to the upload
        return Field(OWN + self.field, spellings, self.is_needed, takes, self.kind == "measure", shown)

    def header(self, language: Language) -> str:
        """Return the header the template writes."""
        return self.title.shown(language) + (f" [{self.unit}]" if self.unit else "")

    def is_own_unit(self, addition: str) -> bool:
        """Return whether an addition to the header of a plain number is the unit the form declares."""
        if addition.strip().casefold() == self.unit.casefold():
            return True
        found, own = units.find(addition), units.find(self.unit)
        return found is not None and own is not None and found.unit == own.unit

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers."""
        return self.kind in {"number", "measure"}


@dataclass(frozen=True, slots=True)
class Form:
    """One form; see the module."""

    code: str
    importer: str
    rule: str
    period: str
    title: Text
    sentence: Text
    columns: tuple[FormColumn, ...]
    given: Mapping[str, str]
    kept: Mapping[str, str]
    words: Mapping[str, tuple[Word, ...]]
    examples: Mapping[Language, tuple[Mapping[str, str], ...]]
    is_territory: bool = False
    is_master: bool = False
    unclassified: str = ""
    is_whole: bool = False
    either: tuple[str, ...] = ()

    def fields(self) -> tuple[Field, ...]:
        """Return the columns as `headers.match` takes them."""
        return _declared(self.columns)

    def column(self, field: str) -> FormColumn | None:
        """Return the column of a field, or None."""
        return next((column for column in self.columns if column.field == field), None)

    def vocabulary(self, name: str) -> tuple[Word, ...]:
        """Return a closed vocabulary of the form or of the upload."""
        return self.words.get(name) or VOCABULARIES[name]

    def word(self, name: str, text: str) -> str | None:
        """Return the code a text means in a vocabulary, or None."""
        wanted = folded(text)
        for word in self.vocabulary(name):
            spellings = (word.code, word.en, word.de, *word.also)
            if wanted in {folded(way) for it in spellings for way in (it, transliterated(it))}:
                return str(word.code)
        return None


@cache
def _declared(columns: tuple[FormColumn, ...]) -> tuple[Field, ...]:
    return tuple(column.declared() for column in columns)


@cache
def forms() -> Mapping[str, Form]:
    """Return code → form, in alphabetical order of the declarations."""
    return {path.stem: _form(path) for path in sorted(FOLDER.glob("*.toml"))}


def _form(path: Path) -> Form:
    with path.open("rb") as stream:
        table = tomllib.load(stream)
    return Form(
        code=path.stem,
        importer=table["importer"],
        rule=table.get("rule", "plain"),
        period=table.get("period", "stated"),
        title=Text(table["de"], table["en"]),
        sentence=Text(table["sentence"]["de"], table["sentence"]["en"]),
        columns=tuple(_column(entry) for entry in table["column"]),
        given=table.get("given", {}),
        kept=table.get("kept", {}),
        words={**_shared(), **_words(table.get("words", {}))},
        examples={"de": tuple(table["example"]["de"]), "en": tuple(table["example"]["en"])},
        is_territory=table.get("is_territory", False),
        is_master=table.get("is_master", False),
        unclassified=table.get("unclassified", ""),
        is_whole=table.get("is_whole", False),
        either=tuple(table.get("either", ())),
    )


@cache
def _shared() -> dict[str, tuple[Word, ...]]:
    with SHARED.open("rb") as stream:
        return _words(tomllib.load(stream))


def _words(table: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Word, ...]]:
    return {
        name: tuple(Word(code, it["en"], it["de"], tuple(it.get("also", ()))) for code, it in one.items())
        for name, one in table.items()
    }


def _column(entry: Mapping[str, Any]) -> FormColumn:
    return FormColumn(
        field=entry["field"],
        title=Text(entry["de"], entry["en"]),
        meaning=Text(entry["meaning"]["de"], entry["meaning"]["en"]),
        aliases=tuple(entry.get("aliases", ())),
        kind=entry.get("kind", "text"),
        unit=entry.get("unit", ""),
        words=entry.get("words", ""),
        is_needed=entry.get("needed", False),
        is_filled=entry.get("filled", entry.get("needed", False)),
        is_personal=entry.get("personal", False),
    )
