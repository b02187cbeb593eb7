"""Factor series of a data directory: import, list, show, and what a calculation takes of them."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import books as book_files
from bilanz.app.catalogue.seriesfile import Opened, Rejected, SeriesFile, open_series, read_series
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.app.trail import enter
from bilanz.errors import FileRefused, Refused, UnknownName, UsageError
from bilanz.intensity import About, Intensity
from bilanz.messages import Language, translate
from bilanz.periods import zone_of
from factors import series as tables

_UNIT: Final = re.compile(
    r"\b(?P<mass>g|kg|t)\s*(?P<gas>CO2(?:[ -]?eq?)?)\.?\s*(?:/|per|pro|je)\s*(?P<per>kWh|MWh)\b",
    re.IGNORECASE,
)
_ENERGIES: Final = frozenset({"MWh", "MW", "GWh", "GW", "kWh", "kW"})
_SCALE_OF_INTENSITY: Final = 12
_SCALE_OF_GENERATION: Final = 6


@dataclass(frozen=True, slots=True)
class Stated:
    """What the person who imports a series states about it.

    Attributes:
        factors: table of factors per production type; None: the file states intensities.
        excluded, zero: production types left out, and those of which nothing means none.
        column: header of the intensity, where the file has several.
        unit: of the intensity, where the header states none.
        chain, gwp, delivery: of intensities; generation has them from the factors and is generated.
        declared: header → format, where a file leaves it open.
    """

    name: str
    region: str
    source: str
    title: str
    licence: str
    locator: str = ""
    zone: str | None = None
    factors: Path | None = None
    excluded: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()
    column: str | None = None
    unit: str | None = None
    chain: str | None = None
    gwp: str | None = None
    delivery: str | None = None
    declared: Mapping[str, str] = field(default_factory=dict)


def load_series(settings: Settings, names: tuple[str, ...] = ()) -> tuple[Intensity, ...]:
    """Return the series of the data directory, or those named.

    Raises:
        UnknownName: there is no such series.
        CatalogueError: a file is no series.
    """
    found = tables.load_all(settings.data)
    known = {entry.about.name: entry for entry in found}
    for name in names:
        if name not in known:
            message = 'The series "{name}" is not known. There are: {near}.'
            raise UnknownName(message, name=name, near=", ".join(known) or "–")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else found


def series_for(
    settings: Settings, books: tuple[str, ...], names: tuple[str, ...] = ()
) -> tuple[Intensity, ...]:
    """Return what the books of a run may take: nothing where none of them matches by the hour.

    Raises:
        UnknownName: there is no such book or series.
        CatalogueError: a file is no series.
    """
    chosen = book_files.chosen(book_files.read_all(BOOK_FOLDER), books)
    return load_series(settings, names) if names or any(book.is_hourly for book in chosen) else ()


def import_series(path: Path, stated: Stated, settings: Settings, *, dry_run: bool) -> dict[str, Any]:
    """Read a series, keep it in the data directory and return the summary (docs/cli.md).

    Raises:
        FileRefused: the file as a whole cannot be read.
        Refused: a series of that name is there already; closed balances may rest on it.
        UsageError: an option is missing or does not fit.
        UnknownName: a production type without a factor, or a column or zone that is not there.
    """
    if not re.fullmatch(r"[a-z0-9_]+", stated.name):
        raise UsageError('"{name}" cannot name a series: a-z, 0-9 and _ are allowed.', name=stated.name)
    if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", stated.region):
        raise UsageError('"{name}" is not a region: DE, DE-BB.', name=stated.region)
    zone_of(stated.zone or settings.zone)
    target = settings.data / tables.FOLDER / f"{stated.name}.parquet"
    if target.exists():
        message = "The series {name} is there already; give the new one another name."
        raise Refused(message, name=stated.name)
    opened = open_series(path)
    read = _intensities if stated.factors is None else _generation
    series, file, told = read(opened, stated, settings)
    if series.values.is_empty():
        raise FileRefused("{file} holds no interval with a value.", file=path.name)
    if not dry_run:
        tables.save(series, target)
        details = {"table": tables.FOLDER, "sha256": series.hash()}
        enter(settings, "factors.import", stated.name, details=details)
    return {**shown(series), **told, "rejected": _listed(file.rejected, settings.lang)}


def _listed(rejected: tuple[Rejected, ...], language: Language) -> list[dict[str, Any]]:
    return [asdict(entry) | {"reason": translate(entry.reason, language)} for entry in rejected]


def _about(opened: Opened, stated: Stated, settings: Settings, **told: Any) -> About:  # noqa: ANN401 - its fields
    path = opened.file.path
    return About(
        name=stated.name,
        region=stated.region,
        zone=stated.zone or settings.zone,
        source=stated.source,
        title=stated.title,
        licence=stated.licence,
        locator=stated.locator,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        **told,
    )


def _generation(
    opened: Opened, stated: Stated, settings: Settings
) -> tuple[Intensity, SeriesFile, dict[str, Any]]:
    """Weight generation by production type with the factors stated."""
    for option, value in (("--chain", stated.chain), ("--gwp", stated.gwp), ("--unit", stated.unit)):
        if value is not None:
            message = (
                "{option} belongs to files of intensities; with --factors the table of factors states it."
            )
            raise UsageError(message, option=option)
    fuels = tables.read_fuels(stated.factors or Path())
    types = {tables.plain_type(header): header for header in opened.values}
    tables.check_types(tuple(types), fuels, stated.excluded, stated.zero)
    wanted = {name: header for name, header in types.items() if name not in stated.excluded}
    _check_units(opened.file.path, wanted.values())
    file = read_series(
        opened,
        list(wanted.values()),
        zone=stated.zone or settings.zone,
        scale=_SCALE_OF_GENERATION,
        declared=stated.declared,
    )
    generation = file.frame.rename({header: name for name, header in wanted.items()})
    found = tables.weighed(generation, fuels, stated.zero)
    used = tuple(fuel for fuel in fuels.fuels if fuel.production_type in wanted)
    about = _about(
        opened,
        stated,
        settings,
        minutes=file.minutes,
        gas=fuels.gas,
        gwp=fuels.gwp,
        chain=fuels.chain,
        delivery="generated",
        mass_unit="g",
        per_unit="kWh",
        fuels=used,
        excluded=tuple(sorted(stated.excluded)),
        zero=tuple(sorted(stated.zero)),
    )
    told = {
        "incomplete": found.incomplete,
        "negative": found.negative,
        "without_generation": found.without_generation,
        "unused_factors": [name for name in fuels.names if name not in wanted],
    }
    return Intensity(about, found.values.sort("start")), file, told


def _check_units(path: Path, headers: Iterable[str]) -> None:
    """Refuse columns that are not all in one unit of energy or power.

    Raises:
        FileRefused: names the units found.
    """
    brackets = [re.search(r"\[([^\]]*)\]", text) for text in headers]
    units = {found[1] if found else "–" for found in brackets}
    if len(units) != 1 or not units <= _ENERGIES:
        message = (
            "{file}: generation in one unit ([MWh] or [MW] in every header) is expected; found are: {units}."
        )
        raise FileRefused(message, file=path.name, units=", ".join(sorted(units)))


def _intensities(
    opened: Opened, stated: Stated, settings: Settings
) -> tuple[Intensity, SeriesFile, dict[str, Any]]:
    """Take the intensities of one column as they are."""
    if stated.excluded or stated.zero:
        raise UsageError("--exclude and --zero belong to generation; state its --factors.")
    if stated.chain is None:
        raise UsageError("State with --chain what the intensity covers: direct or total.")
    if stated.delivery not in {None, "generated", "consumed"}:
        message = '"{name}" is not allowed here: {allowed}.'
        raise UsageError(message, name=stated.delivery, allowed="generated, consumed")
    column = _column(opened, stated.column)
    mass_unit, gas, per_unit = _unit(stated.unit or column)
    tables.check_kind(gas, stated.chain, stated.gwp)
    file = read_series(
        opened,
        [column],
        zone=stated.zone or settings.zone,
        scale=_SCALE_OF_INTENSITY,
        declared=stated.declared,
    )
    values = file.frame.rename({column: "value"})
    known = values.filter(pl.col("value") >= 0).with_columns(pl.col("value").cast(pl.Decimal(38, 18)))
    about = _about(
        opened,
        stated,
        settings,
        minutes=file.minutes,
        gas=gas,
        gwp=stated.gwp,
        chain=stated.chain,
        delivery=stated.delivery,
        mass_unit=mass_unit,
        per_unit=per_unit,
    )
    told = {
        "incomplete": values["value"].null_count(),
        "negative": values.filter(pl.col("value") < 0).height,
    }
    return Intensity(about, known), file, told


def _column(opened: Opened, asked: str | None) -> str:
    """Return the header of the intensity.

    Raises:
        UnknownName: there is no such column.
        UsageError: several columns may be meant.
    """
    if asked is not None:
        if asked not in opened.values:
            near = ", ".join(get_close_matches(asked, opened.values)) or ", ".join(opened.values)
            raise UnknownName('There is no column "{name}". Similar: {near}.', name=asked, near=near)
        return asked
    with_unit = [text for text in opened.values if _UNIT.search(text.replace("₂", "2"))]
    candidates = with_unit or list(opened.values)
    if len(candidates) != 1:
        message = "Several columns may be the intensity; choose one with --column: {near}."
        raise UsageError(message, near=", ".join(candidates) or "–")
    return candidates[0]


def _unit(text: str) -> tuple[str, str, str]:
    """Return mass unit, gas and unit of energy of `gCO2e/kWh`, also inside a header.

    Raises:
        UsageError: no such unit is stated.
    """
    found = _UNIT.search(text.replace("₂", "2"))
    if found is None:
        message = '"{text}" states no unit such as gCO2/kWh or gCO2e/kWh; state it with --unit.'
        raise UsageError(message, text=text)
    gas = "CO2" if found["gas"].upper() == "CO2" else "CO2e"
    return found["mass"].lower(), gas, "kWh" if found["per"].lower() == "kwh" else "MWh"


def shown(series: Intensity) -> dict[str, Any]:
    """Return what is known about a series for JSON and tables."""
    about = asdict(series.about)
    return {
        **about,
        "factor_id": series.factor_id,
        "first": f"{series.first.isoformat()}Z",
        "end": f"{series.end.isoformat()}Z",
        "values": series.values.height,
        "missing": series.missing,
        "least": _plain(series, "min"),
        "most": _plain(series, "max"),
        "hash": series.hash(),
    }


def _plain(series: Intensity, kind: str) -> str:
    value = getattr(series.values["value"], kind)()
    return f"{value.normalize():f}"
