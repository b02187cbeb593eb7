"""What the towns' agencies hand in: monthly values of five years, with the effects of projects in them."""

from datetime import date, timedelta
from pathlib import Path

from bilanz.app.demoleague.projects import projects
from bilanz.app.demoleague.towns import METERS, MUSTERHAFEN, YEARS, Meter, Town, degree_days, town_of
from bilanz.app.musterhafen import bills
from bilanz.app.musterhafen.chance import between
from bilanz.app.musterhafen.city import POINTS, Point
from bilanz.app.musterhafen.city import YEARS as CITY_YEARS
from bilanz.app.musterhafen.upload import Row, day, german, month_bounds, write_rows

_NOTE = "fiktiv (Demonstration)"
_NOISE = 0.025
"""How far a month may lie beside what weather and base explain."""

_BEFORE = {2020: 1.07, 2021: 1.03}
"""What Musterhafen used before its own files begin, as a multiple of their first year."""


def write_deliveries(folder: Path, town: Town) -> list[tuple[str, Path]]:
    """Write the files of a town; return agency and file."""
    files = [
        (agency.code, write_rows(folder / f"Messwerte_{agency.code}_{year}.csv", rows))
        for agency in town.agencies
        for year in YEARS
        if (rows := [row for meter in METERS if meter.agency == agency.code for row in _rows(meter, year)])
    ]
    return files + (_earlier(folder) if town is MUSTERHAFEN else [])


def quantity(meter: Meter, year: int, month: int) -> float:
    """Return what a meter counts in a month, with the effect of its project."""
    first, last = month_bounds(year, month)
    days = (last - first).days + 1
    expected = meter.base * days + meter.slope * degree_days(town_of(meter.agency), year, month)
    varied = 1 + between(-_NOISE, _NOISE, meter.source, year, month)
    return expected * varied * (1 - meter.effect * _done(meter, first, last))


def _done(meter: Meter, first: date, last: date) -> float:
    """Return the part of a month after the completion of the meter's project."""
    completed = next((one.completed_on for one in projects() if one.id == meter.project), None)
    if completed is None:
        return 0.0
    after = max(first, completed + timedelta(days=1))
    return max(0, (last - after).days + 1) / ((last - first).days + 1)


def _rows(meter: Meter, year: int) -> list[Row]:
    digits = 0 if meter.unit == "kWh" else 1
    rows = []
    for month in range(1, 13):
        first, last = month_bounds(year, month)
        counted = quantity(meter, year, month)
        rows.append(
            Row(
                organisation=meter.agency,
                site=meter.site,
                source=meter.source,
                activity=meter.activity,
                start=day(first),
                end=day(last),
                quantity=german(round(counted, digits), digits),
                unit=meter.unit,
                basis=meter.basis,
                cost_net=german(round(counted * meter.price, 2)),
                currency=town_of(meter.agency).currency,
                quality="gemessen",
                note=_NOTE,
            )
        )
    return rows


def _earlier(folder: Path) -> list[tuple[str, Path]]:
    """Write one table a year for what Musterhafen used before its own files begin."""
    files = []
    for organisation in sorted({point.organisation for point in POINTS}):
        for year in (year for year in YEARS if year < CITY_YEARS[0]):
            rows = [
                row
                for point in POINTS
                if point.organisation == organisation and point.yearly[0] and point.role == "consumed"
                for row in _of_point(point, year)
            ]
            if rows:
                path = folder / f"Jahrestabelle_{organisation}_{year}.csv"
                files.append((organisation, write_rows(path, rows)))
    return files


def _of_point(point: Point, year: int) -> list[Row]:
    digits = 2 if point.unit in {"t", "MWh"} else 0
    rows = []
    for month in range(1, 13):
        first, last = month_bounds(year, month)
        share = bills.profile(point.profile, month) * between(0.95, 1.05, point.source, year, month)
        amount = german(round(point.yearly[0] * _BEFORE[year] * share, digits), digits)
        rows.append(
            Row(
                organisation=point.organisation,
                site=point.site,
                source=point.source,
                activity=point.activity,
                start=day(first),
                end=day(last),
                quantity=amount,
                unit=point.unit,
                basis=point.basis,
                quality="gemessen",
                note=_NOTE,
            )
        )
    return rows
