"""The central procurement's bookings: accounts of the municipal chart, some with a CPV code.

Salaries, transfers, interest and internal charges stand in the same list as in every ledger, energy bills
too (their quantities are handed in elsewhere), and one booking nobody can place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bilanz.app.musterhafen.chance import between
from bilanz.app.musterhafen.city import YEARS
from bilanz.app.musterhafen.upload import NOTE, Row, day, german, month_bounds, write_rows


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked every month; `yearly` in euros net, `activity` where it is no purchase."""

    text: str
    yearly: float
    account: str = ""
    cpv: str = ""
    activity: str = "Einkauf"


BOOKINGS = (
    Booking("Büromaterial und Papier", 148_000, "5431", "30190000-7"),
    Booking("IT-Geräte und Bildschirme", 392_000, "5224", "30200000-1"),
    Booking("Software und Rechenzentrum", 517_000, "5291", "72000000-5"),
    Booking("Gebäudereinigung", 612_000, "5241", "90910000-9"),
    Booking("Bauunterhalt Schulen", 1_240_000, "5211", "45214200-2"),
    Booking("Straßenunterhaltung", 870_000, "5221"),
    Booking("Schulverpflegung", 438_000, "5271", "55524000-9"),
    Booking("Möbel für Schulen", 196_000, "5255", "39160000-1"),
    Booking("Fahrzeugteile und Werkstatt", 261_000, "5251", "50110000-9"),
    Booking("Druck und Veröffentlichung", 57_000, "5431", "79800000-2"),
    Booking("Planungsleistungen", 684_000, "5291", "71000000-8"),
    Booking("Versicherungen", 214_000, "5441"),
    Booking("Dienst- und Schutzkleidung", 73_000, "5261", "18100000-0"),
    Booking("Stromrechnungen Sammelkonto", 905_000, "5241", "09310000-5"),
    Booking("Personalaufwand", 14_800_000, "5011", activity="Gehälter"),
    Booking("Transferleistungen Jugendhilfe", 6_200_000, "5331", activity="Transferleistungen"),
    Booking("Zinsen für Kredite", 410_000, "5517", activity="Zinsen"),
    Booking("Interne Verrechnung Bauhof", 330_000, "5811", activity="interne Verrechnung"),
)
_TRAVEL = (
    ("Bahn Fernverkehr", 186_000),
    ("Bahn Nahverkehr", 94_000),
    ("Dienstreise Pkw", 121_000),
    ("Inlandsflug", 7_400),
)


def write_purchases(inbox: Path) -> list[Path]:
    """Write one list of bookings and one of business travel per year."""
    files = []
    for year in YEARS:
        bookings = list(_bookings(year))
        files.append(write_rows(inbox / "einkauf" / f"Buchungen_{year}.csv", bookings))
        files.append(write_rows(inbox / "einkauf" / f"Dienstreisen_{year}.csv", list(_journeys(year))))
    return files


def _bookings(year: int) -> Iterator[Row]:
    for booking in BOOKINGS:
        for month in range(1, 13):
            first, last = month_bounds(year, month)
            amount = booking.yearly / 12 * between(0.8, 1.2, booking.text, year, month)
            yield Row(
                organisation="einkauf",
                activity=booking.activity,
                start=day(first),
                end=day(last),
                quantity=german(amount),
                unit="EUR",
                account=booking.account if booking.activity == "Einkauf" else "",
                cpv=booking.cpv,
                counterparty=f"Lieferant {booking.account} (fiktiv)",
                note=f"{NOTE}; {booking.text}",
            )
    yield Row(
        organisation="einkauf",
        activity="Einkauf",
        start=f"01.07.{year}",
        end=f"31.07.{year}",
        quantity=german(23_950.0),
        unit="EUR",
        counterparty="Unbekannt & Co. (fiktiv)",
        note=f"{NOTE}; Sonstiges laut Anlage",
    )


def _journeys(year: int) -> Iterator[Row]:
    for activity, distance in _TRAVEL:
        for quarter in range(4):
            first, _ = month_bounds(year, quarter * 3 + 1)
            _, last = month_bounds(year, quarter * 3 + 3)
            amount = distance / 4 * between(0.85, 1.15, activity, year, quarter)
            yield Row(
                organisation="einkauf",
                source=f"EK-REISEN-{activity.split()[-1].upper()}",
                activity=activity,
                start=day(first),
                end=day(last),
                quantity=german(amount, 0),
                unit="pkm",
                quality="geschätzt",
            )
