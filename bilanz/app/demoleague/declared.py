"""Master data of the towns and of the fund, as the CSV files an administrator would import."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from bilanz.activity import find
from bilanz.app.demoleague.projects import Project, projects
from bilanz.app.demoleague.towns import (
    LEAGUE,
    LEAGUE_NAME,
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

MADE_UP: Final = "fiktiv (Demonstration)"
_RETRIEVED: Final = "2025-01-15"
_PRICES: Final = {"musterhafen": "101", "musterdorf": "94", "modelhavn": "118"}
"""Price levels of the towns, made up."""

_PILLARS: Final = ("klima", "sozial", "demokratie")
_TITLES: Final = {"klima": "Natur und Klima", "sozial": "Zusammenhalt", "demokratie": "Demokratie"}
_FACTORS: Final = {"gas": ("0.2011", "0.03"), "strom": ("0.400", "0.08"), "fjernvarme": ("0.060", "0.15")}
"""Series → kg CO2e per kWh held for all years, half of its 95 % interval; made up."""

Row = Mapping[str, object]


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
    _write(folder, "fund_programmes", _programmes([town]))
    _write(folder, "fund_factors", _factors(town.code))
    _write(folder, "fund_projects", [_project(project) for project in own])
    _write(folder, "fund_sources", _touched(own, meters))


def write_league(folder: Path) -> None:
    """Write the master data of the league: members, statistics, keys, projects and their money."""
    league = {"id": LEAGUE, "name": LEAGUE_NAME, "kind": "league", "region": "DE", "zone": "Europe/Berlin"}
    _write(folder, "organisations", [league, *(_member_unit(town) for town in TOWNS)])
    _write(folder, "fund_members", [_member(town) for town in TOWNS])
    _write(folder, "fund_figures", [row for town in TOWNS for row in _statistics(town)])
    _write(folder, "fund_keys", _KEYS)
    _write(folder, "fund_programmes", _programmes(TOWNS))
    _write(folder, "fund_factors", _factors(LEAGUE))
    _write(folder, "fund_projects", [_project(project) for project in projects()])
    _write(folder, "fund_flows", [row for project in projects() for row in _flows(project)])
    _write(folder, "fund_financing", [row for project in projects() for row in _financing(project)])
    _write(folder, "fund_observations", _OBSERVATIONS)
    _write(folder, "fund_claims", [row for project in projects() for row in _claims(project)])
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


def _touched(own: Sequence[Project], meters: Sequence[Meter]) -> list[Row]:
    """Return the meters projects change, and what one of them is compared with."""
    measured = {project.id for project in own if project.is_measured}
    rows: list[Row] = [
        {"project": meter.project, "source": meter.source, "use": "touched"}
        for meter in meters
        if meter.project in measured
    ]
    return rows + [
        {"project": _COMPARED, "source": meter.source, "use": "control"}
        for meter in meters
        if _COMPARED in measured and meter.project is None and meter.activity == "Strom"
    ]


_COMPARED: Final = "MD-03"
"""The project whose meter is compared with untouched ones; its effect is none, whatever it promises."""


def _programmes(towns: Sequence[Town]) -> list[Row]:
    return [
        {
            "id": f"{town.code}-{pillar}",
            "organisation": town.code,
            "title": f"{_TITLES[pillar]}: {town.name}",
            "evidence": f"Beschluss 2020/3, {MADE_UP}",
        }
        for town in towns
        for pillar in _PILLARS
    ]


def _factors(organisation: str) -> list[Row]:
    return [
        {
            "series": series,
            "year": year,
            "organisation": organisation,
            "value": value,
            "unit": "kWh",
            "half_width": half,
            "source": f"Reihe des Fonds, für alle Jahre gleich; {MADE_UP}",
        }
        for series, (value, half) in _FACTORS.items()
        for year in YEARS
    ]


def _project(project: Project) -> Row:
    cells, shares = project.cells, project.cells["pillars"].split(";")
    start = project.starts_on
    measured = project.is_measured
    told: dict[str, object] = {
        "id": project.id,
        "organisation": project.town.code,
        "programme": f"{project.town.code}-{_PILLARS[shares.index(max(shares))]}",
        "title": cells["title"],
        "nature_share": shares[0],
        "social_share": shares[1],
        "democracy_share": shares[2],
        "currency": project.town.currency,
        "is_legally_required": cells["required"],
        "is_otherwise_financed": cells["financed"],
        "overlap_share": cells["overlap"],
        "rebound_share": cells["rebound"],
        "factor_series": cells["series"],
        "measurement_plan": f"Messplan {project.id}, {MADE_UP}",
        "baseline": "Zählerwerte der zwölf Monate und mehr vor dem Baubeginn",
        "baseline_from": f"{YEARS[0]}-01-01",
        "baseline_to": date(start.year, start.month, 1),
        "evidence": f"Förderbescheid {project.id}, {MADE_UP}",
    }
    if not measured and shares[0] != "0":
        told["baseline"] = "Kartierung vor dem Baubeginn"
        told["baseline_from"], told["baseline_to"] = f"{start.year - 1}-01-01", f"{start.year}-01-01"
    if shares[0] == "0":
        told |= dict.fromkeys(("baseline", "baseline_from", "baseline_to"))
    return told | {name: cells[name] for name in _SAME}


_SAME: Final = (
    *("icma_category", "icma_subcategory", "taxonomy_activity", "taxonomy_state", "climate_tag"),
    *("starts_on", "planned_completion", "completed_on", "lifetime_years", "total_cost", "yearly_cost"),
    *("activity", "unit", "expected_saving"),
)
"""Cells of `projects.csv` that are taken as they are."""


def _flows(project: Project) -> list[Row]:
    """Return the promise before the works, and payments at their begin and end."""
    promised = {
        "id": f"{project.id}-Z",
        "kind": "commitment",
        "on": project.starts_on - timedelta(days=30),
        "amount": project.of_fund,
    }
    half = (project.of_fund / 2).quantize(Decimal("0.01"))
    paid = [(1, project.starts_on + timedelta(days=45), half)]
    done = project.completed_on
    if done is not None:
        paid.append((2, min(done + timedelta(days=30), date(YEARS[-1], 12, 30)), project.of_fund - half))
    rows = [promised] + [
        {"id": f"{project.id}-A{number}", "kind": "disbursement", "on": on, "amount": amount}
        for number, on, amount in paid
    ]
    common = {
        "project": project.id,
        "currency": project.town.currency,
        "budget_line": f"Titel {project.id[:2]}-60",
        "evidence": f"Förderbescheid {project.id}, {MADE_UP}",
    }
    return [row | common for row in rows]


def _financing(project: Project) -> list[Row]:
    """Return the rest of the cost: what somebody pays in euros, and what the town adds in its currency."""
    euros = _IN_EUROS.get(project.id, Decimal(0))
    rest = project.total_cost - project.of_fund - euros * Decimal(project.town.rate)
    told = [
        ("E", project.town.name, rest, project.town.currency, "Haushaltsplan"),
        ("G", "Förderprogramm der Küstenländer (fiktiv)", euros, "EUR", "Zuwendungsbescheid"),
    ]
    return [
        {
            "id": f"{project.id}-{letter}",
            "project": project.id,
            "financier": financier,
            "on": project.starts_on,
            "amount": amount,
            "currency": currency,
            "evidence": f"{evidence}, {MADE_UP}",
        }
        for letter, financier, amount, currency, evidence in told
        if amount
    ]


_IN_EUROS: Final = {"MO-02": Decimal(40_000)}
"""Project → what a third pays in euros: 40,000 · 7.45 = 298,000 of 1,250,000 kroner."""


def _claims(project: Project) -> list[Row]:
    """Return who claims what is measured: the fund its share of the cost, the town the rest."""
    if not project.cells["series"]:
        return []
    share = Decimal(project.cells["fund_share"])
    parts = (("fund", share), ("municipality", 1 - share))
    return [
        {
            "project": project.id,
            "year": YEARS[-1],
            "claimant": claimant,
            "share": part,
            "evidence": f"Vereinbarung {project.id}, {MADE_UP}",
        }
        for claimant, part in parts
    ]


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


def _observed(project: str, indicator: str, value: str, unit: str, **more: object) -> Row:
    year = YEARS[-1]
    return {
        "id": f"{project}-{indicator.split(maxsplit=1)[0].lower()}-{year}",
        "project": project,
        "indicator": indicator,
        "year": year,
        "value": value,
        "unit": unit,
        "sight": "ex_post",
        "evidence": f"Jahresbericht {project}, {MADE_UP}",
        **more,
    }


_OBSERVATIONS: Final = (
    _observed("MH-06", "renaturierte Fläche", "14.5", "ha", verified_by="Naturschutzbehörde (fiktiv)"),
    _observed("MH-07", "gepflanzte Bäume", "212", "Bäume"),
    _observed("MH-09", "bezogene Sozialwohnungen", "38", "Wohnungen"),
    _observed("MH-10", "Teilnehmende an Kursen", "640", "Personen"),
    _observed("MH-11", "ausgegebene Mahlzeiten", "86400", "Mahlzeiten"),
    _observed("MH-12", "offene Datensätze", "57", "Datensätze"),
    _observed("MH-13", "Stimmen im Bürgerhaushalt", "3120", "Stimmen"),
    _observed("MD-05", "Öffnungstage des Dorfladens", "298", "Tage"),
    _observed("MD-06", "Fahrten älterer Menschen", "4150", "Fahrten"),
    _observed("MD-08", "gelesene Ausgaben", "52", "Ausgaben"),
    _observed("MO-05", "bezogene Wohnungen", "44", "Wohnungen"),
    _observed("MO-06", "betreute Kinder", "180", "Kinder"),
    _observed("MO-07", "Anträge ohne Papier", "0.71", "Anteil"),
    _observed(
        "MH-08", "emissions_scope_1_2", "18", "t CO2e", data_quality=4, half_width="9", verified_by=None
    ),
    _observed("MH-14", "emissions_scope_1_2", "62", "t CO2e", data_quality=2, half_width="6"),
)
"""Social and digital indicators, and emissions of projects, made up."""

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
