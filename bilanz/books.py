"""Books: the ways to account, each declared in one TOML file of `factors/books`.

A book says which factor sources count in which order, which part of the chain is wanted, how far back and how
wide a value may be taken, and what stays outside. The engine knows no book by name.
"""

import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bilanz.activity import activities
from bilanz.errors import CatalogueError, UnknownName
from bilanz.factor import Chain, Grade, Method
from bilanz.messages import Language

CUSTOM = "custom"
"""Source name in a book for imported factors of our own (evidence `custom`)."""

SERIES = "series"
"""Source name in a book for imported series: a value for every hour (see `bilanz.intensity`)."""

REST = "*"
"""In an exclusion: every activity that stands in no family of the book."""


_LATER: Final = ("counted", "beside")
_SILENT: Final = {"disclosures"}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Model):
    """One sentence in German and English."""

    de: str
    en: str

    def of(self, language: Language) -> str:
        """Return the sentence in a language."""
        return self.de if language == "de" else self.en


class SourceRule(_Model):
    """One factor source a family may use.

    Attributes:
        source: folder below `factors/data`, or a kind of instrument (`bilanz.instrument`), or `custom`.
        grade: what a hit in this source is worth in this book at best.
        chain: part of the chain taken from this source; None: as the family wants.
        factor: only statements whose identifier starts so.
        regions: regions declared as stand-ins beyond the region of the activity; always graded `proxy`.
        only: activities the source speaks for; empty: all of the family.
        without: countries the source never stands in for, since they have sources of their own.
        code: entry written to the assumptions whenever the source is used; None: none.
        is_universal: what it states holds everywhere (a definition, no regional mean): no downgrade.
    """

    source: str
    grade: Grade = Grade.EXACT
    chain: Chain | None = None
    factor: str | None = None
    regions: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    code: str | None = None
    is_universal: bool = False


class Family(_Model):
    """Activities that share one order of sources.

    Attributes:
        chain: `direct` (scope 1 and 2; upstream parts go to 3.3) or `total` (one figure with upstream).
        older: how many years older than the activity a value may be; never newer.
        is_physical: a carbon content does not age: an older value keeps its grade.
        earlier: how many years before its validity begins a published carbon content may serve; never an
            upstream part, an instrument or an own factor. Physical families only, and always listed.
        parent: whether the factor of the wider activity may stand in (graded `parent`).
        upstream: sources of the upstream part where `chain` is `direct`.
        gases: sources of CH4 and N2O where the factor that won holds CO2 only; added as lines of their own.
        losses: sources of what is emitted for grid losses, per unit consumed. Added only beside a factor per
            unit generated of the same source, never beside one per unit consumed.
        custom_makes: what an own factor in this family makes of the verdict; None: nothing.
    """

    name: str
    activities: tuple[str, ...]
    chain: Literal["direct", "total"]
    sources: tuple[SourceRule, ...]
    older: int = Field(default=0, ge=0)
    is_physical: bool = False
    earlier: int = Field(default=0, ge=0)
    parent: bool = True
    upstream: tuple[SourceRule, ...] = ()
    gases: tuple[SourceRule, ...] = ()
    losses: tuple[SourceRule, ...] = ()
    custom_makes: Literal["not_conform"] | None = None

    @model_validator(mode="after")
    def _only_physical(self) -> "Family":
        """What is no property of a substance (a mix, a price, a service) never counts before it is valid."""
        if self.earlier and not self.is_physical:
            message = f"{self.name}: `earlier` needs `is_physical`"
            raise ValueError(message)
        return self


class HeatRule(_Model):
    """How a book wants the emissions of combined heat and power shared.

    Attributes:
        method: the allocation the book prescribes.
        return_kelvin: return temperature the book fixes for allocation by exergy.
        source: where the book's method says so.
    """

    method: Method
    return_kelvin: int = Field(gt=0)
    source: str


class Exclusion(_Model):
    """Activities a book leaves out (`*`: all others), and why. Their quantities are memo, in no total."""

    activities: tuple[str, ...]
    reason: Text


