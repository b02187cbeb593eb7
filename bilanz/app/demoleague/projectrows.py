"""Rows of projects: what they are, whose meters they change, their money, and what they report."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from bilanz.app.demoleague.projects import Project
from bilanz.app.demoleague.towns import MADE_UP, YEARS, Meter, Town

_PILLARS: Final = ("klima", "sozial", "demokratie")
_TITLES: Final = {"klima": "Natur und Klima", "sozial": "Zusammenhalt", "demokratie": "Demokratie"}
_FACTORS: Final = {"gas": ("0.2011", "0.03"), "strom": ("0.400", "0.08"), "fjernvarme": ("0.060", "0.15")}
"""Series → kg CO2e per kWh held for all years, half of its 95 % interval; made up."""

Row = Mapping[str, object]


def touched_rows(own: Sequence[Project], meters: Sequence[Meter]) -> list[Row]:
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


def programme_rows(towns: Sequence[Town]) -> list[Row]:
    """Return a programme of each town for each pillar."""
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


def factor_rows(organisation: str) -> list[Row]:
    """Return the factor series of projects, the same for all years."""
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


def project_row(project: Project) -> Row:
    """Return what a project is."""
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


def flow_rows(project: Project) -> list[Row]:
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


def financing_rows(project: Project) -> list[Row]:
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


def claim_rows(project: Project) -> list[Row]:
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


OBSERVATIONS: Final = (
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
