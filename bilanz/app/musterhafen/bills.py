"""Monthly and yearly bills, tank deliveries and readings: one standard upload per organisation and year.

Blemishes, as they happen: a month nobody handed in, a unit with a slip of the finger, a row entered twice,
instalments beside the final bill, a bill beside the meter's own values, an empty cell, a column nobody can
read for certain.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bilanz.app.musterhafen.chance import between
from bilanz.app.musterhafen.city import POINTS, YEARS, Point, Profile
from bilanz.app.musterhafen.metering import TOWN_HALL
from bilanz.app.musterhafen.upload import NOTE, Row, day, german, month_bounds, write_rows

_MONTHS = range(1, 13)
_PROFILES: dict[Profile, tuple[float, ...]] = {  # twelfths of a year, in thousandths
    "flat": (85, 77, 85, 82, 85, 82, 85, 85, 82, 85, 82, 85),
    "heating": (168, 146, 131, 88, 44, 14, 9, 10, 34, 84, 126, 146),
    "school": (104, 96, 99, 84, 86, 82, 48, 52, 84, 88, 97, 80),
    "light": (118, 98, 92, 73, 60, 50, 54, 66, 78, 95, 104, 112),
    "bath": (90, 84, 90, 84, 82, 76, 74, 58, 82, 92, 92, 96),
}
_MISSING = {("GS-STROM-01", 2023, 11), ("EF-BIOABFALL", 2022, 8)}
_SLIPPED_UNIT = {("FW-STROM-01", 2023, 3): "kwhh"}
_ENTERED_TWICE = {("EF-HALLE-STROM", 2024, 5)}
_EMPTY = {("NV-HALLE-STROM", 2022, 6)}
_DIGITS = {"t": 2, "MWh": 2}


def write_bills(inbox: Path) -> list[Path]:
    """Write the standard uploads of all organisations."""
    files: list[Path] = []
    for organisation in sorted({point.organisation for point in POINTS}):
        for year in YEARS:
            own = [point for point in POINTS if point.organisation == organisation]
            rows = [row for point in own for row in (*_rows(point, year), *_billed_too(point, year))]
            path = inbox / organisation / f"Verbrauch_{organisation}_{year}.csv"
            files.append(write_rows(path, rows, encoding="cp1252" if year == YEARS[0] else "utf-8-sig"))
    return [*files, _write_undecidable(inbox)]


def profile(name: Profile, month: int) -> float:
    """Return the share of a year that falls into a month; the shares of a profile add up to one."""
    weights = _PROFILES[name]
    return weights[month - 1] / sum(weights)


def _rows(point: Point, year: int) -> Iterator[Row]:
    match point.delivery:
        case "monthly":
            yield from _monthly(point, year)
        case "yearly":
            yield from _yearly(point, year)
        case "tank":
            yield from _tank(point, year)
        case _:
            return


def _row(point: Point, start: str, end: str, quantity: float) -> Row:
    digits = _DIGITS.get(point.unit, 0)
    return Row(
        organisation=point.organisation,
        site=point.site,
        source=point.source,
        activity=point.activity,
        start=start,
        end=end,
        quantity=german(round(quantity, digits), digits),
        unit=point.unit,
        basis=point.basis,
        cost_net=german(quantity * point.price) if point.price else "",
        currency="EUR" if point.price else "",
        quality="abgerechnet" if point.price else "gemessen",
        role={"sub_meter": "Unterzähler", "tenant": "an Mieter", "sold": "verkauft"}.get(point.role, ""),
    )


def _monthly(point: Point, year: int) -> Iterator[Row]:
    total = point.yearly[YEARS.index(year)]
    for month in _MONTHS:
        key = (point.source, year, month)
        if key in _MISSING:
            continue
        first, last = month_bounds(year, month)
        quantity = total * profile(point.profile, month) * between(0.96, 1.04, *key)
        row = _row(point, day(first), day(last), quantity)
        if key in _SLIPPED_UNIT:
            row = replace(row, unit=_SLIPPED_UNIT[key])
        if key in _EMPTY:
            row = replace(row, quantity="", note=f"{NOTE}; Rechnung fehlt noch")
        yield row
        if key in _ENTERED_TWICE:
            yield row


def _yearly(point: Point, year: int) -> Iterator[Row]:
    """Yield the final bill; in 2023 the kindergarten handed in its eleven instalments as well."""
    total = point.yearly[YEARS.index(year)]
    bill = _row(point, f"01.01.{year}", f"31.12.{year}", total)
    yield replace(bill, document_type="Schlussrechnung")
    if point.source == "KITA-STROM-01" and year == YEARS[1]:
        for month in _MONTHS[1:]:
            first, last = month_bounds(year, month)
            instalment = _row(point, day(first), day(last), total / 11)
            yield replace(instalment, document_type="Abschlag", note=f"{NOTE}; monatlicher Abschlag")


def _billed_too(point: Point, year: int) -> Iterator[Row]:
    """Yield the first year's bill of the town hall, whose meter delivers quarter hours as well."""
    if point.source == TOWN_HALL and year == YEARS[0]:
        bill = _row(point, f"01.01.{year}", f"31.12.{year}", 309_650)
        yield replace(bill, document_type="Schlussrechnung")


def _tank(point: Point, year: int) -> Iterator[Row]:
    """Yield deliveries with the stock before and after; every year begins and ends with the same stock."""
    total = point.yearly[YEARS.index(year)]
    stock = usual = max(point.yearly) * 0.08
    digits = _DIGITS.get(point.unit, 0)
    starts = (1, 3, 5, 10) if point.profile == "heating" else tuple(_MONTHS)
    ends = (*[month - 1 for month in starts[1:]], 12)
    for first_month, last_month in zip(starts, ends, strict=True):
        used = total * sum(profile(point.profile, month) for month in range(first_month, last_month + 1))
        is_last = last_month == _MONTHS[-1]
        delivered = (
            used + usual - stock if is_last else used * between(0.97, 1.03, point.source, year, first_month)
        )
        left = max(stock + delivered - used, 0.0)
        period = day(month_bounds(year, first_month)[0]), day(month_bounds(year, last_month)[1])
        yield replace(
            _row(point, *period, delivered),
            role="geliefert",
            stock_before=german(round(stock, digits), digits),
            stock_after=german(round(left, digits), digits),
        )
        stock = round(left, digits)


def _write_undecidable(inbox: Path) -> Path:
    """Write a list in which 1.250 may be one and a quarter or twelve hundred and fifty: nobody can tell."""
    amounts = ("1.250", "1.175", "1.320")
    rows = [
        Row(
            organisation="fuhrpark", site="Bauhof Süd", source="EF-BRENNHOLZ", activity="Brennholz",
            start=f"01.01.{year}", end=f"31.12.{year}", quantity=amount, unit="t", quality="geschätzt",
        )
        for year, amount in zip(YEARS, amounts, strict=True)
    ]  # fmt: skip
    return write_rows(inbox / "fuhrpark" / "Brennholz_Bauhof.csv", rows)
