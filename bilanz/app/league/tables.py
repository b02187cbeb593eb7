"""The tables of a bundle: registry, store and catalogue brought together with a run."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from bilanz.app.fund import findings, observations
from bilanz.app.settings import Settings
from bilanz.boundary import Approach
from bilanz.errors import Refused, UnknownName
from bilanz.league.bundle import TERRITORY_SCHEMA, TerritoryRun
from bilanz.league.grain import place, solvable
from bilanz.league.publication import (
    Boundary,
    Weights,
    balance_of,
    denominators_of,
    exceptions_of,
    indicators_of,
    organisations_of,
    share_of,
    territory_of,
)
from bilanz.league.statements import stated
from bilanz.registry.engine import Registry
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

_FIGURES: Final = ("population", "floor_area_m2", "staff")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a run is published: of which organisation (None: the outermost), and how joined.

    `effects_of_few`: effects of projects of fewer places than `smallest`, too.
    """

    organisation: str | None
    approach: Approach
    smallest: int
    effects_of_few: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a bundle, whose they are, and the runs its territories are of.

    `solvable`, `effects_left_out`: as in `bilanz.league.bundle.Grain`.
    """

    frames: dict[str, pl.DataFrame]
    node: str
    name: str
    kind: str
    region: str
    territories: list[TerritoryRun]
    solvable: int
    effects_left_out: int


def tables_of(settings: Settings, data: "Ledger", result: Result, wanted: Wanted) -> Tables:
    """Return the tables of a bundle.

    Raises:
        Refused: there is not one outermost organisation with data.
        UnknownName: there is no such organisation.
    """
    from bilanz.registry.deliveries import deliveries_frame
    from bilanz.registry.frames import organisations_frame

    registry, year = data.registry, result.manifest.year
    organisations = organisations_frame(registry, on=date(year, 12, 31))
    boundary = _boundary(data, result, wanted)
    names = boundary.organisations() or [boundary.node]
    own = organisations.row(by_predicate=pl.col("organisation") == boundary.node, named=True)
    region = str(own["region"] or result.manifest.region)
    shares = share_of(boundary.made, boundary.node).filter(pl.col("organisation").is_in(names))
    kinds = dict(organisations.select("organisation", "kind").iter_rows())
    places = _places(data.source_terms, year)
    deliveries, delivered = stated(
        boundary.lines, deliveries_frame(registry), shares, kinds, year=year, made=boundary.made
    )
    held = boundary.held()
    frames = {
        **balance_of(held, _weights(settings, result, region), wanted.smallest, date(year, 7, 1)),
        "organisations": organisations_of(organisations, names, boundary.node),
        "denominators": denominators_of(_figures(registry, year), names),
        "indicators": indicators_of(_indicators(boundary, organisations), boundary.node),
        "exceptions": exceptions_of(result.exceptions, places, wanted.smallest, names),
        "deliveries": deliveries,
        "delivered": delivered,
    }
    cells, territories = _territory(settings, data, result, boundary, names)
    if territories:
        frames["territory"] = cells
    of_projects, left_out = _of_projects(registry, {boundary.node, *names}, places, wanted, year)
    return Tables(
        frames=frames | of_projects,
        node=boundary.node,
        name=own["name"],
        kind=own["kind"],
        region=region,
        territories=territories,
        solvable=solvable(held, wanted.smallest),
        effects_left_out=left_out,
    )


def _of_projects(
    registry: Registry, names: Collection[str], places: pl.DataFrame, wanted: Wanted, year: int
) -> tuple[dict[str, pl.DataFrame], int]:
    """Return effects and findings where there are any, and of how many projects effects are left out."""
    measured = observations.published(registry, names, year)
    effects = _effects(registry, measured, places, wanted)
    found = findings.of_member(registry, names, year)
    told = _effects(registry, found, places, wanted)
    few = found.filter(~pl.col("project").is_in(told["project"].unique().to_list()))
    shown = pl.concat([told, findings.reasons_only(few)]).sort("project", "year")
    frames = {"effects": effects, "findings": shown}
    left_out = measured["project"].n_unique() - effects["project"].n_unique()
    return {name: frame for name, frame in frames.items() if frame.height}, left_out


def _places(terms: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return `source`, `organisation` and `site` of each source with terms: of the last begun by then."""
    begun = terms.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") <= date(year, 12, 31)))
    last = begun.sort("source", "valid_from", nulls_last=False).unique("source", keep="last")
    return last.select("source", "organisation", "site").sort("source")


def _effects(
    registry: Registry, measured: pl.DataFrame, places: pl.DataFrame, wanted: Wanted
) -> pl.DataFrame:
    """Return the effects of projects that touch enough places; where that is not known they are few."""
    from bilanz.fund.project import SourceUse
    from bilanz.registry import fund

    if wanted.smallest == 1 or wanted.effects_of_few:
        return measured
    rows = [
        (one.project, one.source) for one in fund.project_sources(registry) if one.use == SourceUse.TOUCHED
    ]
    touched = pl.DataFrame(rows, schema={"project": pl.String, "source": pl.String}, orient="row")
    placed = touched.join(places, on="source").with_columns(place=place())
    counted = placed.group_by("project").agg(pl.col("place").n_unique())
    enough = counted.filter(pl.col("place") >= wanted.smallest)["project"]
    return measured.filter(pl.col("project").is_in(enough.to_list()))


