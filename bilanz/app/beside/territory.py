"""The territories of a run: their records, the municipality's own balance and the method brought together."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

import factors
from bilanz.activity import activities
from bilanz.app.beside.standards import catalogue_of
from bilanz.app.catalogue.references import references
from bilanz.app.settings import Settings
from bilanz.calorific import net_per_gross
from bilanz.conformance import judge
from bilanz.conversion import Converter, Misfit
from bilanz.gpc import KEY_SCHEMA, details, inventory
from bilanz.indicators import indicators, quality
from bilanz.records import Basis
from bilanz.registry.engine import open_registry, registry_exists
from bilanz.registry.frames import notation_keys_frame
from bilanz.result import Result, TerritoryView
from bilanz.store.territory import territory_records
from bilanz.territorial import TerritoryMethod, read
from bilanz.territory import FINDING_SCHEMA, MUNICIPAL_SCHEMA, Run, Territory, balance, municipal_energy

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

METHOD_FILE: Final = Path(factors.__file__).parent / "territory" / "bisko.toml"


def territory_view(settings: Settings, data: "Ledger", result: Result) -> TerritoryView | None:
    """Return the territories of a run, balanced and judged; None without any, or without the book."""
    method = read(METHOD_FILE)
    records = territory_records(data.store, result.manifest.year)
    known = result.organisations["organisation"].to_list()
    units = sorted(set(records["organisation"]) & set(known))
    if not units or method.book not in result.manifest.books:
        return None
    case = _Case(settings, data, result, method, tuple(units))
    records = records.filter(pl.col("organisation").is_in(units))
    municipal, said = case.municipal()
    run = case.run_of(result, units)
    found = balance(run, records, municipal, method, year=result.manifest.year, ratios=case.ratios(run))
    found = Territory(found.cells, found.outside, _ordered(pl.concat([found.findings, said])))
    judged = judge(found, records, run.lines, result.factors, method, units)
    rows = case.inventory(records)
    return TerritoryView(
        method=f"{method.book} {method.edition}",
        cells=found.cells,
        outside=found.outside,
        findings=found.findings,
        requirements=judged.requirements,
        rules=judged.rules,
        verdicts=judged.verdicts,
        quality=quality(found.cells, method),
        indicators=indicators(found, records, result.organisations, method),
        inventory=None if rows is None else rows[0],
        details=None if rows is None else rows[1],
    )


def _ordered(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.sort("organisation", "code", "subject", nulls_last=True)


class _Case:
    """One run with everything a territory asks of it."""

    def __init__(
        self,
        settings: Settings,
        data: "Ledger",
        result: Result,
        method: TerritoryMethod,
        units: tuple[str, ...],
    ) -> None:
        self.settings, self.data, self.result, self.method, self.units = settings, data, result, method, units
        self.converter = Converter(catalogue_of(settings, result).properties)
        rows = data.organisations.select("organisation", "region").iter_rows()
        self.regions = {name: region or result.manifest.region for name, region in rows}

    def run_of(self, result: Result, organisations: list[str]) -> Run:
        """Return what a run says of some organisations in the book of the method."""
        return Run.of(
            result.usage,
            result.lines,
            result.exceptions,
            book=self.method.book,
            organisations=organisations,
        )

    def ratios(self, run: Run) -> dict[tuple[str, str], Fraction]:
        """Return net per gross energy of the fuels of a run, by what holds in the middle of the year."""
        fuels = [code for code, entry in activities().items() if entry.needs_basis]
        rows = run.usage.filter(pl.col("basis") == Basis.HS.value, pl.col("activity").is_in(fuels))
        return dict(
            self._ratios(rows.select("organisation", "activity").unique().sort("organisation", "activity"))
        )

    def _ratios(self, pairs: pl.DataFrame) -> Iterator[tuple[tuple[str, str], Fraction]]:
        last = date(self.result.manifest.year, 12, 31)
        for unit, code in pairs.iter_rows():
            region = self.regions.get(unit, self.result.manifest.region)
            found = net_per_gross(self.converter, code, region, last)
            if not isinstance(found, Misfit):
                yield (unit, code), found.ratio

    def municipal(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the energy of the municipalities by their own balances, and what is to be said of them."""
        energies, said = [pl.DataFrame(schema=MUNICIPAL_SCHEMA)], list[tuple[Any, ...]]()
        named = dict(self.data.organisations.select("organisation", "municipality").iter_rows())
        for unit in self.units:
            municipality = named.get(unit)
            if municipality is None:
                said.append((unit, "municipality_unstated", None, None, None))
                continue
            result = self._own_result(municipality)
            if result is None:
                said.append((unit, "municipality_uncalculated", municipality, None, None))
                continue
            if result is self.result and unit != self.result.manifest.organisation:
                said.append((unit, "both_in_run", municipality, None, None))
            run = self.run_of(result, self._within(municipality))
            gaps = run.exceptions.filter(pl.col("activity").is_in(_carriers()))
            if gaps.height:
                said.append((unit, "municipality_gaps", municipality, gaps.height, None))
            energies.append(municipal_energy(run, self.method, territory=unit, ratios=self.ratios(run)))
        return pl.concat(energies), pl.DataFrame(said, schema=FINDING_SCHEMA, orient="row")

    def inventory(self, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return inventory and details by GPC; None where the run lacks the book they are made of."""
        known = references()
        if known.book not in self.result.manifest.books:
            return None
        lines = self.result.lines.filter(
            pl.col("book") == known.book, pl.col("organisation").is_in(list(self.units))
        )
        found = details(lines, records, self.method, known)
        keys = _declared(self.settings, self.result.manifest.year)
        return inventory(found, keys, known, list(self.units)), found

    def _within(self, municipality: str) -> list[str]:
        """Return a municipality and what is below it; a territory is never a part of it."""
        from bilanz.app.calculation import descendants

        below = descendants(self.data.organisations, municipality)
        return [name for name in below if name not in self.units]

    def _own_result(self, municipality: str) -> Result | None:
        """Return the run that holds a municipality: this one, else its own, else the one over all."""
        if municipality in self.result.organisations["organisation"]:
            return self.result
        from bilanz.app.balances import standing_result

        for organisation in (municipality, None):
            found = standing_result(self.settings, self.data, self.result.manifest.year, organisation)
            if found is not None:
                return found if self.method.book in found.manifest.books else None
        return None


def _declared(settings: Settings, year: int) -> pl.DataFrame:
    """Return the notation keys of a year; none where there is no registry."""
    if not registry_exists(settings.registry):
        return pl.DataFrame(schema=KEY_SCHEMA)
    registry = open_registry(settings.registry)
    try:
        return notation_keys_frame(registry, year)
    finally:
        registry.close()


def _carriers() -> list[str]:
    return [code for code, entry in activities().items() if entry.carrier]
