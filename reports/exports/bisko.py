"""A territory by BISKO as XLSX: final energy by sector, carrier and use, indicators, demands."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path
from typing import ClassVar

import polars as pl

from bilanz.errors import Refused
from bilanz.messages import Language, translate
from bilanz.result import Result, TerritoryView
from reports import territory as words
from reports.base import Wording
from reports.export import Export
from reports.spreadsheet import Grid, Value, write_grids
from reports.totals import organisation_name


class Bisko(Export):
    """The territorial balance: every cell, every indicator, every demand."""

    name: ClassVar[str] = "bisko"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Balance of a territory by BISKO: final energy and indicators (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the balance of the territories of a run.

        Raises:
            Refused: the run holds no territory.
        """
        view = territory_of(result)
        language = wording.language
        write_grids(path, self.title(language), language, list(_sheets(result, view, language)))


def territory_of(result: Result) -> TerritoryView:
    """Return the territories of a run.

    Raises:
        Refused: it holds none.
    """
    if result.beside.territory is None:
        message = (
            "The calculation {run} holds no territory in the book bisko: import the forms of a territory "
            "(bilanz template --list) for an organisation of its own, and calculate it with --org."
        )
        raise Refused(message, run=result.manifest.run)
    return result.beside.territory


def about(result: Result, view: TerritoryView, language: Language) -> Grid:
    """Return the sheet that says what the file is: year, run, factors, method, verdict with its reasons."""
    place = organisation_name(result, language)
    rows: list[tuple[Value, ...]] = [
        (translate("Year", language), result.manifest.year),
        (translate("Method", language), view.method),
        (translate("Calculation", language), result.manifest.run),
        ("result_hash", result.manifest.result_hash),
        (translate("Factors", language), result.manifest.release_name or result.manifest.factor_release),
        (translate("Global warming potentials", language), result.manifest.gwp),
        (translate("Version", language), result.manifest.code_version),
    ]
    for unit, verdict in view.verdicts.iter_rows():
        rows.append((place(unit), words.named(words.VERDICTS, verdict, language)))
        rows += [(translate("Not kept", language), rule) for rule in words.broken_rules(view, unit, language)]
        rows += [
            (translate("Missing or not as needed", language), cell)
            for cell in words.missing_cells(view, unit, language)
        ]
    rows += [(unit, sentence) for unit, sentence in words.findings(result, view, language)]
    header = (translate("Topic", language), translate("Statement", language))
    return Grid(translate("About this file", language), header, rows)


def _sheets(result: Result, view: TerritoryView, language: Language) -> Iterator[Grid]:
    yield about(result, view, language)
    yield _energy(result, view, language)
    yield _indicators(result, view, language)
    demands = words.demands(result, view, language)
    heads = ("Territory", "Kind of demand", "Demand", "State", "By what")
    yield Grid(
        translate("Demands", language),
        [translate(head, language) for head in heads],
        list(demands.iter_rows()),
    )
    outside = words.outside(result, view, language)
    names = ("territory", "sector", "source", "activity", "quantity", "unit", "reason")
    yield Grid(translate("No final energy", language), list(names), list(outside.select(names).iter_rows()))


def _energy(result: Result, view: TerritoryView, language: Language) -> Grid:
    """Return year × sector × carrier × use."""
    header = (
        "territory",
        "year",
        "sector",
        "carrier",
        "use",
        "final_energy_MWh",
        "EF_g_kWh",
        "EF_source",
        "tCO2e",
        "DG_class",
        "entries_without_factor",
    )
    told = words.cells(result, view, language).select(
        "territory", "year", "sector", "carrier", "use", "energy_kwh", "factor", "factor_source", "co2e_kg",
        "grade", "gaps",
    )  # fmt: skip
    rows = [
        (*row[:5], thousandth(row[5]), row[6], row[7], thousandth(row[8]), *row[9:])
        for row in told.iter_rows()
    ]
    return Grid(translate("Final energy", language), header, rows)


def _indicators(result: Result, view: TerritoryView, language: Language) -> Grid:
    """Return the indicators with numerators and denominators, then the grade of the data."""
    place = organisation_name(result, language)
    told = words.indicators(result, view, language).select(
        "territory", "indicator", "value", "numerator", "numerator_unit", "denominator", "denominator_unit",
        "remark",
    )  # fmt: skip
    grades = [
        (
            place(row["organisation"]),
            f"{translate('Grade of the data', language)}: {_carrier(row, language)}",
            row["index"],
            None,
            None,
            thousandth(row["energy_kwh"]),
            "MWh",
            row[language],
        )
        for row in view.quality.with_columns(pl.col("index").cast(pl.Decimal(38, 6))).iter_rows(named=True)
    ]
    return Grid(
        translate("Indicators of the territory", language), told.columns, [*told.iter_rows(), *grades]
    )


def _carrier(row: dict[str, str | None], language: Language) -> str:
    if row["carrier"] is None:
        return translate("All carriers", language)
    return words.carrier(row["carrier"], row["carrier_en"], language)


def thousandth(value: Decimal) -> Decimal:
    """Return kWh as MWh, or kg as t, exactly."""
    with localcontext(prec=60):
        return value / 1000
