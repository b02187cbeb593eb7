"""A part of a result: what one organisation and everything below it, or one site, has of it.

The manifest stays that of the whole: a part is a view of a run, never a run of its own. Views beside the run
are made for the whole and are left out, but for the years before.
"""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from bilanz.result import Beside, Result


def below(result: Result, root: str) -> list[str]:
    """Return an organisation and everything below it, parents first."""
    children: dict[str | None, list[str]] = {}
    for name, parent in result.organisations.select("organisation", "parent").iter_rows():
        children.setdefault(parent, []).append(name)
    found = [root]
    for name in found:
        found += [child for child in children.get(name, []) if child not in found]
    return found


def of_organisation(result: Result, root: str) -> Result:
    """Return what an organisation and everything below it have of a result."""
    held = below(result, root)
    within = pl.col("organisation").is_in(held)
    part = replace(
        result,
        lines=result.lines.filter(within),
        usage=result.usage.filter(within),
        exceptions=result.exceptions.filter(within),
        superseded=result.superseded.filter(within),
        coverage=result.coverage.filter(within),
        organisations=result.organisations.filter(within),
        batches=result.batches.filter(within),
        beside=Beside(earlier=tuple(of_organisation(year, root) for year in result.beside.earlier)),
    )
    return _with_its_own(result, part)


def of_site(result: Result, site: str) -> Result:
    """Return what a site has of a result; what names no site belongs to it by its source."""
    at = pl.col("site") == site
    lines, usage = result.lines.filter(at), result.usage.filter(at)
    places = ("organisation", "source")
    sources = pl.concat([frame.select(places) for frame in (lines, usage)]).unique()
    organisations = sources["organisation"].unique().to_list()

    def of_sources(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(sources, on=places, how="semi", maintain_order="left")

    part = replace(
        result,
        lines=lines,
        usage=usage,
        exceptions=of_sources(result.exceptions),
        superseded=of_sources(result.superseded),
        coverage=of_sources(result.coverage),
        organisations=result.organisations.filter(pl.col("organisation").is_in(organisations)),
        batches=result.batches.filter(pl.col("organisation").is_in(organisations)),
        beside=Beside(earlier=tuple(of_site(year, site) for year in result.beside.earlier)),
    )
    return _with_its_own(result, part)


def sites(result: Result) -> list[str]:
    """Return the sites that hold a quantity, by identifier."""
    held = pl.concat([result.lines["site"], result.usage["site"]]).drop_nulls().unique()
    return held.sort().to_list()


def _with_its_own(whole: Result, part: Result) -> Result:
    """Return a part with the factors it uses and without assumptions about what it does not hold."""
    used = part.lines["factor_id"].drop_nulls().unique().to_list()
    elsewhere = {*whole.factors["factor_id"], *_sources(whole)} - {*used, *_sources(part)}
    return replace(
        part,
        factors=part.factors.filter(pl.col("factor_id").is_in(used)),
        assumptions=_without(part.assumptions, elsewhere),
    )


def _sources(result: Result) -> set[str]:
    frames = (result.lines, result.usage, result.exceptions, result.superseded, result.coverage)
    return {source for frame in frames for source in frame["source"].drop_nulls().unique()}


def _without(assumptions: pl.DataFrame, subjects: Collection[str]) -> pl.DataFrame:
    about = pl.col("subject").is_in(list(subjects))
    return assumptions.filter(about.not_() | pl.col("subject").is_null())
