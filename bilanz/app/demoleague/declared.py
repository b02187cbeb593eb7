"""Master data of the towns and of the fund, as the CSV files an administrator would import."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from bilanz.activity import find
from bilanz.app.demoleague.projectrows import (
    OBSERVATIONS,
    Row,
    claim_rows,
    factor_rows,
    financing_rows,
    flow_rows,
    programme_rows,
    project_row,
    touched_rows,
)
from bilanz.app.demoleague.projects import projects
from bilanz.app.demoleague.towns import (
    LEAGUE,
    LEAGUE_NAME,
    MADE_UP,
    METERS,
    MUSTERHAFEN,
    TOWNS,
    YEARS,
    Meter,
    Town,
    degree_days,
    station,
    town_of,
)
from bilanz.app.musterhafen.upload import write_lines

_RETRIEVED: Final = "2025-01-15"
_PRICES: Final = {"musterhafen": "101", "musterdorf": "94", "modelhavn": "118"}
"""Price levels of the towns, made up."""


def write_town(folder: Path, town: Town) -> None:
    """Write the master data of a town with its projects."""
    meters = [meter for meter in METERS if town_of(meter.agency) is town]
    if town is not MUSTERHAFEN:
        _write(folder, "organisations", _units_of(town))
        _write(folder, "figures", [_size(town)])
    _write(folder, "weights", _weather(town))
    _write(folder, "sources", [_source(meter, town) for meter in meters])
    _write(folder, "terms", [_term(meter) for meter in meters])
    own = [project for project in projects() if project.town is town]
    _write(folder, "fund_programmes", programme_rows([town]))
    _write(folder, "fund_factors", factor_rows(town.code))
    _write(folder, "fund_projects", [project_row(project) for project in own])
    _write(folder, "fund_sources", touched_rows(own, meters))


def write_league(folder: Path) -> None:
    """Write the master data of the league: members, statistics, keys, projects and their money."""
    league = {"id": LEAGUE, "name": LEAGUE_NAME, "kind": "league", "region": "DE", "zone": "Europe/Berlin"}
    _write(folder, "organisations", [league, *(_member_unit(town) for town in TOWNS)])
    _write(folder, "fund_members", [_member(town) for town in TOWNS])
    _write(folder, "fund_figures", [row for town in TOWNS for row in _statistics(town)])
    _write(folder, "fund_keys", _KEYS)
    _write(folder, "fund_programmes", programme_rows(TOWNS))
    _write(folder, "fund_factors", factor_rows(LEAGUE))
    _write(folder, "fund_projects", [project_row(project) for project in projects()])
    _write(folder, "fund_flows", [row for project in projects() for row in flow_rows(project)])
    _write(folder, "fund_financing", [row for project in projects() for row in financing_rows(project)])
    _write(folder, "fund_observations", OBSERVATIONS)
    _write(folder, "fund_claims", [row for project in projects() for row in claim_rows(project)])
    _write(folder, "fund_rates", [_DISCOUNT])


def write_payments(folder: Path, due: Mapping[tuple[str, int], Decimal]) -> None:
    """Write what members paid of what was due. `due`: (town, year) → amount in the town's currency."""
    rows = []
    for (code, year), amount in sorted(due.items()):
        town = next(one for one in TOWNS if one.code == code)
        paid = (amount * _PAID.get((code, year), Decimal(1))).quantize(Decimal("0.01"))
        rows.append(
            {
                "id": f"{code}-{year}",
                "organisation": code,
                "year": year,
                "paid_on": f"{year}-06-30",
                "amount": paid,
                "currency": town.currency,
                "evidence": f"Kontoauszug {year}-06, {MADE_UP}",
            }
        )
    _write(folder, "fund_payments", rows)


def write_correction(folder: Path) -> None:
    """Write a population figure that was corrected after contributions resting on it were assessed."""
    code, year, value = _CORRECTED
    town = next(one for one in TOWNS if one.code == code)
    told = {"value": value, "source": f"Zensus, {MADE_UP}"}
    rows = [row for row in _statistics(town) if (row["kind"], row["year"]) == ("inhabitants", year)]
    _write(folder, "fund_figures", [{**row, **told} for row in rows])


_CORRECTED: Final = ("musterdorf", 2020, "7760")
"""Town, year and inhabitants: 300 fewer than stated before; 2021 to 2023 rest on it, 2024 does not."""

_PAID: Final = {("musterdorf", 2023): Decimal("0.5"), ("modelhavn", 2024): Decimal("0.9")}
"""Part of what was due that was paid, where it was not all."""


