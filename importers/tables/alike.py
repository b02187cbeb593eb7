"""Columns of quantities of one table are written alike: what decides one decides all.

`1.250` alone is 1250 or 1.25. Beside a column with `12,5` it can only be 1250: the same program or person
wrote both. Columns that prove different signs prove nothing for a third.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from bilanz.issues import Issue
from importers.columns import numbers
from importers.columns.declared import format_of
from importers.upload.table import Table

Format = numbers.NumberFormat | numbers.Ambiguous


def formats(table: Table, places: Sequence[int], declared: Mapping[str, str]) -> dict[int, Format]:
    """Return the number format of columns, those that decide nothing by themselves read as the others are.

    Args:
        table: of the file.
        places: positions of the columns.
        declared: column header → declared format.
    """
    counts = {place: _counts(table, place) for place in places}
    stated = {place: format_of(declared.get(table.header[place])) for place in places}
    found = {place: numbers.decide(count, stated[place]) for place, count in counts.items()}
    proved = {
        fmt.decimal: fmt
        for place, fmt in found.items()
        if isinstance(fmt, numbers.NumberFormat) and (counts[place]["comma"] or counts[place]["point"])
    }
    if len(proved) != 1:
        return found
    (fmt,) = proved.values()
    alike = numbers.parse_declared(fmt.label)
    for place, count in counts.items():
        is_silent = not count["comma"] and not count["point"]
        if isinstance(found[place], numbers.Ambiguous) and is_silent and alike is not None:
            found[place] = alike
    return found


def declared_alike(
    table: Table, places: Sequence[int], declared: Mapping[str, str]
) -> tuple[dict[str, str], list[Issue]]:
    """Return header → format of the columns that other columns decide, and what to say of them."""
    adopted: dict[str, str] = {}
    issues = []
    for place, fmt in formats(table, places, declared).items():
        title = table.header[place]
        own = numbers.decide(_counts(table, place), format_of(declared.get(title)))
        if isinstance(own, numbers.Ambiguous) and isinstance(fmt, numbers.NumberFormat):
            adopted[title] = fmt.label
            issues.append(Issue("format_of_table", None, title, fmt.label))
    return adopted, issues


def values(table: Table, place: int, fmt: Format) -> pl.Series | None:
    """Return the numbers of a column, null where a cell is none; None: its format is not decided."""
    text = pl.col(str(place))
    if isinstance(fmt, numbers.Ambiguous):
        return None
    own = table.frame.select(numbers.to_decimal(text, fmt).alias("x"))["x"]
    if table.typed is None:
        return own
    cell = table.frame.select(numbers.to_decimal(text, numbers.NumberFormat(".")).alias("x"))["x"]
    both = pl.DataFrame({"own": own, "cell": cell, "typed": table.typed[str(place)]})
    return both.select(pl.when("typed").then("cell").otherwise("own").alias("x"))["x"]


def _counts(table: Table, place: int) -> dict[str, int]:
    text = pl.col(str(place))
    frame = table.frame
    if table.typed is not None:
        frame = frame.filter(~table.typed[str(place)])
    counts: dict[str, int] = frame.select(numbers.survey(text).alias("s")).item()
    return counts
