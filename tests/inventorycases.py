"""Published inventories as cases: what was published, and what our program makes of the same energy."""

import json
import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

from inventories import (
    DATA,
    Compared,
    Place,
    by_source,
    contracts,
    number,
    organisations,
    table_of,
)

KBTU_OF_KWH = Decimal("3.412142")
"""What ENERGY STAR Portfolio Manager converts kWh with: kBtu = kWh × 3.412142."""


FIVE_DIGITS = Decimal("0.00005")
"""Half a unit of the fifth digit of a factor, as a share of 1.0000."""

THERM = Decimal("105505585.262") / Decimal(105480400)
"""100 000 Btu (IT) over the legal US therm, which is our unit; the publications count 100 kBtu."""


def per_therm(value: str) -> str:
    """Return kg per 10 therms of a publication whose therm is 100 kBtu as kg per MMBtu of the legal therm."""
    return str(round(Decimal(value) * THERM, 9))


def place() -> Place:
    return Place(Path(tempfile.mkdtemp()))


def factor(name: str, activity: str, region: str, value: str, per_unit: str, **told: str) -> tuple[str, ...]:
    """Return one row of own factors: kg CO2e, direct, of one year or of always."""
    year = int(told["year"]) if "year" in told else None
    span = (f"{year}-01-01", f"{year + 1}-01-01") if year else ("2000-01-01", "2030-01-01")
    gas = told.get("gas", "CO2e")
    gwp = "unstated" if gas == "CO2e" else ""
    basis = told.get("basis", "")
    return (
        name,
        activity,
        region,
        *span,
        gas,
        value,
        "kg",
        per_unit,
        basis,
        "direct",
        gwp,
        told.get("method", ""),
        "publication",
    )


def heat(name: str, activity: str, value: str) -> tuple[str, ...]:
    """Return a factor of bought steam or cold per MMBtu; how its plant allocates is not published."""
    return factor(name, activity, "US", value, "MMBtu", method="unstated")


# Kitchener ------------------------------------------------------------------------------------------------

KITCHENER = {2015: "0.040548", 2016: "0.035548", 2017: "0.017298"}
"""kg CO2e per kWh implied by the published rows; natural gas 1.890627 kg per m³ in every year."""


@cache
def kitchener() -> tuple[Compared, ...]:
    told = json.loads((DATA / "reference" / "kitchener_energy_ghg_2015-2017.json").read_text("utf-8"))
    city = place()
    city.master(organisations=organisations("kitchener", region="CA", zone="America/Toronto"))
    rows = [
        factor(f"power-{year}", "electricity", "CA", value, "kWh", year=str(year))
        for year, value in KITCHENER.items()
    ]
    assert city.factors("kitchener", [*rows, factor("gas", "natural_gas", "CA", "1.890627", "m3")]) == []
    city.master(
        instruments=contracts(
            *(
                (
                    f"c-{year}",
                    "kitchener",
                    f"custom:kitchener:power-{year}",
                    f"{year}-01-01",
                    f"{year + 1}-01-01",
                )
                for year in KITCHENER
            )
        )
    )
    records = []
    for index, row in enumerate(told):
        span = (f"{row['Year']}-01-01", f"{row['Year']}-12-31")
        for activity, unit, column in (
            ("electricity", "kWh", "Electricity Quantity Purchased and Consumed"),
            ("natural_gas", "m3", "Natural Gas Quantity Purchased and Consumed"),
        ):
            if row[column] is not None:
                records.append(
                    ("", f"{index}", activity, *span, str(Decimal(repr(row[column]))), unit, "", "billed")
                )
    city.upload("kitchener-data", records, "kitchener", "America/Toronto")
    found = []
    for year in KITCHENER:
        ours = by_source(city.balance(year))
        pairs = {
            f"{index} {row['Operation Name']}": (
                Decimal(repr(row["Total GHG Emissions (KG)"])),
                ours.get(str(index), Decimal(0)),
            )
            for index, row in enumerate(told)
            if row["Year"] == year
        }
        found.append(Compared(f"Kitchener {year}, operations", pairs, Decimal("0.01"), "kg"))
    return tuple(found)


# Portfolio Manager ----------------------------------------------------------------------------------------


