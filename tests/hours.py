"""Series of grid intensity made by hand, and a city with readings to match with them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
from toy import City

from bilanz.app.balances import calculate_year
from bilanz.app.intake.ingest import import_file
from bilanz.intensity import VALUES, About, Intensity
from bilanz.result import Result
from factors.series import FOLDER, save


def series(
    values: Iterable[tuple[str, str]], *, name: str = "grid", minutes: int = 60, **told: object
) -> Intensity:
    """Return a series of (UTC start, g CO2e per kWh)."""
    about: dict[str, object] = {
        "name": name,
        "region": "DE",
        "zone": "Europe/Berlin",
        "minutes": minutes,
        "gas": "CO2e",
        "gwp": "AR6",
        "chain": "direct",
        "delivery": None,
        "mass_unit": "g",
        "per_unit": "kWh",
        "source": "test",
        "title": "test",
        "licence": "none",
        "locator": "",
        "file": "test.csv",
        "sha256": "0" * 64,
    }
    rows = [(datetime.fromisoformat(at), Decimal(value)) for at, value in values]
    frame = pl.DataFrame(rows, schema=VALUES, orient="row").sort("start")
    return Intensity(About(**(about | told)), frame)  # type: ignore[arg-type] # the fields by name, of several types


def steady(
    first: str, end: str, value: str, *, minutes: int = 60, name: str = "grid", **told: object
) -> Intensity:
    """Return a series of one value over [first, end) in UTC."""
    return series([(at, value) for at in instants(first, end, minutes)], minutes=minutes, name=name, **told)


def instants(first: str, end: str, minutes: int) -> list[str]:
    """Return the starts of the intervals in [first, end)."""
    low, high, step = datetime.fromisoformat(first), datetime.fromisoformat(end), timedelta(minutes=minutes)
    return [(low + step * index).strftime("%Y-%m-%dT%H:%M") for index in range((high - low) // step)]


def keep(city: City, *entries: Intensity) -> None:
    """Put series into the data directory of a city."""
    for entry in entries:
        save(entry, Path(city.settings.data) / FOLDER / f"{entry.about.name}.parquet")


def read(city: City, name: str, rows: list[tuple[str, str]], *, minutes: int, source: str = "M1") -> None:
    """Import readings of a meter of the town."""
    path = city.readings(name, rows, source=source, minutes=minutes)
    import_file(path, organisation="town", settings=city.settings)


def balance(city: City, *books: str, **told: object) -> Result:
    """Calculate 2024, in the hourly book unless others are named."""
    return calculate_year(city.settings, 2024, books=books or ("hourly",), **told)  # type: ignore[arg-type] # the fields by name, of several types


def lines(result: Result, book: str = "hourly") -> pl.DataFrame:
    """Return the lines of a book."""
    return result.lines.filter(pl.col("book") == book)


def mass(result: Result, book: str = "hourly") -> Decimal:
    """Return kg CO2e of a book."""
    return Decimal(lines(result, book)["co2e_kg"].sum() or 0)


def missed(result: Result) -> list[tuple[str, Decimal, int]]:
    """Return code, quantity and records of the exceptions of the hourly book."""
    found = result.exceptions.filter(pl.col("book") == "hourly")
    return found.group_by("code").agg(pl.col("quantity", "records").sum()).sort("code").rows()
