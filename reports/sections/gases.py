"""Each of the seven gases in tonnes and CO2e, per scope, as an inventory has to disclose them."""

from decimal import Decimal
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names
from reports.base import Column, Panel, Section, Wording
from reports.totals import COUNTED, named

SEVEN: Final = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3")
_APART: Final = ("other", "not_broken_down", "biogenic_co2", "montreal_gases")
_TONNE: Final = Decimal(1000)


class Gases(Section):
    """One table per GHG Protocol book."""

    name: ClassVar[str] = "gases"
    position: ClassVar[int] = 86

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Greenhouse gases by scope", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the tables; nothing where no book fits."""
        found = result.beside.gases
        if found is None:
            return []
        books = [book for book in result.manifest.books if book in set(found["book"])]
        return [_panel(found.filter(pl.col("book") == book), book, wording.language) for book in books]


def _panel(found: pl.DataFrame, book: str, language: Language) -> Panel:
    """Return gases × (mass and CO2e of each scope); every one of the seven has its row."""
    held = set(found["gas"])
    order = [*SEVEN, *(row for row in _APART if row in held)]
    frame, columns = pl.DataFrame({"gas": order}), []
    for scope in (*COUNTED, "outside"):
        part = found.filter(pl.col("scope") == scope)
        if scope == "outside" and part.is_empty():
            continue
        label = names.scope(scope, language) if scope in COUNTED else translate("Outside", language)
        tonnes = pl.Series(
            [None if mass is None else mass / _TONNE for mass in part["mass_kg"]], dtype=pl.Decimal(38, 15)
        )
        mass = part.select("gas", mass=tonnes, co2e="co2e_kg")
        frame = frame.join(mass, on="gas", how="left", maintain_order="left")
        frame = frame.rename({"mass": f"mass {scope}", "co2e": f"co2e {scope}"})
        columns += [
            Column(f"mass {scope}", label, kind="number", digits=3, unit="t"),
            Column(f"co2e {scope}", label, kind="mass"),
        ]
    absent = ", ".join(names.gas(gas, language) for gas in SEVEN if gas not in held)
    return Panel(
        identifier=f"gases-{book.replace('_', '-')}",
        heading=translate("{book}: gases", language, book=names.book(book, language)),
        finding=translate(
            "No factor in use states these gases by themselves: {gases}.", language, gases=absent
        )
        if absent
        else translate("Each of the seven gases is stated by a factor in use.", language),
        table=named(frame, "gas", lambda code: names.gas(code, language)),
        columns=(Column("gas", translate("Gas", language)), *columns),
        note=translate(
            "A gas that no factor states is unknown, not zero: it may be inside the row that is not broken "
            "down. Blends are taken apart by their composition.",
            language,
        ),
    )
