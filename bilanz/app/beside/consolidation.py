"""The consolidated balance of a run: master data of the registry brought together with its lines."""

from datetime import date
from typing import Any, Final

import polars as pl

from bilanz.app.settings import Settings
from bilanz.app.shown.summary import plain
from bilanz.boundary import Approach
from bilanz.consolidated import Consolidation
from bilanz.consolidation import levels, nodes, plan
from bilanz.doublecount import outcomes, suspects
from bilanz.errors import Refused, UnknownName
from bilanz.ratios import indicators
from bilanz.registry.deliveries import deliveries_frame
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.frames import organisations_frame
from bilanz.registry.memberships import memberships_frame
from bilanz.result import Result

DEFAULT: Final = Approach.OPERATIONAL
"""The approach of reports, where none is asked for."""


def consolidated(settings: Settings, result: Result, approach: Approach = DEFAULT) -> Consolidation | None:
    """Return the balance of a run at every level; None where the run holds only a part of the organisations.

    Master data are those of now, figures those in force on the last day of the year.

    Raises:
        UsageError: the memberships contradict each other.
        Refused: two deliveries take the same line.
    """
    if result.manifest.organisation is not None:
        return None
    registry = open_registry(settings.registry)
    try:
        return consolidate(registry, result, approach)
    finally:
        registry.close()


def consolidate(registry: Registry, result: Result, approach: Approach) -> Consolidation:
    """Return the balance of a run at every level under an approach."""
    year = result.manifest.year
    memberships = memberships_frame(registry)
    organisations = organisations_frame(registry, on=date(year, 12, 31))
    made = plan(result.lines, memberships, deliveries_frame(registry), year=year, approach=approach)
    found = levels(result.lines, made)
    names = dict(organisations.select("organisation", "name").iter_rows())
    return Consolidation(
        approach=approach.value,
        nodes=nodes(made, memberships),
        levels=found,
        deliveries=outcomes(result.lines, made),
        suspects=suspects(result.usage, made, names),
        indicators=indicators(result.lines, found, made, organisations),
    )


def consolidate_year(
    settings: Settings, year: int, approach: Approach, node: str | None = None
) -> tuple[Result, Consolidation]:
    """Return the latest calculation of a year over all organisations and its consolidation.

    Args:
        settings: where the data lie.
        year: calendar year.
        approach: how the boundary is drawn.
        node: only this organisation and what is below it on the last day of the year; None: all.

    Raises:
        UnknownName: there is no such organisation.
        Refused: the year has not been calculated.
    """
    from bilanz.app.balances import latest_result

    result = latest_result(settings, year)
    found = consolidated(settings, result, approach)
    if found is None:
        raise Refused("{year} has not been calculated yet: bilanz calculate --year {year}.", year=year)
    return result, found if node is None else below(found, node)


def below(found: Consolidation, node: str) -> Consolidation:
    """Return what a consolidation says about a node and what is below it.

    Raises:
        UnknownName: there is no such organisation.
    """
    parents = dict(found.nodes.select("node", "parent").iter_rows())
    if node not in parents:
        message = 'The organisation "{name}" is not registered. There are: {known}.'
        raise UnknownName(message, name=node, known=", ".join(sorted(parents)) or "–")
    inside = [name for name in parents if _is_below(name, node, parents)]
    told = pl.col("node").is_in(inside)
    sides = pl.col("seller").is_in(inside) | pl.col("buyer").is_in(inside)
    return Consolidation(
        approach=found.approach,
        nodes=found.nodes.filter(told),
        levels=found.levels.filter(told),
        deliveries=found.deliveries.filter(sides),
        suspects=found.suspects.filter(sides),
        indicators=found.indicators.filter(told),
    )


def _is_below(name: str, node: str, parents: dict[str, str | None]) -> bool:
    current: str | None = name
    while current is not None and current != node:
        current = parents[current]
    return current == node


def payload(result: Result, found: Consolidation) -> dict[str, Any]:
    """Return a consolidation for other programs; decimals as text, unknown is null."""
    frames = {
        "organisations": found.nodes,
        "levels": found.levels,
        "deliveries": found.deliveries,
        "suspects": found.suspects,
        "indicators": found.indicators,
    }
    return {
        "year": result.manifest.year,
        "run": result.manifest.run,
        "result_hash": result.manifest.result_hash,
        "approach": found.approach,
        **{
            name: plain(frame.rename({"node": "organisation"}, strict=False))
            for name, frame in frames.items()
        },
    }
