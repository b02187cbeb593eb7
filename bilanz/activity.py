"""The closed vocabulary of activities, read from `activities.toml`."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from bilanz.errors import UnknownName
from bilanz.messages import Language


@dataclass(frozen=True, slots=True)
class Activity:
    """What an organisation uses, burns, buys or lets others do.

    Attributes:
        dimensions: what may be measured (see `bilanz.units.dimension`).
        needs_basis: an energy quantity needs a calorific basis (Hi or Hs).
        carrier: BISKO energy carrier, or None.
        parent: the wider activity whose factor may stand in, graded.
        scope: default scope of consumption under own control: "1", "2", "3" or "none".
        category: line of that scope.
        is_fleet: fuel or electricity of vehicles.
        biofuel: of fuel as it leaves the pump: the activity of its bio part; `parent` is its fossil part.
    """

    code: str
    de: str
    en: str
    aliases: tuple[str, ...]
    dimensions: tuple[str, ...]
    scope: str
    category: str
    needs_basis: bool = False
    carrier: str | None = None
    parent: str | None = None
    is_fleet: bool = False
    biofuel: str | None = None

    def name(self, language: Language) -> str:
        """Return the name in a language."""
        return self.de if language == "de" else self.en


def folded(name: str) -> str:
    """Return a name without case, accents and punctuation: `Super E 10` and `SUPER-E10` stay apart."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", letters.casefold()))


@cache
def activities() -> dict[str, Activity]:
    """Return code → activity, in the order of the file."""
    with (Path(__file__).parent / "activities.toml").open("rb") as stream:
        table = tomllib.load(stream)
    return {
        code: Activity(
            code=code,
            de=entry["de"],
            en=entry["en"],
            aliases=tuple(entry.get("aliases", ())),
            dimensions=tuple(entry["dimensions"]),
            scope=entry["scope"],
            category=entry["category"],
            needs_basis=entry.get("basis", False),
            carrier=entry.get("carrier"),
            parent=entry.get("parent"),
            is_fleet=entry.get("fleet", False),
            biofuel=entry.get("biofuel"),
        )
        for code, entry in table.items()
    }


@cache
def _spellings() -> dict[str, str]:
    """Return folded spelling → code. A spelling claimed twice is a defect of the file."""
    spellings: dict[str, str] = {}
    for activity in activities().values():
        for name in {activity.code, activity.de, activity.en, *activity.aliases}:
            if spellings.setdefault(folded(name), activity.code) != activity.code:
                raise UnknownName('The name "{name}" belongs to two activities.', name=name)
    return spellings


def find(name: str) -> str | None:
    """Return the code of an activity by code, name or alias (whole names only), or None."""
    return _spellings().get(folded(name))


def near(name: str, count: int = 3) -> list[str]:
    """Return spellings close to a name that was not found."""
    return get_close_matches(folded(name), _spellings(), n=count, cutoff=0.6)


def activity(code: str) -> Activity:
    """Return an activity by its code.

    Raises:
        UnknownName: there is no such code.
    """
    try:
        return activities()[code]
    except KeyError:
        message = 'The activity "{name}" is not known. Similar: {near}.'
        raise UnknownName(message, name=code, near=", ".join(near(code)) or "–") from None
