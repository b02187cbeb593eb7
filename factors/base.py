"""The factor catalogue: every shipped table, read, gated and pinned by one hash.

    data/<source>/source.toml + <edition>.csv ──► gate ──► factors
    data/properties, data/gwp, data/product_groups ──────► properties, gwp, blends, groups, maps
    data/prices, data/degree_days, data/indices ─────────► tables that are no factors (`factors.asides`)
                                                             └──► release: sha256 over all of it

A broken table is a defect of the program, not of somebody's data: it raises. Own factors pass the same gate
in `factors.custom`, where a bad row is a value.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import gases
from bilanz.errors import CatalogueError
from bilanz.factor import FACTOR_SCHEMA, Evidence, Method
from factors import asides, gate, groups, properties, substances, table

_ASIDE: Final = frozenset({"gwp", "product_groups", "properties", "quality", "uncertainty", *asides.ASIDES})
_ABOUT: Final = frozenset({"published", "version", "url", "negative_values"})  # of an edition, no columns


@dataclass(frozen=True, slots=True)
class Source:
    """One edition of one source, as the sources section and `bilanz factors` show it.

    Attributes:
        published: year, month or day of publication as far as it is known; None: not stated.
        factors: number of statements; rows per gas and chain count once.
    """

    source: str
    edition: str
    publisher: str
    title: str
    licence: str
    evidence: str
    published: str | None
    url: str | None
    factors: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a calculation may use, as frames.

    Attributes:
        factors: rows of `FACTOR_SCHEMA`.
        properties: rows of `PROPERTY_SCHEMA`.
        gwp: rows of `GWP_SCHEMA`.
        blends: columns blend, gas, share_percent.
        product_groups: columns product_group, de, en, family; groups of another classification than CPA, such
            as "NAICS:111110", carry the name of their publisher in both languages.
        cpv_map: columns cpv (prefix), product_group, confidence, provenance, note; the longest prefix holds.
        account_map: columns account (prefix), target, product_group, confidence, provenance, note.
        families: columns family, activity: quantities of which activities a spend of the family repeats.
        prices: rows of `PRICE_SCHEMA`: what a tonne costs; no factors.
        degree_days: rows of `DEGREE_DAY_SCHEMA`; one definition a row.
        indices: rows of `INDEX_SCHEMA`: prices, exchange rates, taxes and margins of money.
        release: sha256 over the content of all frames, independent of the order of rows.
        sources: one entry per edition.
        name: of the release these frames were read from; None: the current catalogue.
    """

    factors: pl.DataFrame
    properties: pl.DataFrame
    gwp: pl.DataFrame
    blends: pl.DataFrame
    product_groups: pl.DataFrame
    cpv_map: pl.DataFrame
    account_map: pl.DataFrame
    families: pl.DataFrame
    prices: pl.DataFrame
    degree_days: pl.DataFrame
    indices: pl.DataFrame
    release: str
    sources: tuple[Source, ...]
    name: str | None = None

    def gwp_set(self, name: str) -> gases.GwpSet:
        """Return a set of global warming potentials by name (SAR, TAR, AR4, AR5, AR6)."""
        return gases.gwp_set(name, self.gwp, self.blends)


def catalogue(
    extra: Sequence[Path] = (),
    own_properties: Sequence[Path] = (),
    beside: Mapping[str, Sequence[Path]] | None = None,
) -> Catalogue:
    """Return the shipped catalogue, together with tables that were imported.

    A row of an imported publication that is shipped meanwhile counts once.

    Args:
        extra: tables of factors that `factors.custom` and `.intake` have written.
        own_properties: tables of own properties, written by `factors.own_properties`.
        beside: table of `factors.asides` → files that `factors.table.save` has written.

    Raises:
        CatalogueError: a table is not what it must be; names file, row and column.
    """
    shipped = _shipped()
    imported = {name: paths for name, paths in (beside or {}).items() if paths}
    if own_properties or imported:
        told: dict[str, Any] = {
            name: asides.joined(getattr(shipped, name), name, paths) for name, paths in imported.items()
        }
        told["properties"] = properties.extended(shipped.properties, own_properties)
        shipped = replace(shipped, **told)
        shipped = _assembled(shipped.factors, shipped)
    if not extra:
        return shipped
    tables = [_own(path, shipped.factors) for path in extra]
    shelf = (shipped.gwp, shipped.blends, shipped.properties)
    own = [_passed(frame, *shelf, _published(frame)) for frame in tables]
    known = shipped.factors.select("factor_id", "gas", "chain", "value")
    fresh = [frame.join(known, on=known.columns, how="anti", maintain_order="left") for frame in own]
    return _assembled(pl.concat([shipped.factors, *fresh]), shipped)


