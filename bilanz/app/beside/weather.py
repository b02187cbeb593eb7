"""The weather correction of a run and the runs before it, made of registry and catalogue."""

from typing import TYPE_CHECKING

import polars as pl

from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.settings import Settings
from bilanz.result import Result
from bilanz.weathercorrection import HEATING_SCHEMA, choose, corrected

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def weather(
    settings: Settings, data: "Ledger", result: Result, earlier: tuple[Result, ...]
) -> pl.DataFrame | None:
    """Return `WEATHER_SCHEMA` of a run and of those before it; None where nothing may heat rooms."""
    heating = heating_of(settings, data)
    years = [one.manifest.year for one in (result, *earlier[:1])]
    held = heating.filter(pl.col("source").is_in(result.usage["source"].unique().implode()))
    choice = choose(catalogue_of(settings).degree_days, held, years)
    found = corrected((result, *earlier), heating, choice)
    return found if found.height else None


def heating_of(settings: Settings, data: "Ledger") -> pl.DataFrame:
    """Return `HEATING_SCHEMA`: share and place of every source; a source in two places has none."""
    from bilanz.registry.engine import open_registry
    from bilanz.registry.organisations import sites
    from bilanz.registry.sources import sources

    registry = open_registry(settings.registry)
    try:
        shares = [(source.id, source.heating_share) for source in sources(registry).values()]
        codes = [(site.id, site.postcode) for site in sites(registry).values()]
    finally:
        registry.close()
    told = pl.DataFrame(shares, schema={"source": pl.String, "heating_share": pl.Decimal(7, 6)}, orient="row")
    places = pl.DataFrame(codes, schema={"site": pl.String, "postcode": pl.String}, orient="row")
    terms = data.source_terms.join(places, on="site", how="left").with_columns(
        pl.col("region").fill_null(settings.region)
    )
    one = [
        pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name)
        for name in ("region", "postcode")
    ]
    return told.join(
        terms.group_by("source").agg(one), on="source", how="left", maintain_order="left"
    ).select(pl.col(name).cast(kind) for name, kind in HEATING_SCHEMA.items())
