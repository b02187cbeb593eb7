"""Several columns with the actual amounts of one year: one counts, and the others must say the same."""

from collections.abc import Mapping, Sequence

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.budget.vocabulary import Amounts
from importers.tables.alike import Format, formats, values
from importers.upload.findings import Findings
from importers.upload.quantities import currency, money_factor, whole_currency
from importers.upload.table import Table


def one_per_year(
    table: Table, actual: Sequence[Amounts], declared: Mapping[str, str], findings: Findings
) -> list[Amounts]:
    """Return one column per year, the finest in its unit and the earliest; the others are said.

    Raises:
        FileRefused: `amounts_contradict`, two columns of one year state different amounts.
    """
    years: dict[str, list[Amounts]] = {}
    for one in sorted(actual, key=lambda it: (_factor(it), it.place)):
        years.setdefault(one.year, []).append(one)
    if len(years) == len(actual):
        return list(actual)
    written = formats(table, [one.place for one in actual], declared)
    for first, *others in years.values():
        for other in others:
            title = table.header[other.place]
            _refuse_contradiction(table, first, other, written)
            findings.add(Issue("same_year_amounts", None, title, title, {"taken": table.header[first.place]}))
    return sorted((first for first, *_ in years.values()), key=lambda it: it.place)


def _refuse_contradiction(
    table: Table, first: Amounts, other: Amounts, written: Mapping[int, Format]
) -> None:
    pair = [values(table, it.place, written[it.place]) for it in (first, other)]
    if pair[0] is not None and pair[1] is not None and _whole(first) == _whole(other):
        both = pl.DataFrame({"a": pair[0].cast(pl.Float64), "b": pair[1].cast(pl.Float64)})
        both = both.with_columns(a=pl.col("a") * _factor(first), b=pl.col("b") * _factor(other))
        rounding = max(_factor(first), _factor(other)) if _factor(first) != _factor(other) else 0.005
        is_apart = (pl.col("a").fill_null(0) - pl.col("b").fill_null(0)).abs() > rounding
        if not both.filter(is_apart).height:
            return
    raise FileRefused(
        'The columns "{column}" and "{other}" both state actual amounts of {year}, and not the same. '
        "Rename or delete the one that does not apply.",
        code="amounts_contradict",
        column=table.header[first.place],
        other=table.header[other.place],
        year=first.year,
    )


def _factor(one: Amounts) -> int:
    return money_factor(one.currency or "")


def _whole(one: Amounts) -> str | None:
    """Return the currency of a column in whole units; None: its header states none."""
    code = currency(one.currency or "")
    return pl.select(whole_currency(pl.lit(code))).item() if code else None
