"""One calculation: slices, matches, balance, coverage, manifest, for one year and several books.

store + registry frames + catalogue ──► Result ──► summary (the answer of `bilanz calculate --json`)
"""

from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Final

import polars as pl

from bilanz import books as book_files
from bilanz.allocation import Allocation, allocate, ancestors
from bilanz.app.intake.co2statements import differing
from bilanz.app.shown.summary import BOOK_FOLDER, summary
from bilanz.apportionment import assumptions as spread_assumptions
from bilanz.balance import ASSUMPTION_SCHEMA, OWNER_SCHEMA, Balance, ordered
from bilanz.balance import calculate as balance_of
from bilanz.conversion import Converter
from bilanz.coverage import coverage
from bilanz.declared import NOTHING, Declared
from bilanz.errors import UnknownName
from bilanz.factor import FACTOR_SCHEMA
from bilanz.intensity import Intensity
from bilanz.intensity import assumptions as series_assumptions
from bilanz.intensity import statements as series_rows
from bilanz.manifest import Inputs, frame_hash, manifest
from bilanz.matching import Matcher
from bilanz.overlaps import assumptions as overlap_assumptions
from bilanz.result import BATCH_SCHEMA, ORGANISATION_SCHEMA, Manifest, Result
from bilanz.slices import build
from bilanz.spend import Spending
from bilanz.statements import Statements
from bilanz.store.connection import Store
from bilanz.store.hours import ParquetHours
from bilanz.valuation import Valuer
from bilanz.weighting import Weighted
from factors.base import Catalogue

_BATCHES: Final = """
SELECT b.batch, b.file, b.sha256, b.importer, b.organisation,
    strftime(b.committed_at, '%Y-%m-%dT%H:%M:%SZ') AS committed_at,
    b.n_read, b.n_accepted, b.n_rejected, b.n_ignored
FROM batch b WHERE b.state = 'committed' AND b.batch_key IN (
    SELECT batch_key FROM batch_series WHERE first_start < CAST('{end}' AS TIMESTAMP)
        AND last_end > CAST('{start}' AS TIMESTAMP)
        AND {within}
    UNION SELECT batch_key FROM engine_record WHERE {within}
) ORDER BY b.sha256, b.batch
"""

_WITHIN: Final = """series_key IN (SELECT series_key FROM engine_segment
        WHERE organisation IN (SELECT organisation FROM engine_within))"""

_INPUTS: Final = """
SELECT sha256, importer || ' ' || importer_version FROM batch
WHERE state = 'committed' ORDER BY sha256
"""

