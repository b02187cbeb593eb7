"""The registry as frames, for the engine and the reports."""

from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.gpc import KEY_SCHEMA
from bilanz.organisation import SITE_SCHEMA, SOURCE_TERM_SCHEMA, OrganisationFigure
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import (
    figures,
    notation_keys,
    organisations,
    path,
    region_of,
    sites,
    zone_of,
)
from bilanz.registry.sources import sources, terms
from bilanz.result import ORGANISATION_SCHEMA

ORGANISATION_FIGURE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **ORGANISATION_SCHEMA,
    "population": pl.Int64,
    "floor_area_m2": pl.Decimal(18, 2),
    "staff": pl.Decimal(12, 2),
    "zone": pl.String,  # IANA; null: neither it nor one above states one
    "municipality": pl.String,  # of a territory: the organisation whose facilities lie in it
}


def _latest(rows: list[OrganisationFigure]) -> dict[str, dict[str, object]]:
    """Return organisation → the newest stated value of each figure; rows come oldest first."""
    latest: dict[str, dict[str, object]] = {}
    for row in rows:
        figure = latest.setdefault(row.organisation, {})
        for name in ("population", "floor_area_m2", "staff"):
            if getattr(row, name) is not None:
                figure[name] = getattr(row, name)
    return latest


def organisations_frame(registry: Registry, on: date | None = None) -> pl.DataFrame:
    """Return the organisations with the figures in force on a day (default: the newest).

    Shape: one row per organisation, `ORGANISATION_FIGURE_SCHEMA`; by path. `region` and `zone` are inherited.
    """
    units, latest = organisations(registry), _latest(figures(registry, on))
    rows = [
        {
            "organisation": unit.id,
            "parent": unit.parent,
            "name": unit.name,
            "kind": unit.kind,
            "path": path(unit.id, units),
            "region": region_of(unit.id, units),
            "zone": zone_of(unit.id, units),
            "municipality": unit.municipality,
            **latest.get(unit.id, {}),
        }
        for unit in units.values()
    ]
    return pl.DataFrame(rows, schema=ORGANISATION_FIGURE_SCHEMA, orient="row").sort("path")


def sites_frame(registry: Registry) -> pl.DataFrame:
    """Return the sites with what is stated of them.

    Shape: one row per site, `SITE_SCHEMA`; by site.
    """
    rows = [
        {"site": site.id, **{name: getattr(site, name) for name in SITE_SCHEMA if name != "site"}}
        for site in sites(registry).values()
    ]
    return pl.DataFrame(rows, schema=SITE_SCHEMA, orient="row")


def notation_keys_frame(registry: Registry, year: int) -> pl.DataFrame:
    """Return the notation keys declared for a year, `KEY_SCHEMA`."""
    rows = [row.model_dump() for row in notation_keys(registry) if row.year == year]
    return pl.DataFrame(rows, schema={**KEY_SCHEMA, "year": pl.Int64}, orient="row").drop("year")


def source_terms_frame(registry: Registry) -> pl.DataFrame:
    """Return the dated terms of every source.

    Shape: one row per term, `SOURCE_TERM_SCHEMA`; by source and day. `region` is that of the source, else of
    its site, else of its organisation.
    """
    dated = terms(registry)  # first: what they name is there by then, whoever registers more meanwhile
    units, known, places = organisations(registry), sources(registry), sites(registry)
    rows = []
    for term in dated:
        source = known[term.source]
        site = places.get(term.site) if term.site else None
        rows.append(
            {
                "source": term.source,
                "organisation": term.organisation,
                "activity": source.activity,
                "region": source.region or (site and site.region) or region_of(term.organisation, units),
                "area": source.grid_area,
                "site": term.site,
                "parent": source.parent,
                "role": term.role,
                "tenure": term.tenure,
                "control": term.control,
                "valid_from": term.valid_from,
                "valid_to": term.valid_to,
                "is_assumed": term.is_assumed,
            }
        )
    return pl.DataFrame(rows, schema=SOURCE_TERM_SCHEMA, orient="row")


def heating_shares(registry: Registry) -> dict[str, Decimal]:
    """Return source → share of its consumption that heats, where it is stated."""
    return {
        name: source.heating_share
        for name, source in sources(registry).items()
        if source.heating_share is not None
    }