@cache
def _shipped() -> Catalogue:
    return load(table.DATA)


def load(data: Path) -> Catalogue:
    """Return the catalogue below a folder.

    Raises:
        CatalogueError: a table is not what it must be; names file, row and column.
    """
    gwp, blends = properties.potentials(data / "gwp")
    rows: list[table.Cells] = []
    about: dict[tuple[str, str], dict[str, Any]] = {}
    negatives: list[str] = []
    for folder in sorted(path for path in data.iterdir() if path.is_dir() and path.name not in _ASIDE):
        settings = table.settings(folder)
        if settings.get("negative_values") is True:
            negatives.append(folder.name)
        for edition, cells, facts in _editions(folder, settings):
            rows += cells
            about[folder.name, edition] = facts
    known = properties.load(data / "properties")
    read = _passed(table.framed(rows, FACTOR_SCHEMA), gwp, blends, known, negatives)
    factors = pl.concat([read, substances.statements(gwp, blends)])
    product_groups = groups.load(data / "product_groups")
    base = Catalogue(
        factors=factors,
        properties=known,
        gwp=gwp,
        blends=blends,
        product_groups=product_groups.groups,
        cpv_map=product_groups.cpv_map,
        account_map=product_groups.account_map,
        families=product_groups.families,
        prices=asides.load(data, "prices"),
        degree_days=asides.load(data, "degree_days"),
        indices=asides.load(data, "indices"),
        release="",
        sources=(),
    )
    return _assembled(factors, base, about)


def _editions(
    folder: Path, settings: dict[str, Any]
) -> Iterable[tuple[str, list[table.Cells], dict[str, Any]]]:
    """Yield edition, text rows in all columns of `FACTOR_SCHEMA`, and what is known about the edition."""
    editions: dict[str, dict[str, Any]] = settings.get("editions", {})
    shared = {key: value for key, value in settings.items() if key != "editions"}
    paths = sorted(path for path in folder.glob("*.csv") if path.stem != "map")
    if {path.stem for path in paths} != set(editions):
        message = "{file}: the editions of source.toml are not the CSV files beside it."
        raise CatalogueError(message, file=folder.name)
    for path in paths:
        facts = {**shared, **editions[path.stem]}
        constants = {key: value for key, value in facts.items() if key not in _ABOUT}
        for key in constants:
            if key not in FACTOR_SCHEMA or key in ("source", "edition", "factor_id", "value"):
                message = '{file}: the column "{column}" is unknown.'
                raise CatalogueError(message, file=f"{folder.name}/source.toml", column=key)
        constants |= {"source": folder.name, "edition": path.stem}
        text = table.shipped(path, required=("factor_id", "value"))
        yield path.stem, table.completed(text, constants, tuple(FACTOR_SCHEMA)), facts


