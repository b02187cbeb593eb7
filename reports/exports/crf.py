"""A territory by GPC 1.1 as XLSX, in a layout of our own: the city, every reference, every line behind it."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

import polars as pl

from bilanz.errors import Refused
from bilanz.messages import Language, translate
from bilanz.result import Result, TerritoryView
from reports import names
from reports import territory as words
from reports.base import Wording
from reports.export import Export
from reports.exports.bisko import territory_of, thousandth
from reports.spreadsheet import Grid, Value, write_grids
from reports.totals import known_sum, organisation_name

LEVELS: Final = {
    "territorial": "territorial (in no total)",
    "other": "other scope 3 (in no total)",
}
STATES: Final = {
    "value": "number",
    "key": "notation key",
    "missing": "missing: neither number nor notation key",
    "contradiction": "contradiction: number and notation key",
}
REASONS: Final = {
    "upstream": "upstream part of fuels and energy: no row of GPC",
    "sector_unstated": "no sector is stated",
    "no_sub_sector": "no sub-sector fits: sector, carrier or means of transport do not decide it",
}
_MASSES: Final = ("co2_kg", "ch4_kg", "n2o_kg", "co2e_kg", "biogenic_kg")


class Crf(Export):
    """The inventory of a territory: general information, sub-sectors, activity data and factors."""

    name: ClassVar[str] = "crf"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate(
            "Inventory of a territory by GPC 1.1, for the common reporting framework (XLSX)", language
        )

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the inventory of the territories of a run.

        Raises:
            Refused: the run holds no territory, or not the location-based book.
        """
        view, language = territory_of(result), wording.language
        if view.inventory is None or view.details is None:
            message = "The calculation {run} lacks the book {book}, which an inventory by GPC is made of."
            raise Refused(message, run=result.manifest.run, book="ghgp_location")
        sheets = [
            _city(result, view, view.inventory, language),
            _inventory(result, view.inventory, language),
            _details(result, view.details, language),
        ]
        write_grids(path, self.title(language), language, sheets)


def _city(result: Result, view: TerritoryView, inventory: pl.DataFrame, language: Language) -> Grid:
    """Return sheet 1: what is asked of the city; what the data do not hold says so."""
    absent = translate("not stated in the data", language)
    gwp = dict(entry.split(": ") for entry in result.manifest.gwp.split(", ")).get("ghgp_location", absent)
    rows: list[tuple[Value, ...]] = []
    for row in result.organisations.to_dicts():
        if row["organisation"] not in inventory["organisation"]:
            continue
        rows += [
            (translate("City", language), row["name"]),
            (translate("Region", language), row["region"] or absent),
            (translate("Inventory year", language), result.manifest.year),
            (translate("Boundary", language), translate("territory of the city", language)),
            (translate("Inhabitants", language), row.get("population") or absent),
            *((translate(name, language), absent) for name in _ASKED),
            (translate("Gases", language), ", ".join(_gases(view, row["organisation"])) or absent),
            (translate("Global warming potentials", language), gwp),
            (translate("Tool", language), f"bilanz {result.manifest.code_version}"),
            (translate("Calculation", language), result.manifest.run),
            ("result_hash", result.manifest.result_hash),
            *_totals(inventory.filter(pl.col("organisation") == row["organisation"]), language),
            *_open(result, view, row["organisation"], language),
        ]
    header = (translate("Topic", language), translate("Statement", language))
    return Grid(translate("1 City", language), header, rows)


_ASKED: Final = (
    "Gross domestic product",
    "Heating and cooling degree days",
    "Area",
    "Verification",
    "Changes since the last inventory",
    "Planned improvements",
    "Compiled by",
)
"""What the framework asks for and no data here hold."""


def _gases(view: TerritoryView, organisation: str) -> Iterator[str]:
    """Yield the gases that are told apart somewhere, and CO2e where a factor states nothing else."""
    if view.details is None:
        return
    rows = view.details.filter(pl.col("organisation") == organisation, pl.col("ref").is_not_null())
    parts = {"CO2": "co2_kg", "CH4": "ch4_kg", "N2O": "n2o_kg"}
    yield from (gas for gas, name in parts.items() if rows[name].sum())
    told = pl.sum_horizontal(pl.col(name).fill_null(0) for name in parts.values())
    if rows.filter(pl.col("co2e_kg") != told).height:
        yield "CO2e"


def _totals(inventory: pl.DataFrame, language: Language) -> Iterator[tuple[Value, ...]]:
    """Yield the totals of the levels, empty where no row has a number, and which of their rows are open."""
    for level, levels in (("BASIC", ["BASIC"]), ("BASIC+", ["BASIC", "BASIC+"])):
        rows = inventory.filter(pl.col("level").is_in(levels))
        total = rows.select(known_sum("co2e_kg")).item()
        yield f"{level} (t CO2e)", None if total is None else thousandth(total)
        open_ = rows.filter(pl.col("state").is_in(["missing", "contradiction"]))
        yield (
            translate("{level}: rows without number or key, or with both", language, level=level),
            ", ".join(open_["ref"]) or "–",
        )