def _weights(settings: Settings, result: Result, region: str) -> Weights:
    """Return what a run was weighted with."""
    from bilanz.app.beside.standards import catalogue_of, potentials
    from bilanz.conversion import Converter
    from bilanz.matching import regions_of

    catalogue = catalogue_of(settings, result)
    known = set(catalogue.gwp["gwp"])
    named = [name for name in result.factors["gwp"].drop_nulls().unique().sort() if name in known]
    return Weights(
        factors=result.factors,
        books=potentials(settings, result),
        sets={name: catalogue.gwp_set(name) for name in named},
        converter=Converter(catalogue.properties),
        regions=regions_of(region, ()),
    )


def _boundary(data: "Ledger", result: Result, wanted: Wanted) -> Boundary:
    """Return who publishes: the organisation asked for, else the outermost one that has lines."""
    from bilanz.consolidation import nodes, plan
    from bilanz.registry.deliveries import deliveries_frame
    from bilanz.registry.memberships import memberships_frame
    from bilanz.store.territory import territory_records

    year = result.manifest.year
    territories = frozenset(territory_records(data.store, year)["organisation"])
    lines = result.lines.filter(~pl.col("organisation").is_in(list(territories)))
    memberships = memberships_frame(data.registry)
    made = plan(lines, memberships, deliveries_frame(data.registry), year=year, approach=wanted.approach)
    known = nodes(made, memberships)
    if wanted.organisation is not None:
        if wanted.organisation not in {*known["node"], *territories}:
            message = 'The organisation "{name}" is not registered. There are: {known}.'
            raise UnknownName(message, name=wanted.organisation, known=", ".join(known["node"].sort()))
        return Boundary(wanted.organisation, lines, made, territories)
    active = made.shares.filter(pl.col("organisation").is_in(lines["organisation"].unique().to_list()))
    roots = known.filter(pl.col("depth") == 0, pl.col("node").is_in(active["node"].unique().to_list()))
    outer = roots["node"].sort().to_list() or sorted(territories)
    if len(outer) != 1:
        message = (
            "There is not one outermost organisation with data, but {count}: {found}. Name one with --org."
        )
        raise Refused(message, count=len(outer), found=", ".join(outer) or "–")
    return Boundary(outer[0], lines, made, territories)


def _territory(
    settings: Settings, data: "Ledger", result: Result, boundary: Boundary, names: list[str]
) -> tuple[pl.DataFrame, list[TerritoryRun]]:
    """Return the final energy of the node itself, or of the territories of municipalities in it.

    A territory is of the run that is published, else of its own.
    """
    from bilanz.app.balances import standing_result
    from bilanz.app.beside.territory import territory_view
    from bilanz.app.period.restating import closing_of

    owners = dict(data.organisations.select("organisation", "municipality").iter_rows())
    frames, runs = [pl.DataFrame(schema=TERRITORY_SCHEMA)], []
    for unit in sorted(boundary.territories):
        if unit != boundary.node and owners.get(unit) not in names:
            continue
        is_in = unit in result.organisations["organisation"]
        own = result if is_in else standing_result(settings, data, result.manifest.year, unit)
        view = None if own is None else territory_view(settings, data, own)
        if own is None or view is None:
            continue
        closing = closing_of(data.registry, own.manifest)
        state = "open" if closing is None else closing.state
        frames.append(territory_of(view.cells, [unit]))
        told = {"territory": unit, "run": own.manifest.run, "result_hash": own.manifest.result_hash}
        runs.append(TerritoryRun.model_validate(told | {"state": state, "method": view.method}))
    return pl.concat(frames), runs


def _indicators(boundary: Boundary, organisations: pl.DataFrame) -> pl.DataFrame:
    from bilanz.consolidation import levels
    from bilanz.ratios import indicators

    found = levels(boundary.lines, boundary.made)
    return indicators(boundary.lines, found, boundary.made, organisations)


def _figures(registry: Registry, year: int) -> pl.DataFrame:
    """Return each figure in force on 31 December with its day and source."""
    from bilanz.registry.organisations import figures

    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in figures(registry, date(year, 12, 31)):  # oldest first
        for name in _FIGURES:
            if (value := getattr(row, name)) is not None:
                told = (row.organisation, name, str(value), row.valid_from, row.source)
                latest[row.organisation, name] = told
    schema = {"organisation": pl.String, "figure": pl.String, "value": pl.String, "valid_from": pl.Date}
    return pl.DataFrame(list(latest.values()), schema={**schema, "source": pl.String}, orient="row")