def benchmarked(
    name: str, file: str, zone: str, years: dict[int, str], others: list[tuple[str, ...]]
) -> tuple[Place, dict[int, dict[str, Decimal]]]:
    """Return a place with a benchmarking file, and kg CO2e by year and building (its number)."""
    city = place()
    city.master(organisations=organisations(name, region="US", zone=zone))
    rows = [
        factor(f"power-{year}", "electricity", "US", value, "kWh", year=str(year))
        for year, value in years.items()
    ]
    assert city.factors(name, [*rows, *others]) == []
    city.master(
        instruments=contracts(
            *(
                (f"c-{year}", name, f"custom:{name}:power-{year}", f"{year}-01-01", f"{year + 1}-01-01")
                for year in years
            )
        )
    )
    city.file(DATA / "buildings" / file, name, zone)
    return city, {
        year: {source.split(" ")[0]: mass for source, mass in by_source(city.balance(year)).items()}
        for year in years
    }


@cache
def seattle() -> tuple[Compared, ...]:
    _, ours = benchmarked(
        "seattle",
        "seattle_2015_benchmarking.csv",
        "America/Los_Angeles",
        {2015: "0.023786"},
        [
            factor("gas", "natural_gas", "US", per_therm("53.11"), "MMBtu", basis="Hs"),
            heat("steam", "district_steam", "77.19"),
        ],
    )
    pairs = {}
    for row in table_of(DATA / "buildings" / "seattle_2015_benchmarking.csv"):
        published = number(row["GHGEmissions(MetricTonsCO2e)"])
        if published is not None:
            key = row["OSEBuildingID"]
            pairs[key] = (published, ours[2015].get(key, Decimal(0)) / 1000)
    return (Compared("Seattle 2015, buildings", pairs, Decimal("0.01"), "t", FIVE_DIGITS),)


# Philadelphia: direct and indirect apart, in tonnes with one decimal --------------------------------------

CAMPUS = "3618415"
PRISON = "Curran Fromhold Correctional Facility"


@cache
def philadelphia() -> tuple[Compared, ...]:
    city, _ = benchmarked(
        "philadelphia",
        "philadelphia_muni_2011-13.csv",
        "America/New_York",
        dict.fromkeys((2011, 2012, 2013), "0.43209"),
        [
            factor("gas", "natural_gas", "US", per_therm("53.072"), "MMBtu", basis="Hs"),
            factor("oil", "heating_oil", "US", "74.21", "MMBtu", basis="Hs"),
            heat("steam", "district_steam", "88.536"),
        ],
    )
    told = table_of(DATA / "buildings" / "philadelphia_muni_2011-13.csv")
    found = []
    for scope, column in (("1", "Direct"), ("2", "Indirect")):
        pairs = {}
        for year in (2011, 2012, 2013):
            ours = {
                source.split(" ")[0]: mass
                for source, mass in by_source(city.balance(year), scopes=(scope,)).items()
            }
            rows = [row for row in told if row["Year"] == str(year)]
            for row in rows:
                published = number(row[f"{column} GHG Emissions (MtCO2e)"])
                if published is not None:
                    parts = [row["Property Id"]]
                    if row["Property Id"] == CAMPUS:  # a roll-up: the importer keeps its parts
                        parts = [each["Property Id"] for each in rows if each["Parent Property Id"] == CAMPUS]
                    mass = sum((ours.get(part, Decimal(0)) for part in parts), Decimal(0))
                    pairs[f"{year} {row['Property Name']}"] = (published, mass / 1000)
        name = f"Philadelphia 2011-2013, {column.lower()}"
        found.append(Compared(name, pairs, Decimal("0.06"), "t", FIVE_DIGITS))
    return tuple(found)


# Chicago: whole tonnes in 2014 and 2015, one decimal since ------------------------------------------------

ONE_DECIMAL_SINCE = 2016
CHICAGO = {2014: "200.92", 2015: "200.92", 2016: "184.322", 2017: "184.893"}
"""kg CO2e per MMBtu of electricity, implied."""