_RESOLUTIONS: Final = """
SELECT s.organisation, s.source, s.direction, s.unit, s.basis, x."start", x."end",
    w.sha256 AS winner, l.sha256 AS loser, x.rule, x.reason
FROM resolution x JOIN series s ON s.series_key = x.series_key
JOIN batch w ON w.batch_key = x.winner_batch JOIN batch l ON l.batch_key = x.loser_batch
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """What decisions are made with: books with potentials, converter, series for hourly books."""

    books: tuple[Weighted, ...]
    converter: Converter
    series: tuple[Intensity, ...] = ()

    def hours(self, store: Store) -> ParquetHours:
        """Return what reads a store by the hour."""
        return ParquetHours(store, {entry.factor_id: entry for entry in self.series})


def engine(
    catalogue: Catalogue,
    *,
    year: int,
    books: tuple[str, ...] = (),
    gwp: str | None = None,
    series: tuple[Intensity, ...] = (),
) -> Engine:
    """Return the engine for a year.

    Args:
        catalogue: the factor catalogue.
        year: year to be matched.
        books: names of books; none: all but the supplementary ones.
        gwp: set of potentials for every book; None: each book's own.
        series: what books that match by the hour may take; no other book sees them.

    Raises:
        UnknownName: there is no such book or set.
    """
    beside, indices = (catalogue.properties, catalogue.gwp), catalogue.indices
    published = Statements(catalogue.factors, *beside, year=year, indices=indices)
    hourly = Statements(series_rows(series), *beside, year=year, indices=indices)
    converter, valuer = Converter(catalogue.properties), Valuer(catalogue.indices)
    chosen = book_files.chosen(book_files.read_all(BOOK_FOLDER), books)
    weighted = tuple(
        Weighted(
            book,
            Matcher(book, hourly if book.is_hourly else published, converter, valuer),
            catalogue.gwp_set(gwp or book.gwp),
        )
        for book in chosen
    )
    is_hourly = any(book.is_hourly for book in chosen)
    return Engine(weighted, converter, series if is_hourly else ())


def spending_of(catalogue: Catalogue) -> Spending:
    """Return what a catalogue says about money."""
    return Spending(catalogue.families, catalogue.product_groups, catalogue.cpv_map, catalogue.account_map)


def descendants(organisations: pl.DataFrame, root: str) -> tuple[str, ...]:
    """Return an organisation and everything below it.

    Raises:
        UnknownName: there is no such organisation.
    """
    parents = dict(organisations.select("organisation", "parent").iter_rows())
    if root not in parents:
        raise UnknownName('The organisation "{name}" is not known.', name=root)
    found, pending = [], [root]
    while pending:
        current = pending.pop()
        found.append(current)
        pending += [child for child, parent in parents.items() if parent == current and child not in found]
    return tuple(sorted(found))


def owners_of(catalogue: Catalogue, organisations: pl.DataFrame) -> pl.DataFrame:
    """Return organisation → those with own factors among itself and what is above it, the nearest first."""
    holding = set(catalogue.factors["organisation"].drop_nulls())
    rows = [
        (name, "/".join(each for each in chain if each in holding))
        for name, chain in (ancestors(organisations) if holding else {}).items()
    ]
    return pl.DataFrame(rows, schema=OWNER_SCHEMA, orient="row")


def allocated(
    store: Store,
    machine: Engine,
    organisations: pl.DataFrame,
    catalogue: Catalogue,
    instruments: pl.DataFrame | None,
) -> Allocation:
    """Let certificates, contracts and labels cover their part of the slices."""
    books = [weighted.book for weighted in machine.books]
    known = set(catalogue.factors["factor_id"])
    return allocate(store.con, books, instruments, organisations, factors=known)


def calculate(  # noqa: PLR0913 - the options of the command, by name
    store: Store,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    catalogue: Catalogue,
    *,
    year: int,
    books: tuple[str, ...] = (),
    gwp: str | None = None,
    region: str = "DE",
    zone: str = "Europe/Berlin",
    organisation: str | None = None,
    series: tuple[Intensity, ...] = (),
    instruments: pl.DataFrame | None = None,
    declared: Declared = NOTHING,
) -> Result:
    """Calculate a calendar year (local days) in several books, side by side and never added.

    Args:
        store: open store.
        organisations: `ORGANISATION_SCHEMA` and more columns.
        source_terms: see `bilanz.shares.TERM_SCHEMA`.
        catalogue: the factor catalogue.
        year: calendar year.
        books: names of books; none: all but the supplementary ones.
        gwp: set of potentials for every book; None: each book's own.
        region: region of organisations that state none.
        zone: time zone of organisations that state none.
        organisation: only this one and what is below it; None: all.
        series: what books that match by the hour may take.
        instruments: certificates, contracts and labels, `INSTRUMENT_SCHEMA`; None: there are none.
        declared: what the master data declare about spreading and overlaps.

    Raises:
        UnknownName: an unknown book, set or organisation.
        QuantityLost: a quantity got lost on the way (a defect).
    """
    within = None if organisation is None else descendants(organisations, organisation)
    machine = engine(catalogue, year=year, books=books, gwp=gwp, series=series)
    con = store.con
    money = spending_of(catalogue)
    slice_up = partial(
        build,
        con,
        organisations,
        source_terms,
        spending=money,
        year=year,
        region=region,
        zone=zone,
        declared=declared,
    )
    is_shared = within is not None and instruments is not None and instruments.height > 0
    slice_up(within=None if is_shared else within)
    allocation = allocated(store, machine, organisations, catalogue, instruments)
    if is_shared:  # an instrument is spread over all it covers, whatever part of it is asked for
        slice_up(within=within)
    owners = owners_of(catalogue, organisations)
    balance = _with_instruments(
        balance_of(con, machine.books, machine.converter, owners, machine.hours(store)), allocation
    )
    covered = coverage(con, is_limited=within is not None)
    taken = balance.lines.select("factor_id", "gas", "chain").drop_nulls().unique()
    used = catalogue.factors.join(taken, on=taken.columns, how="semi")  # the rows, not all of their statement
    named = taken["factor_id"].unique().to_list()
    met = tuple(entry for entry in machine.series if entry.factor_id in named)
    used = pl.concat([used, series_rows(met, is_shown=True)]) if met else used
    far = differing(store, machine.books, organisations, year=year, region=region)
    stated = pl.DataFrame(far, schema=ASSUMPTION_SCHEMA, orient="row")
    declarations = pl.concat([spread_assumptions(con), overlap_assumptions(con)])
    start, end = f"{year}-01-01", f"{year + 1}-01-02"
    limit = "TRUE" if within is None else _WITHIN
    batches = con.sql(_BATCHES.format(start=start, end=end, within=limit)).pl()
    shown = organisations if within is None else organisations.filter(pl.col("organisation").is_in(within))
    return Result(
        manifest=_manifest(
            store, balance, machine, catalogue, year=year, region=region, organisation=organisation
        ),
        lines=balance.lines,
        usage=balance.usage,
        exceptions=balance.exceptions,
        superseded=balance.superseded,
        coverage=covered,
        organisations=shown.select(*ORGANISATION_SCHEMA, pl.exclude(*ORGANISATION_SCHEMA)),
        batches=batches.select(pl.col(name).cast(kind) for name, kind in BATCH_SCHEMA.items()),
        factors=used.select(list(FACTOR_SCHEMA)),
        assumptions=ordered(pl.concat([balance.assumptions, series_assumptions(met), stated, declarations])),
    )


def _with_instruments(balance: Balance, allocation: Allocation) -> Balance:
    """Return a balance whose assumptions list the instruments as well."""
    listed = pl.DataFrame([*allocation.assumptions()], schema=ASSUMPTION_SCHEMA, orient="row")
    return replace(balance, assumptions=ordered(pl.concat([balance.assumptions, listed]).unique()))


def resolutions_hash(store: Store) -> str:
    """Return the hash over what counts where files overlap, and what was excluded, as it is now."""
    return frame_hash(store.con.sql(_RESOLUTIONS).pl())


def _manifest(
    store: Store,
    balance: Balance,
    machine: Engine,
    catalogue: Catalogue,
    *,
    year: int,
    region: str,
    organisation: str | None,
) -> Manifest:
    """Pin what the numbers depend on."""
    used = tuple(weighted.book for weighted in machine.books)
    given = Inputs(
        year=year,
        region=region,
        organisation=organisation,
        books=tuple(book.id for book in used),
        gwp=", ".join(f"{weighted.book.id}: {weighted.gwp.name}" for weighted in machine.books),
        code_version=version("bilanz"),
        factor_release=catalogue.release,
        book_hash=book_files.digest(used),
        files=(
            *store.con.execute(_INPUTS).fetchall(),
            *((entry.hash(), entry.factor_id) for entry in machine.series),
        ),
        resolutions_hash=resolutions_hash(store),
    )
    return replace(manifest(balance.lines, given), release_name=catalogue.name)


__all__ = [
    "BOOK_FOLDER",
    "Engine",
    "allocated",
    "calculate",
    "descendants",
    "engine",
    "owners_of",
    "spending_of",
    "summary",
]
