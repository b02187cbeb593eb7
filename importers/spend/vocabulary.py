"""What the columns of payment lists are called, read from `vocabulary.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bilanz.activity import folded
from importers.columns.headers import Field, Match, anything, match
from importers.tables.money import DOLLAR
from importers.upload.fields import is_layout, transliterated
from importers.upload.quantities import currency

AMOUNTS: Final = ("amount_net", "amount", "amount_gross")
"""Fields of amounts; the first one a file has is read."""


CONTRACT: Final = "contract"
"""Attribute a contract's number is kept under, as electronic invoices keep theirs."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a payment list.

    Attributes:
        match: its fields.
        kept: attribute → positions of the columns whose texts are kept under its name.
        contracts: positions of all columns that bear a name of a contract's number; kept only if it is one.
        publisher: whose layout it is, where amounts are known to be in pounds sterling; else None.
        is_measured: some column measures something: the amounts belong to quantities.
    """

    match: Match
    kept: Mapping[str, tuple[int, ...]]
    contracts: tuple[int, ...]
    publisher: str | None
    is_measured: bool

    @property
    def amount(self) -> str | None:
        """The field of the amounts that are read; None: there are none."""
        return next((name for name in AMOUNTS if name in self.match.positions), None)

    @property
    def is_list(self) -> bool:
        """Whether rows say when something was paid, how much, to whom or what for."""
        has = set(self.match.positions) | set(self.kept)
        told = has & {"document", "account", "cost_code", "capital", "category", "department", "note"}
        is_paid = "supplier" in has or {"document", "account"} <= has
        return (
            self.amount is not None and "date" in has and is_paid and bool(told - {"note"} or len(told) > 1)
        )


@cache
def vocabulary() -> Mapping[str, Any]:
    """Return the tables of the file."""
    with (Path(__file__).parent / "vocabulary.toml").open("rb") as stream:
        return tomllib.load(stream)


def read_header(header: Sequence[str]) -> Header:
    """Hold a header against the vocabulary."""
    found = match(header, _fields())
    taken = set(found.positions.values())
    names = {squashed(text): place for place, text in reversed(list(enumerate(header))) if text}
    kept = {
        attribute: tuple(sorted({names[one] for one in spellings & set(names) if names[one] not in taken}))
        for attribute, spellings in _kept().items()
    }
    contracts = [place for place, text in enumerate(header) if text and squashed(text) in _kept()[CONTRACT]]
    kept[CONTRACT] = tuple(contracts) if len(contracts) == 1 else ()
    columns = frozenset(squashed(text) for text in header if text)
    return Header(
        match=found,
        kept={attribute: places for attribute, places in kept.items() if places},
        contracts=tuple(contracts),
        publisher=_publishers().get(columns),
        is_measured=any(_measures(text) for text in header),
    )


def squashed(text: str) -> str:
    """Return a header without case, accents, punctuation and blanks: `Net Amount` and `NetAmount` are one."""
    return folded(text).replace(" ", "")


@cache
def words() -> Mapping[str, str]:
    """Return folded word of the column capital or revenue → activity."""
    return {word: activity for activity, names in vocabulary()["words"].items() for word in names}


@cache
def _fields() -> tuple[Field, ...]:
    takes = {"date": is_layout} | dict.fromkeys(AMOUNTS, _is_money)
    return tuple(
        Field(name, _spelt(names), takes=takes.get(name, anything), is_measure=name in AMOUNTS)
        for name, names in vocabulary()["fields"].items()
    )


def _is_money(addition: str) -> bool:
    """Return whether an addition to a header is a currency, be it one that has to be declared (`$`)."""
    return addition == DOLLAR or currency(addition) is not None


def _spelt(names: Sequence[str]) -> tuple[str, ...]:
    ways = [way for name in names for way in (name, squashed(name), transliterated(name))]
    return tuple(dict.fromkeys(ways))


@cache
def _kept() -> Mapping[str, set[str]]:
    return {
        attribute: {squashed(way) for name in names for way in (name, transliterated(name))}
        for attribute, names in vocabulary()["kept"].items()
    }


@cache
def _publishers() -> Mapping[frozenset[str], str]:
    return {
        frozenset(squashed(text) for text in entry["columns"]): entry["publisher"]
        for entry in vocabulary()["pounds"]
    }


@cache
def _measures(text: str) -> bool:
    names = {squashed(name) for name in vocabulary()["measured"]["names"]}
    inside = text.replace("[", "(").replace("]", ")").rpartition("(")[2].removesuffix(")")
    return squashed(text) in names or squashed(inside) in names