@cache
def chicago() -> tuple[Compared, ...]:
    _, ours = benchmarked(
        "chicago",
        "chicago_benchmarking_zip60637.csv",
        "America/Chicago",
        {year: str(Decimal(value) / 1000 * KBTU_OF_KWH) for year, value in CHICAGO.items()},
        [
            factor("gas", "natural_gas", "US", "53.11", "MMBtu", basis="Hs"),
            heat("steam", "district_steam", "66.398"),
            heat("cold", "district_cooling", "52.70"),
        ],
    )
    told = table_of(DATA / "buildings" / "chicago_benchmarking_zip60637.csv")
    found = []
    for year in CHICAGO:
        pairs = {}
        for row in told:
            published = number(row["Total GHG Emissions (Metric Tons CO2e)"])
            if row["Data Year"] == str(year) and published is not None:
                pairs[f"{row['ID']} {row['Property Name']}"] = (
                    published,
                    ours[year].get(row["ID"], Decimal(0)) / 1000,
                )
        last = Decimal("0.5") if year < ONE_DECIMAL_SINCE else Decimal("0.06")
        found.append(Compared(f"Chicago {year}, ZIP 60637", pairs, last, "t", FIVE_DIGITS))
    return tuple(found)


# A calculation checked by hand: 100 units of each fuel with factors per gas -------------------------------

FUELS = {
    "natural-gas": "natural_gas",
    "liquefied-petroleum-gases": "lpg",
    "anthracite": "hard_coal",
    "lignite": "lignite",
    "gasoline": "petrol",
    "firewood": "firewood",
    "wood-wood-waste": "wood_chips",
    "residual-fuel-oil": "heavy_fuel_oil",
    "gas-oil": "heating_oil",
    "diesel-oil": "diesel",
    "other-kerosene": "kerosene",
    "jet-kerosene": "kerosene",
}
"""Fuels of the sheet → activities. Charcoal, peat, coking coal, crude oil … are no activity of ours."""

SHEET = "reference/citycatalyst_stationary_energy_manual_v0.csv"


@cache
def manual() -> tuple[tuple[Compared, ...], list[str]]:
    """Return the comparison, and the fuels that the gate kept out."""
    told, seen = [], set()
    for row in table_of(DATA / SHEET):
        code = FUELS.get(row["fuel_type"].removeprefix("fuel-type-"))
        key = (row["subsector"], code, row["total_fuel_units"])
        if code is not None and key not in seen:
            told.append((row, code))
        seen.add(key)
    units = sorted({row["subsector"] for row, _ in told})
    city = place()
    city.master(organisations=organisations(*units, region="BR", zone="America/Sao_Paulo"))
    refused: list[str] = []
    for unit in units:
        rows = [
            factor(
                f"{code}-{row['total_fuel_units']}",
                code,
                "BR",
                str(round(Decimal(row[column]), 12)),
                row["total_fuel_units"],
                gas=gas,
            )
            for row, code in told
            if row["subsector"] == unit
            for gas, column in (
                ("CO2", "co2_global_api"),
                ("CH4", "ch4_global_api"),
                ("N2O", "n2o_global_api"),
            )
        ]
        found = city.factors(f"sheet-{unit}", rows, organisation=unit)
        refused += [f"{unit} {rows[int(str(entry['row'])) - 2][0]}: {entry['reason']}" for entry in found]
    records = [
        (row["subsector"], f"{row['subsector']}/{code}", code, "2022-01-01", "2022-12-31",
         row["total_fuel_value"], row["total_fuel_units"], "", "billed")
        for row, code in told
    ]  # fmt: skip
    city.upload("sheet", records, units[0], "America/Sao_Paulo")
    ours = by_source(city.balance(2022, gwp="AR5"))
    pairs = {
        f"{row['subsector']} {row['fuel_type'].removeprefix('fuel-type-')}": (
            Decimal(row["Final_emissions_CO2e_manually_tonnes"]),
            ours[f"{row['subsector']}/{code}"] / 1000,
        )
        for row, code in told
        if f"{row['subsector']}/{code}" in ours
    }
    return (Compared("Stationary energy, calculated by hand", pairs, Decimal("0.000001"), "t"),), refused


# One row of an exported inventory -------------------------------------------------------------------------


