"""Series of grid intensity: weighted from generation by production type, kept as Parquet.

    generation (start × production type) × g per kWh of each type ──► Σ generation · factor / Σ generation

Every production type is weighted, declared to be left out, or an error; an interval in which one of them is
not known is missing. Nothing is interpolated.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import CatalogueError, FileRefused, UnknownName, UsageError
from bilanz.factor import Evidence
from bilanz.intensity import VALUES, About, Fuel, Intensity, about_of, described
from factors import table

FOLDER: Final = "series"
"""Folder of the data directory that holds series."""

DIGITS: Final = 9
"""Decimals of a weighted intensity in g per kWh, rounded half-even once."""

GASES: Final = ("CO2", "CO2e")
CHAINS: Final = ("direct", "total")
POTENTIALS: Final = ("AR4", "AR5", "AR6", "unstated")

_COLUMNS: Final = (
    "production_type", "g_per_kwh", "gas", "chain", "gwp", "source", "locator", "licence", "evidence",
)  # fmt: skip
_SCALE: Final = 10**6
_ABOUT: Final = "bilanz"


@dataclass(frozen=True, slots=True)
class FuelTable:
    """What each production type emits; one gas, one part of the chain, one set of potentials."""

    fuels: tuple[Fuel, ...]
    gas: str
    chain: str
    gwp: str | None

    def value(self, production_type: str) -> Decimal:
        """Return g per kWh of a production type."""
        return next(Decimal(f.g_per_kwh) for f in self.fuels if f.production_type == production_type)

    @property
    def names(self) -> tuple[str, ...]:
        """The production types."""
        return tuple(fuel.production_type for fuel in self.fuels)


def read_fuels(path: Path) -> FuelTable:
    """Read a table of factors per production type (UTF-8; columns as in docs/factors.md).

    Raises:
        FileRefused: a column is missing, a row is not what it must be, or gases or chains are mixed.
    """
    rows = list(_fuel_rows(path))
    kinds = {(row["gas"], row["chain"], row["gwp"]) for row in rows}
    if len(kinds) != 1:
        message = (
            "{file}: one gas, one part of the chain and one set of potentials are expected; found {kinds}."
        )
        found = "; ".join(" ".join(filter(None, kind)) for kind in sorted(kinds, key=str)) or "–"
        raise FileRefused(message, file=path.name, kinds=found)
    ((gas, chain, gwp),) = kinds
    fuels = tuple(Fuel(**{name: row[name] or "" for name in Fuel.__dataclass_fields__}) for row in rows)
    check_kind(str(gas), str(chain), gwp)
    return FuelTable(fuels, str(gas), str(chain), gwp)


def check_kind(gas: str, chain: str, gwp: str | None) -> None:
    """Refuse a gas, part of the chain or set of potentials that no series may have.

    Raises:
        UsageError: names what may be stated.
    """
    message = '"{name}" is not allowed here: {allowed}.'
    for name, allowed in ((gas, GASES), (chain, CHAINS)):
        if name not in allowed:
            raise UsageError(message, name=name, allowed=", ".join(allowed))
    sets = POTENTIALS if gas == "CO2e" else ()
    if (gwp is not None or sets) and gwp not in sets:
        raise UsageError(message, name=f"gwp {gwp or ''}".strip(), allowed=", ".join(sets) or "–")


def _fuel_rows(path: Path) -> Iterator[dict[str, str | None]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        head = text.partition("\n")[0]
        parsed = table.read(text, path.name, separator=";" if head.count(";") > head.count(",") else ",")
    except (OSError, UnicodeDecodeError, csv.Error, CatalogueError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    for name in _COLUMNS:
        if name not in parsed.header:
            near = ", ".join(get_close_matches(name, parsed.header)) or "–"
            message = '{file}: the column "{column}" is missing. Similar: {near}.'
            raise FileRefused(message, file=path.name, column=name, near=near)
    seen: set[str] = set()
    for cells, line in parsed.rows:
        row = dict(zip(parsed.header, cells, strict=True))
        _check_fuel(row, line, path.name, seen)
        name = plain_type(row["production_type"] or "")
        seen.add(name)
        yield row | {"production_type": name}
    if parsed.ragged:
        raise _refused(path.name, parsed.ragged[0], "", None)


def _check_fuel(row: dict[str, str | None], line: int, file: str, seen: set[str]) -> None:
    for name in _COLUMNS:
        if row[name] is None and not (name == "gwp" and row["gas"] == "CO2"):
            raise _refused(file, line, name, None)
    try:
        is_number = Decimal(row["g_per_kwh"] or "") >= 0
    except InvalidOperation:
        is_number = False
    if not is_number or len((row["g_per_kwh"] or "").partition(".")[2]) > DIGITS:
        raise _refused(file, line, "g_per_kwh", row["g_per_kwh"])
    if plain_type(row["production_type"] or "") in seen:
        raise _refused(file, line, "production_type", row["production_type"])
    if row["evidence"] not in set(Evidence):
        raise _refused(file, line, "evidence", row["evidence"])


def _refused(file: str, line: int, column: str, value: str | None) -> FileRefused:
    message = '{file}, line {row}, column "{column}": "{value}" cannot be taken.'
    return FileRefused(message, file=file, row=line, column=column, value=value or "")


def plain_type(header: str) -> str:
    """Return the production type a header names: without unit, resolution and "Actual Aggregated"."""
    bare = re.sub(r"\s+", " ", re.sub(r"\s*\[[^\]]*\].*$", "", header)).strip()
    return re.sub(r" - Actual Aggregated$", "", bare)


@dataclass(frozen=True, slots=True)
class Weighed:
    """`values` of the series (`VALUES`), and how many intervals gave none, by reason."""

    values: pl.DataFrame
    incomplete: int
    negative: int
    without_generation: int


def check_types(found: Sequence[str], fuels: FuelTable, excluded: Iterable[str], zero: Iterable[str]) -> None:
    """Refuse production types nobody decided about, and declarations about types that are not there.

    Raises:
        UnknownName: names the production type and what is near.
    """
    left, named = set(excluded), set(fuels.names)
    for name in found:
        if name not in named | left:
            near = ", ".join(get_close_matches(name, fuels.names)) or "–"
            message = (
                'No factor for the production type "{name}". State one, or leave it out with --exclude. '
                "Similar: {near}."
            )
            raise UnknownName(message, name=name, near=near)
    for name in [*left, *zero]:
        if name not in found:
            message = 'The file has no production type "{name}". It has: {near}.'
            raise UnknownName(message, name=name, near=", ".join(found))


def weighed(generation: pl.DataFrame, fuels: FuelTable, zero: Iterable[str] = ()) -> Weighed:
    """Return the generation-weighted intensity of every interval in which all is known.

    Shape: `start` and one DECIMAL column per production type in; one row per interval with a value out.
    Units: any unit of energy or mean power that all columns share; g per kWh out.
    """
    types = [name for name in generation.columns if name != "start"]
    filled = generation.with_columns(pl.col(name).fill_null(0) for name in types if name in set(zero))
    factors = [int(fuels.value(name).scaleb(DIGITS)) for name in types]
    counts = {"incomplete": 0, "negative": 0, "without_generation": 0}
    rows = []
    for start, *amounts in filled.select("start", *types).iter_rows():
        if None in amounts:
            counts["incomplete"] += 1
            continue
        whole = [int(amount * _SCALE) for amount in amounts]
        if min(whole, default=0) < 0:
            counts["negative"] += 1
        elif (total := sum(whole)) == 0:
            counts["without_generation"] += 1
        else:
            mass = sum(amount * factor for amount, factor in zip(whole, factors, strict=True))
            rows.append((start, Decimal(round(Fraction(mass, total))).scaleb(-DIGITS)))
    return Weighed(pl.DataFrame(rows, schema=VALUES, orient="row"), **counts)


def save(series: Intensity, path: Path) -> None:
    """Write a series: one Parquet file with what is known about it inside; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    series.values.write_parquet(temporary, metadata={_ABOUT: described(series.about)})
    temporary.replace(path)


def load(path: Path) -> Intensity:
    """Read a series.

    Raises:
        CatalogueError: the file is no series.
    """
    try:
        about: About = about_of(pl.read_parquet_metadata(path)[_ABOUT])
        values = pl.read_parquet(path, columns=list(VALUES)).select(
            pl.col(name).cast(kind) for name, kind in VALUES.items()
        )
    except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise CatalogueError("{file} is no series: {reason}", file=path.name, reason=str(error)) from error
    return Intensity(about, values.sort("start"))


def load_all(data: Path) -> tuple[Intensity, ...]:
    """Return the series of a data directory by name."""
    return tuple(load(path) for path in sorted((data / FOLDER).glob("*.parquet")))
