"""Electronic invoices (XRechnung): gas of the comprehensive school in UBL, street lighting in CII.

Energy, grid fee and levy lines repeat the same kilowatt hours; a line of 2023 names an article nobody knows.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bilanz.app.musterhafen.city import CITY, POINTS, YEARS, Point

_SELLER = "Hafenenergie Vertrieb GmbH (fiktiv)"
_NOTE = "Schlussrechnung; fiktive Rechnung der fiktiven Stadt Musterhafen"
_FILES = {
    "GES-GAS-01": ("ubl", "Rechnung_Gas_Gesamtschule_{year}.xml"),
    "SW-LICHT": ("cii", "Rechnung_Strassenbeleuchtung_{year}.xml"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: article, quantity with its UN/ECE unit, price per unit in euros net."""

    article: str
    quantity: int
    unit: str
    price: Decimal

    @property
    def net(self) -> Decimal:
        """Net amount of the line."""
        return (self.quantity * self.price).quantize(Decimal("0.01"))


def write_invoices(inbox: Path) -> list[Path]:
    """Write one invoice per contract and year, dated January of the following year."""
    contracts = [point for point in POINTS if point.delivery == "invoice"]
    return [_write(inbox / point.organisation, point, year) for year in YEARS for point in contracts]


def lines(point: Point, year: int) -> list[Line]:
    """Return the lines of a year's bill."""
    used = int(point.yearly[YEARS.index(year)])
    if point.activity == "Erdgas":
        prices = {
            "Erdgas Arbeitspreis (Brennwert Hs)": "0.0595",
            "Netzentgelt Gas Arbeitspreis": "0.0170",
            "CO2-Preis nach BEHG": "0.0054",
        }
    else:
        prices = {
            "Strom Arbeitspreis Straßenbeleuchtung": "0.1320",
            "Netzentgelt Strom Arbeitspreis": "0.0660",
            "Stromsteuer": "0.0205",
        }
    found = [Line(article, used, "KWH", Decimal(price)) for article, price in prices.items()]
    found.append(Line("Grundpreis", 12, "MON", Decimal("31.50")))
    if point.activity == "Erdgas" and year == YEARS[1]:
        found.append(Line("Sonderposition 4711 Komfortpaket", 1, "C62", Decimal("480.00")))
    return found


def _write(folder: Path, point: Point, year: int) -> Path:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    syntax, name = _FILES[point.source]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    found = lines(point, year)
    text = environment.get_template(f"invoice.{syntax}.xml").render(
        number=f"HE-{year}-{point.source}",
        year=year,
        note=_NOTE,
        source=point.source,
        seller=_SELLER,
        buyer=f"{CITY}, {point.site}",
        total=sum(line.net for line in found),
        lines=found,
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name.format(year=year)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
