"""Which line of the publication is which activity: `data/desnz/map.csv`, read as a look-up.

A line that is not there, or has no activity there, is catalogued under the publisher's own name and never
matched by itself. A row that names a unit holds for that unit and precedes the row without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from factors import table

COLUMNS: Final = ("category", "item", "unit", "activity", "name", "region", "delivery", "note")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a line stands for; every part may be absent.

    Attributes:
        name: what identifiers call it where that is not the activity: they stay when the vocabulary grows.
        region: where the line holds, if not in the United Kingdom.
        note: what it stands in for, or leaves out.
    """

    activity: str | None = None
    name: str | None = None
    region: str | None = None
    delivery: str | None = None
    note: str | None = None


UNKNOWN: Final = Meaning()


def meaning(category: str, item: str, unit: str) -> Meaning | None:
    """Return what a line stands for, None where the map does not name it. Case does not count."""
    place = category.casefold(), item.casefold()
    return meanings().get((*place, unit.casefold())) or meanings().get((*place, ""))


@cache
def meanings() -> Mapping[tuple[str, str, str], Meaning]:
    """Return (category, item, unit or "") → meaning.

    Raises:
        CatalogueError: the map is not what it must be, or names a line twice.
    """
    path = table.DATA / "desnz" / "map.csv"
    rows = table.frame(table.shipped(path, required=COLUMNS))
    found: dict[tuple[str, str, str], Meaning] = {}
    for row in rows.iter_rows(named=True):
        key = (row["category"].casefold(), row["item"].casefold(), (row["unit"] or "").casefold())
        if key in found:
            table.refuse(row, "item", "The line is there twice.")
        found[key] = Meaning(row["activity"], row["name"], row["region"], row["delivery"], row["note"])
    return found
