"""Rows of master data by their key, and those alike in a column without looking at all of them."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from bilanz.masterrow import MasterRow

Rows = Mapping[str, Mapping[tuple[Any, ...], MasterRow]]
"""Table → key → row: what is registered and what was read so far."""

_Row = TypeVar("_Row", bound=MasterRow)

GROUPED: Final[Mapping[str, str]] = {
    "terms": "source",
    "fund_projects": "factor_series",
    "fund_flows": "project",
    "fund_claims": "project",
    "fund_rates": "set",
    "fund_factors": "series",
}
"""Table → the column by which rules look for rows."""


class Grouped(dict[tuple[Any, ...], MasterRow]):
    """Rows by key that also are found by what they hold in a column."""

    def __init__(self, column: str, rows: Mapping[tuple[Any, ...], MasterRow]) -> None:
        super().__init__()
        self._column = column
        self._alike: dict[Any, dict[tuple[Any, ...], MasterRow]] = {}
        for key, row in rows.items():
            self[key] = row

    def __setitem__(self, key: tuple[Any, ...], row: MasterRow) -> None:
        if key in self:
            del self._alike[getattr(self[key], self._column)][key]
        super().__setitem__(key, row)
        self._alike.setdefault(getattr(row, self._column), {})[key] = row

    def alike(self, value: object) -> list[MasterRow]:
        """Return the rows that hold a value in the column."""
        return list(self._alike.get(value, {}).values())


def alike(rows: Rows, table: str, kind: type[_Row], value: object) -> list[_Row]:
    """Return the rows of a table of `GROUPED` that hold a value in its column."""
    held = rows[table]
    if isinstance(held, Grouped):
        found = held.alike(value)
    else:
        found = [row for row in held.values() if getattr(row, GROUPED[table]) == value]
    return [row for row in found if isinstance(row, kind)]
