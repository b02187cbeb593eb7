"""Fuel-card statements of the depot: one file per year, washing and AdBlue between the litres."""

from datetime import date
from pathlib import Path

import polars as pl

from bilanz.app.musterhafen.chance import noise
from bilanz.app.musterhafen.city import CITY, YEARS

# plate, article, litres per filling, fillings per year, kilometres per filling
_VEHICLES = (
    ("MUS-AB 101", "Diesel", 118.0, 104, 262),
    ("MUS-AB 102", "Diesel", 122.0, 104, 268),
    ("MUS-AB 103", "Diesel", 109.0, 104, 249),
    ("MUS-AB 104", "Diesel", 115.0, 98, 255),
    ("MUS-AB 105", "Diesel", 126.0, 96, 271),
    ("MUS-AB 106", "HVO100", 112.0, 88, 251),
    ("MUS-KM 21", "Diesel", 64.0, 92, 118),
    ("MUS-KM 22", "Diesel", 61.0, 90, 114),
    ("MUS-GA 31", "Diesel", 52.0, 61, 540),
    ("MUS-GA 32", "Diesel", 48.0, 58, 512),
    ("MUS-GA 33", "Super E10", 39.0, 47, 606),
    ("MUS-GA 34", "Super E5", 37.0, 41, 588),
)
_HVO_SINCE = 2024
_LORRY_LITRES = 100
"""Who fills up more is a lorry and needs AdBlue."""
_SLIP = 400
"""Line whose odometer reading has lost a digit, as typed at the pump."""
_PRICES = {
    "Diesel": 1.42,
    "HVO100": 1.61,
    "Super E10": 1.47,
    "Super E5": 1.52,
    "AdBlue": 0.89,
    "Autowäsche": 9.2,
}
_HEADERS = (
    "Kunde", "Kartennummer", "Kennzeichen", "Datum", "Uhrzeit", "Tankstelle", "Artikel", "Menge", "Einheit",
    "Preis je Einheit", "Betrag netto", "Währung", "Kilometerstand",
)  # fmt: skip


def write_fuel_cards(inbox: Path) -> list[Path]:
    """Write one statement per year."""
    return [_write(inbox / "fuhrpark" / f"Tankkarten_{year}.csv", year) for year in YEARS]


def transactions(year: int) -> pl.DataFrame:
    """Return the items of a year in order of time: card, plate, when, article, amount, unit, odometer."""
    vehicles = pl.DataFrame(
        _VEHICLES, schema=["plate", "article", "litres", "fillings", "kilometres"], orient="row"
    ).with_row_index("vehicle")
    fillings = vehicles.with_columns(number=pl.int_ranges(0, pl.col("fillings"))).explode("number")
    key = pl.col("number") + pl.col("vehicle") * 1_000 + year * 20
    base = fillings.with_columns(
        day=(pl.col("number") * 364 / pl.col("fillings")).floor().cast(pl.Int32),
        minute=(375 + (noise(key, 11) + 1) * 280).cast(pl.Int32),
        amount=(pl.col("litres") * (1 + 0.14 * noise(key, 12))).round(2),
        odometer=(41_000 + (year - YEARS[0]) * 14_000 + pl.col("vehicle") * 1_733)
        + (pl.col("number") + 1) * pl.col("kilometres"),
        unit=pl.lit("L"),
        article=pl.when((pl.col("article") == "HVO100") & (year < _HVO_SINCE))
        .then(pl.lit("Diesel"))
        .otherwise(pl.col("article")),
    )
    is_heavy = pl.col("litres") > _LORRY_LITRES
    extras = [
        base.filter(is_heavy & (pl.col("number").mod(9).eq(4))).with_columns(
            article=pl.lit("AdBlue"), amount=pl.lit(18.5), minute=pl.col("minute") + 3
        ),
        base.filter(~is_heavy & (pl.col("number").mod(14).eq(6))).with_columns(
            article=pl.lit("Autowäsche"), amount=pl.lit(1.0), unit=pl.lit("Stk"), minute=pl.col("minute") + 6
        ),
    ]
    return pl.concat([base, *extras]).sort("day", "minute", "vehicle", "article")


def _write(path: Path, year: int) -> Path:
    frame = transactions(year).with_row_index("line")
    price = pl.col("article").replace_strict(_PRICES, return_dtype=pl.Float64)
    slipped = pl.when(pl.col("line") == _SLIP).then(pl.col("odometer") // 10).otherwise(pl.col("odometer"))
    when = pl.lit(date(year, 1, 2)) + pl.duration(days=pl.col("day"))
    cells = (
        pl.lit(CITY),
        pl.format("70000{}", pl.col("vehicle") + 101),
        pl.col("plate"),
        when.dt.strftime("%d.%m.%Y"),
        pl.format("{}:{}", _two(pl.col("minute") // 60), _two(pl.col("minute") % 60)),
        pl.format("Tankhof {} (fiktiv)", pl.col("vehicle") % 3 + 1),
        pl.col("article"),
        _comma(pl.col("amount")),
        pl.col("unit"),
        _comma(price),
        _comma(pl.col("amount") * price),
        pl.lit("EUR"),
        slipped.cast(pl.String),
    )
    lines = frame.select(pl.concat_str(cells, separator=";")).to_series()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\r\n".join([";".join(_HEADERS), *lines, ""]).encode("cp1252"))
    return path


def _two(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.zfill(2)


def _comma(value: pl.Expr) -> pl.Expr:
    """Return numbers with two digits and a decimal comma."""
    cents = (value * 100).round().cast(pl.Int64)
    return pl.format("{},{}", cents // 100, _two(cents % 100))