def _write(folder: Path, table: str, rows: Iterable[Row]) -> None:
    told = list(rows)
    heads = list(dict.fromkeys(name for row in told for name in row))
    lines = [[_cell(row.get(name)) for name in heads] for row in told]
    write_lines(folder / f"{table}.csv", [heads, *lines], encoding="utf-8")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _units_of(town: Town) -> list[Row]:
    agencies = [
        {"id": one.code, "parent": town.code, "name": one.name, "kind": one.kind} for one in town.agencies
    ]
    return [_member_unit(town) | {"parent": None}, *agencies]


def _member_unit(town: Town) -> dict[str, object]:
    return {
        "id": town.code,
        "parent": LEAGUE,
        "name": town.name,
        "kind": "municipality",
        "region": town.region,
        "zone": town.zone,
    }


def _size(town: Town) -> Row:
    return {
        "organisation": town.code,
        "valid_from": f"{YEARS[0]}-01-01",
        "population": town.inhabitants,
        "source": MADE_UP,
    }


def _weather(town: Town) -> list[Row]:
    return [
        {
            "name": station(town),
            "month": f"{year}-{month:02}",
            "value": f"{degree_days(town, year, month):.0f}",
            "evidence": MADE_UP,
        }
        for year in YEARS
        for month in range(1, 13)
    ]


def _source(meter: Meter, town: Town) -> Row:
    heats = meter.slope > 0
    return {
        "id": meter.source,
        "activity": find(meter.activity),
        "unit": meter.unit,
        "basis": meter.basis,
        "heating_share": "0.9" if heats else "0",
        "apportionment": "degree_days" if heats else None,
        "weights": station(town) if heats else None,
    }


def _term(meter: Meter) -> Row:
    return {
        "source": meter.source,
        "organisation": meter.agency,
        "role": "consumed",
        "tenure": "owned",
        "control": "true",
    }


def _member(town: Town) -> Row:
    return {
        "organisation": town.code,
        "country": town.country,
        "currency": town.currency,
        "joined_on": town.joined,
        "evidence": f"Beitrittserklärung, {MADE_UP}",
    }


def _statistics(town: Town) -> list[Row]:
    """Return inhabitants, income, tax capacity and rates of all years a contribution rests on."""
    rows: list[Row] = []
    for year in range(YEARS[0] - 3, YEARS[-1] + 1):
        grown = Decimal(town.income) * Decimal("1.02") ** (year - YEARS[0] + 3)
        figures = [
            ("inhabitants", Decimal(town.inhabitants + 20 * (year - YEARS[0])), "person"),
            ("income", grown.quantize(Decimal(1)), town.currency),
            ("price_level", Decimal(_PRICES[town.code]), "Mittel=100"),
            ("tax_capacity", (grown / 18).quantize(Decimal(1)), town.currency),
        ]
        if town.currency != "EUR":
            figures.append(("exchange_rate", Decimal(town.rate), f"{town.currency}/EUR"))
        rows += [
            {
                "organisation": town.code,
                "kind": kind,
                "year": year,
                "value": value,
                "unit": unit,
                "source": f"Statistik, {MADE_UP}",
                "retrieved_on": _RETRIEVED,
                "licence": "CC0 (fiktiv)",
            }
            for kind, value, unit in figures
        ]
    return rows


def _key(identifier: str, first_year: int, key: str, mode: str, amount: str, **more: object) -> Row:
    return {
        "id": identifier,
        "organisation": LEAGUE,
        "first_year": first_year,
        "is_proposal": "true" if identifier.endswith("Vorschlag") else "false",
        "key": key,
        "mode": mode,
        "amount": amount,
        "currency": "EUR",
        "mean_years": 3,
        "evidence": f"Beschluss der Mitglieder, {MADE_UP}",
        **more,
    }


_KEYS: Final = (
    _key("S1-2020", 2020, "elastic", "total", "60", elasticity="1", lowest="0.4", highest="2"),
    _key("S1-Vorschlag", 2024, "elastic", "anchor", "60", elasticity="1", anchor="musterhafen"),
    _key("S2-Vorschlag", 2024, "relief", "total", "60", relief="0.8"),
    _key("S3-Vorschlag", 2024, "two_tier", "total", "60", elasticity="1", fiscal_weight="0.75"),
)

_DISCOUNT: Final[Row] = {
    "set": "demo-2024",
    "kind": "discount",
    "time_preference": "0",
    "year": 2020,
    "organisation": LEAGUE,
    "value": "0.02",
    "unit": "1",
    "source": f"Beschluss des Fonds, {MADE_UP}",
}


FUND_TOML: Final = f"""\
# {LEAGUE_NAME}: was der Rat des Städtebunds beschlossen hat (fiktiv).
league = "{LEAGUE}"
currency = "EUR"
opening = "0"
rates = "uba-mk-3.2"
discount = "demo-2024"
convention = "discounted"

[thirds]
tolerance = "0.05"
carry_years = 2

[payout]
rule = "none"
"""