@cache
def sao_lourenco() -> tuple[Compared, ...]:
    (row,) = [
        row
        for row in table_of(DATA / "reference" / "citycatalyst_inventory_BR_SLO_2022.csv")
        if number(row["Activity Value"])
    ]
    assert row["Emission Factor - Unit"] == "kg/TJ"  # the label is wrong: 0.0426 t per MWh reproduces the row
    city = place()
    city.master(organisations=organisations("slo", region="BR", zone="America/Sao_Paulo"))
    power = factor("power", "electricity", "BR", row["Emission Factor - CO2"], "MWh", gas="CO2", year="2022")
    assert city.factors("slo", [[cell if cell != "kg" else "t" for cell in power]]) == []
    city.master(instruments=contracts(("c", "slo", "custom:slo:power", "2022-01-01", "2023-01-01")))
    span = ("2022-01-01", "2022-12-31")
    city.upload(
        "slo-data",
        [("", "I.2.2", "electricity", *span, row["Activity Value"], row["Activity Units"], "", "billed")],
        "slo",
        "America/Sao_Paulo",
    )
    ours = by_source(city.balance(2022))["I.2.2"] / 1000
    pairs = {"I.2.2": (Decimal(row["Total Emissions"]), ours)}
    return (Compared("BR SLO 2022, row with activity data", pairs, Decimal("0.0005"), "t"),)


# Göttingen 2018: energy and CO2e by sector and carrier; factors of one sector held against the others -----

CARRIERS = {
    "elec": ("electricity", "none"),
    "gas": ("natural_gas", "Hi"),
    "fueloil": ("heating_oil", "Hi"),
    "lpg": ("lpg", "Hi"),
    "petrol": ("petrol", "Hi"),
    "diesel": ("diesel", "Hi"),
    "jetfuel": ("kerosene", "Hi"),
    "coal": ("hard_coal", "Hi"),
    "heatnet": ("district_heat", "none"),
    "biomass": ("wood_chips", "Hi"),
}
SECTORS = ("priv_residences", "business", "transport", "industry")


@cache
def goettingen() -> tuple[Compared, ...]:
    told = json.loads((DATA / "reference" / "localzero_goettingen_2018_production.json").read_text("utf-8"))[
        "bisko"
    ]
    city = place()
    city.master(organisations=organisations("goettingen", region="DE", zone="Europe/Berlin"))
    first = {  # of households; carriers households do not have, of business
        carrier: next(told[sector][carrier] for sector in SECTORS if told[sector].get(carrier))
        for carrier in CARRIERS
    }
    rows = []
    for carrier, entry in first.items():
        code, basis = CARRIERS[carrier]
        value = Decimal(repr(entry["CO2e_total"])) / Decimal(repr(entry["energy"])) * 1000
        method = "unstated" if carrier == "heatnet" else ""
        text = str(round(value, 10))
        rows.append(factor(carrier, code, "DE", text, "MWh", basis=basis, year="2018", method=method))
    assert city.factors("goettingen", rows) == []
    city.master(
        instruments=contracts(("c", "goettingen", "custom:goettingen:elec", "2018-01-01", "2019-01-01"))
    )
    cells = {
        f"{sector} {carrier}": told[sector][carrier]
        for sector in SECTORS
        for carrier in CARRIERS
        if told[sector].get(carrier) and told[sector][carrier]["energy"]
    }
    records = []
    for name, entry in cells.items():
        code, basis = CARRIERS[name.split(" ")[1]]
        amount = str(round(Decimal(repr(entry["energy"])), 6))
        records.append(("", name, code, "2018-01-01", "2018-12-31", amount, "MWh", basis, "estimated"))
    city.upload("goettingen-data", records, "goettingen", "Europe/Berlin")
    ours = by_source(city.balance(2018))
    pairs = {
        name: (Decimal(repr(entry["CO2e_total"])), ours.get(name, Decimal(0)) / 1000)
        for name, entry in cells.items()
    }
    return (Compared("Göttingen 2018, sectors × carriers", pairs, Decimal("0.001"), "t"),)


GENERATED: list[Callable[[], tuple[Compared, ...]]] = [
    kitchener,
    seattle,
    philadelphia,
    chicago,
    lambda: manual()[0],
    sao_lourenco,
    goettingen,
]