class Book(_Model):
    """One way to account.

    Attributes:
        gwp: the set of global warming potentials unless the run names another.
        verdict: `conform`, `not_conform` or `unknown`, with the reasons.
        label: what the balance is called on an agency's own data.
        wider: regions tried after region and country, each only for its members (`EU27`) or all (`World`).
        unstated_basis: calorific basis a factor is read with where the publication does not state one.
        is_fleet_memo: fuels of vehicles are shown, in no total.
        tenant: `scope3` (line 3.13) or `memo`.
        uncontrolled: `scope3` (lines 3.8 and 3.13) or `own` (as if under own control).
        refused_methods: a heat factor allocated so never counts.
        heat: the allocation the book prescribes; None: it leaves the choice.
        is_supplementary: calculated only where it is asked for, shown apart, never the headline.
        counted: scopes and categories that make up the total ("1", "2", "3.6"); empty: scopes 1 to 3. What
            else has a factor is memo, under its category.
        beside: the book of the same boundary by the other electricity rule; asked for together, always.
        disclosures: what has to be stated beside the numbers (`bilanz.inventory`); changes no number.
    """

    id: str
    name: Text
    label: Text
    gwp: str
    verdict: Literal["conform", "not_conform", "unknown"]
    reasons: tuple[Text, ...]
    wider: tuple[str, ...] = ()
    unstated_basis: Literal["Hi", "Hs"] = "Hi"
    is_fleet_memo: bool = False
    tenant: Literal["scope3", "memo"] = "scope3"
    uncontrolled: Literal["scope3", "own"] = "scope3"
    refused_methods: tuple[Method, ...] = ()
    heat: HeatRule | None = None
    is_supplementary: bool = False
    counted: tuple[str, ...] = ()
    beside: str | None = None
    disclosures: tuple[str, ...] = ()
    families: tuple[Family, ...] = Field(alias="family")
    exclusions: tuple[Exclusion, ...] = Field(alias="exclude", default=())

    @model_validator(mode="after")
    def _once(self) -> "Book":
        """Every activity is known and stands in at most one family or exclusion."""
        named = [code for family in self.families for code in family.activities]
        named += [code for exclusion in self.exclusions for code in exclusion.activities]
        unknown = sorted(set(named) - set(activities()) - {REST})
        twice = sorted({code for code in named if named.count(code) > 1})
        if unknown or twice:
            message = f"unknown activities {unknown}, named twice {twice}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _hourly_or_not(self) -> "Book":
        """A book matches by the hour throughout or not at all."""
        rules = [rule for family in self.families for rule in (*family.sources, *family.upstream)]
        if self.is_hourly and not all(rule.source == SERIES for rule in rules):
            message = f"{self.id}: `{SERIES}` stands beside other sources"
            raise ValueError(message)
        return self

    @property
    def is_hourly(self) -> bool:
        """Whether readings are matched by the hour with an imported series."""
        return any(rule.source == SERIES for family in self.families for rule in family.sources)

    @cached_property
    def _family_of(self) -> dict[str, Family]:
        return {code: family for family in self.families for code in family.activities}

    @property
    def is_corporate(self) -> bool:
        """Whether its scopes are those of the GHG Protocol, whole: what other standards map from."""
        return (
            not (self.is_fleet_memo or self.is_supplementary or self.counted)
            and self.uncontrolled == "scope3"
        )

    def counts(self, scope: str, category: str) -> bool:
        """Tell whether a line of scopes 1 to 3 is inside the boundary of the book."""
        return not self.counted or scope in self.counted or category in self.counted

    def family(self, activity: str) -> Family | None:
        """Return the family of an activity, or None: the book has no source for it."""
        return self._family_of.get(activity)

    def exclusion(self, activity: str) -> Exclusion | None:
        """Return why an activity is left out, or None."""
        wanted = {activity} if self.family(activity) else {activity, REST}
        return next((entry for entry in self.exclusions if wanted & set(entry.activities)), None)


def read(path: Path) -> Book:
    """Read one book.

    Raises:
        CatalogueError: the file is not a book.
    """
    try:
        return Book.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError("{file} is not a book: {reason}", file=path.name, reason=str(error)) from error


def read_all(folder: Path) -> dict[str, Book]:
    """Return identifier → book for every TOML file of a folder, in the order of the names."""
    books = [read(path) for path in sorted(folder.glob("*.toml"))]
    return {book.id: book for book in books}


def chosen(books: dict[str, Book], names: tuple[str, ...]) -> tuple[Book, ...]:
    """Return the books asked for, in that order, each followed by the one that always stands beside it.

    Where none is named: all but the supplementary ones.

    A supplementary book comes last wherever it is named: the first book is what a reader sees first.

    Raises:
        UnknownName: there is no such book.
    """
    for name in names:
        if name not in books:
            message = 'The book "{name}" is not known. There are: {near}.'
            raise UnknownName(message, name=name, near=", ".join(books))
    if not names:
        return tuple(book for book in books.values() if not book.is_supplementary)
    both = [(name, books[name].beside) for name in names]
    wanted = dict.fromkeys(name for pair in both for name in pair if name is not None)
    return tuple(sorted((books[name] for name in wanted), key=lambda book: book.is_supplementary))


def digest(books: tuple[Book, ...]) -> str:
    """Return the sha256 of books as they were used, whatever the layout of their files.

    A rule that came later and that a book does not use is left out: the hash of the book stays what it was.
    So is what changes no number.
    """
    text = "\n".join(
        book.model_dump_json(
            by_alias=True, exclude=_SILENT | {name for name in _LATER if not getattr(book, name)}
        )
        for book in sorted(books, key=lambda book: book.id)
    )
    return hashlib.sha256(text.encode()).hexdigest()