def _open(
    result: Result, view: TerritoryView, organisation: str, language: Language
) -> Iterator[tuple[Value, ...]]:
    """Yield what stands in no row: emissions under no reference, and sources something has no factor of."""
    ours = pl.col("organisation") == organisation
    if view.details is not None:
        rows = view.details.filter(ours, pl.col("ref").is_null())
        for reason, text in REASONS.items():
            mass = rows.filter(pl.col("reason") == reason)["co2e_kg"].sum()
            if mass:
                name = translate(text, language)
                yield (
                    translate("t CO2e under no reference: {reason}", language, reason=name),
                    thousandth(Decimal(mass)),
                )
    book = pl.col("book").is_null() | (pl.col("book") == "ghgp_location")
    missing = result.exceptions.filter(ours, book, pl.col("quantity") != 0)["source"].unique().sort()
    yield translate("Sources with quantities without a factor", language), ", ".join(missing) or "–"


def _inventory(result: Result, inventory: pl.DataFrame, language: Language) -> Grid:
    """Return sheet 2: one row per reference, a number or a key."""
    place = organisation_name(result, language)
    header = [
        translate(head, language)
        for head in (
            "City",
            "Ref",
            "Sub-sector",
            "Scope",
            "Level",
            "t CO2e",
            "Notation key",
            "Explanation",
            "State",
        )
    ]
    rows = [
        (
            place(row["organisation"]),
            row["ref"],
            row[language],
            row["scope"],
            words.named(LEVELS, row["level"], language),
            None if row["co2e_kg"] is None else thousandth(row["co2e_kg"]),
            row["key"],
            row["explanation"],
            words.named(STATES, row["state"], language),
        )
        for row in inventory.iter_rows(named=True)
    ]
    return Grid(translate("2 Sub-sectors", language), header, rows)


_HEADS: Final = (
    "City", "Year", "Ref", "Sector", "Use", "Scope", "Fuel or activity", "Activity data", "Unit",
    "Calorific basis", "Data grade", "kg CO2e per unit", "Factor", "Year of the factor",
    "Region of the factor", "Source of the factor",
    "t CO2 (CO2e)", "t CH4 (CO2e)", "t N2O (CO2e)", "t CO2e", "t biogenic CO2", "Remark",
)  # fmt: skip


def _details(result: Result, details: pl.DataFrame, language: Language) -> Grid:
    """Return sheet 3: activity data, factors and emissions by gas; rows under no reference say why."""
    place, factors = organisation_name(result, language), _factors(result)
    rows = [_detail(row, result, place(row["organisation"]), factors, language) for row in details.to_dicts()]
    return Grid(translate("3 Data", language), [translate(head, language) for head in _HEADS], rows)


def _factors(result: Result) -> dict[str, dict[str, Any]]:
    columns = ("factor_id", "valid_from", "region", "publisher", "title")
    told = result.factors.select(columns).unique("factor_id", keep="first")
    return {row["factor_id"]: row for row in told.iter_rows(named=True)}


def _detail(
    row: dict[str, Any], result: Result, city: str, factors: dict[str, dict[str, Any]], language: Language
) -> tuple[Value, ...]:
    """Return one row of sheet 3."""
    used = [factors[code] for code in (row["factors"] or "").split("\n") if code in factors]
    years = sorted({str(it["valid_from"].year) for it in used if it["valid_from"]})
    return (
        city,
        result.manifest.year,
        row["ref"],
        words.named(words.SECTORS, row["sector"], language),
        words.named(words.USES, row["use"], language),
        row["scope"],
        names.activity_name(row["activity"], language),
        row["quantity"],
        names.unit(row["unit"], language),
        names.basis(row["basis"], language),
        row["grade"],
        _per_unit(row),
        ", ".join(it["factor_id"] for it in used),
        ", ".join(years),
        ", ".join(sorted({it["region"] for it in used})),
        "; ".join(sorted({f"{it['publisher']}: {it['title']}" for it in used})),
        *(None if row[name] is None else thousandth(row[name]) for name in _MASSES),
        words.named(REASONS, row["reason"], language) if row["reason"] else None,
    )


def _per_unit(row: dict[str, Any]) -> Decimal | None:
    if not row["quantity"] or row["co2e_kg"] is None:
        return None
    return (Decimal(row["co2e_kg"]) / Decimal(row["quantity"])).quantize(Decimal("0.000001"))