def _own(path: Path, shipped: pl.DataFrame) -> pl.DataFrame:
    """Return a table of the data directory in all columns of `FACTOR_SCHEMA`: own or published factors.

    No own factor passes for a shipped one.
    """
    text = table.shipped(path)
    frame = table.framed(table.completed(text, {}, tuple(FACTOR_SCHEMA)), FACTOR_SCHEMA)
    is_own = pl.col("evidence") == Evidence.CUSTOM.value
    claimed = frame.filter(is_own, pl.col("source").is_in(shipped.get_column("source").unique().implode()))
    if claimed.height:
        table.refuse(claimed.row(0, named=True), "source", "A shipped source; own factors never change it.")
    if frame.filter(~is_own).height and not table.is_sealed(path):
        message = "{file} holds published figures and is not what an import wrote; import them again."
        raise CatalogueError(message, file=path.name)
    if "method" in text.header:
        return frame
    # Kept before methods were asked for: nobody stated one, and the report says so.
    heat = pl.col("activity").is_in(gate.HEAT) & is_own
    return frame.with_columns(method=pl.when(heat).then(pl.lit(Method.UNSTATED.value)).otherwise("method"))


def _published(frame: pl.DataFrame) -> list[str]:
    """Return the sources that were imported as publications: their negative values were taken as printed."""
    official = frame.filter(pl.col("evidence") != Evidence.CUSTOM.value)
    return official.get_column("source").unique().to_list()


def _passed(
    frame: pl.DataFrame,
    gwp: pl.DataFrame,
    blends: pl.DataFrame,
    known: pl.DataFrame,
    negatives: Iterable[str] = (),
) -> pl.DataFrame:
    """Return the typed rows, or raise with the first finding. `known`: properties of fuels."""
    codes = gases.known_gases(gwp, blends)
    found = gate.findings(frame, gases=codes, gwp=gwp, properties=known, negatives=negatives)
    if found.height:
        first = found.row(0, named=True)
        table.refuse(first, first["column"], first["reason"], first["value"])
    return table.typed(frame, FACTOR_SCHEMA)


def _assembled(
    factors: pl.DataFrame, base: Catalogue, about: dict[tuple[str, str], dict[str, Any]] | None = None
) -> Catalogue:
    """Return the catalogue with its sources and its hash.

    Raises:
        CatalogueError: a factor_id occurs in two tables.
    """
    repeated = factors.filter(pl.struct("factor_id", "gas", "chain").is_duplicated())
    if repeated.height:
        name = repeated.get_column("factor_id")[0]
        raise CatalogueError('The factor "{factor}" is there twice.', factor=name)
    product_groups = groups.with_published(base.product_groups, factors)
    frames = {
        "factors": factors,
        "properties": base.properties,
        "gwp": base.gwp,
        "blends": base.blends,
        "product_groups": product_groups,
        "cpv_map": base.cpv_map,
        "account_map": base.account_map,
        "families": base.families,
        **{name: getattr(base, name) for name in asides.ASIDES},
    }
    listed = (
        _listed(factors, about) if about is not None else (*base.sources, *_listed(factors, {}, base.sources))
    )
    return Catalogue(**frames, release=release(frames), sources=listed, name=None)


def _listed(
    factors: pl.DataFrame, about: dict[tuple[str, str], dict[str, Any]], known: tuple[Source, ...] = ()
) -> tuple[Source, ...]:
    """Return one entry per edition that is not known yet."""
    done = {(entry.source, entry.edition) for entry in known}
    rows = (
        factors.group_by("source", "edition", maintain_order=True)
        .agg(
            pl.col("publisher", "title", "licence", "evidence").first().fill_null(""),
            pl.col("factor_id").n_unique().alias("factors"),
        )
        .iter_rows(named=True)
    )
    entries = []
    for row in rows:
        facts = about.get((row["source"], row["edition"]), {})
        if (row["source"], row["edition"]) not in done:
            entries.append(Source(**row, published=facts.get("published"), url=facts.get("url")))
    return tuple(entries)


def release(frames: dict[str, pl.DataFrame]) -> str:
    """Return the sha256 over the content of frames; only the order of rows does not matter."""
    digest = hashlib.sha256()
    for name in sorted(frames):
        frame = frames[name]
        text = [pl.col(column).cast(pl.String).fill_null("\x00") for column in frame.columns]
        rows = frame.select(pl.concat_str(text, separator="\x1f").alias("row")).get_column("row").sort()
        digest.update("\x1e".join([name, *frame.columns, *rows, "\x1d"]).encode())
    return digest.hexdigest()
