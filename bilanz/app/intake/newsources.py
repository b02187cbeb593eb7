"""Sources a file names for the first time are registered, as assumptions that are said aloud."""

import json
from typing import Any, Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue
from bilanz.records import Role
from bilanz.registry.engine import Registry
from bilanz.registry.sources import Found, organisations_of, register_assumed, registered

NAMED: Final = 20
"""Up to so many new sources are shown one by one; more are summed up (the store keeps each)."""


def _single(name: str) -> pl.Expr:
    """Return the value of a source where it has only one, else null."""
    return pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name)


def sources_found(activities: pl.DataFrame, series: pl.DataFrame) -> list[Found]:
    """Return the sources of a file, each once, with what is the same in all its records."""
    columns = ["source", "organisation", "activity", "unit", "basis", "minutes", "role"]
    records = activities.with_columns(minutes=pl.lit(None, pl.Int32)).select(columns)
    readings = series.with_columns(role=pl.lit(None, pl.String)).select(columns)
    grouped = (
        pl.concat([records, readings])
        .group_by("source", maintain_order=True)
        .agg(
            pl.col("organisation").first(),
            *(_single(name) for name in ("activity", "unit", "basis", "minutes")),
            pl.col("role").drop_nulls().first().fill_null(Role.CONSUMED.value),
        )
    )
    return [Found(**row) for row in grouped.iter_rows(named=True)]


def _frame(issues: list[Issue]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "source_row": issue.row,
            "column": issue.column,
            "value": issue.value,
            "code": issue.code,
            "severity": issue.severity.value,
            "parameters": json.dumps(dict(issue.parameters), ensure_ascii=False),
        }
        for issue in issues
    ]
    return pl.DataFrame(rows, schema=ISSUE_SCHEMA, orient="row")


def _elsewhere(registry: Registry, found: list[Found], within: frozenset[str] | None) -> list[Issue]:
    """Return an issue for every source whose terms name other organisations only; names those within."""
    held = organisations_of(registry, (entry.source for entry in found))
    named = held if within is None else {source: names & within for source, names in held.items()}
    return [
        Issue(
            "source_elsewhere",
            value=entry.source,
            parameters={"expected": ", ".join(sorted(named[entry.source])), "found": entry.organisation},
        )
        for entry in found
        if entry.source in held and entry.organisation not in held[entry.source]
    ]


def _unknown(registry: Registry, found: list[Found]) -> list[Found]:
    known = registered(registry, (entry.source for entry in found))
    return [entry for entry in found if entry.source not in known]


def register_sources(
    registry: Registry,
    activities: pl.DataFrame,
    series: pl.DataFrame,
    *,
    within: frozenset[str] | None = None,
    is_rehearsal: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Register the unknown sources of a file; in a rehearsal only say which they are.

    `within`: the organisations that may be named; None: all.

    Returns:
        The issues to keep (one per new source), and those to show (summed up where there are many).
    """
    found = sources_found(activities, series)
    elsewhere = _elsewhere(registry, found, within)
    added = _unknown(registry, found) if is_rehearsal else register_assumed(registry, found)
    every = [Issue("new_source", value=entry.source) for entry in added]
    shown = every
    if len(every) > NAMED:
        first = ", ".join(entry.source for entry in added[:3])
        shown = [Issue("new_sources", value=first, parameters={"count": str(len(added))})]
    return _frame([*elsewhere, *every]), _frame([*elsewhere, *shown])
