"""What the codes of a territorial balance are called, and the frames its tables and exports share."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result, TerritoryView
from reports import names, numbers
from reports.totals import organisation_name

NOTHING: Final = "–"

SECTORS: Final = {
    "households": "Private households",
    "commerce": "Commerce and services",
    "industry": "Industry",
    "municipal": "Municipal facilities",
    "transport": "Transport",
}
USES: Final = {"power": "Electric power", "heat": "Heat", "transport": "Transport"}
STATES: Final = {
    "blank": "missing",
    "zero": "zero, not confirmed",
    "confirmed_zero": "confirmed zero",
    "value": "stated",
    "kept": "kept",
    "broken": "not kept",
    "unknown": "cannot be said",
}
GRADE_STATES: Final = {
    "lower": "data grade below {grade}",
    "ungraded": "data grade not stated ({grade} is needed)",
}
VERDICTS: Final = {"conform": "conform", "unknown": "cannot be said", "not_conform": "not conform"}
INDICATORS: Final = {
    "co2e_per_inhabitant": "Emissions per inhabitant",
    "households_per_inhabitant": "Emissions of private households per inhabitant",
    "commerce_per_employee": "Energy of commerce and services per person employed in the territory",
    "cars_per_inhabitant": "Energy of cars and motorcycles per inhabitant",
    "renewable_power": "Renewable electricity generated in the territory, share of consumption",
    "renewable_heat": "Renewable carriers, share of heat (without the mix of heat networks)",
    "cogeneration": "Electricity from combined heat and power, share of consumption",
    "modal_split": "Share of vehicle kilometres",
}
UNITS: Final = {"inhabitants": "inhabitants", "employees": "persons employed"}
MISSING: Final = {
    "numerator": "no figure: the data do not state the numerator",
    "denominator": "no figure: the master data do not state the denominator",
}
VEHICLES: Final = {
    "car": "Car",
    "motorbike": "Motorcycle",
    "bus": "Scheduled bus",
    "coach": "Coach",
    "light_truck": "Light truck",
    "truck": "Truck",
    "tram": "Tram or underground",
    "rail": "Train",
}
REASONS: Final = {
    "generated": "generated in the territory: no consumption",
    "fed_in": "fed into the grid: no consumption",
    "not_energy": "no final energy",
    "activity_unknown": "no energy: mileage or a figure without an activity",
}
FINDINGS: Final = {
    "municipal_differs": "{subject}: the municipality's own balance says {value}, the records of the "
    "territory say {other} for municipal facilities. The own balance stands; the difference stays with "
    "commerce.",
    "municipal_exceeds": "{subject}: the municipality's own balance says {value}, more than the {other} of "
    "commerce and municipal facilities together. Nothing was moved; one of the two figures is wrong.",
    "municipality_unstated": "The master data name no municipality of this territory (column municipality of "
    "organisations.csv): municipal facilities stand only where records of the territory state them.",
    "municipality_uncalculated": "The balance of {subject} has not been calculated for this year: municipal "
    "facilities are not told apart from commerce.",
    "municipality_gaps": "The balance of {subject} has quantities without a factor: municipal facilities may "
    "be too low.",
    "both_in_run": "This run holds the territory and {subject}: the other sections add both up. For the "
    "territory alone, calculate with --org.",
    "zero_mark_ignored": "{subject}: a quantity that is not 0 is marked as a confirmed zero. The quantity "
    "counts, the mark does not.",
    "sector_unstated": "{subject} states no sector: {value} stand in no sector.",
}


def named(table: dict[str, str], code: str | None, language: Language) -> str:
    """Return the name of a code; none is "not stated", a code without a name stands for itself."""
    if code is None:
        return numbers.missing(language)
    return translate(table[code], language) if code in table else code


def verdict(result: Result, language: Language) -> str:
    """Return whether the territories of a run conform to BISKO; a run without one says nothing of it."""
    if result.beside.territory is None:
        return translate("unknown", language)
    told = result.beside.territory.verdicts["verdict"].unique().sort()
    return ", ".join(named(VERDICTS, code, language) for code in told)


def carrier(code: str | None, english: str | None, language: Language) -> str:
    """Return the name of a carrier."""
    return numbers.missing(language) if code is None else code if language == "de" else english or code


def sectors(text: str, language: Language) -> str:
    """Return the sectors of a cell, joined by a comma."""
    return ", ".join(named(SECTORS, code, language) for code in text.split("+"))


def letter(row: dict[str, Any]) -> str | None:
    """Return the grades of a cell's energy: `A`, `A, B`; energy without one is `–`."""
    held = [grade for grade in "ABCD" if row[f"energy_{grade.lower()}"]]
    held += ["–"] if row["energy_ungraded"] else []
    return ", ".join(held) or None


def factor_of(row: dict[str, Any]) -> Decimal | None:
    """Return g CO2e per kWh of a cell; None where there is no energy or something has no factor."""
    if not row["energy_kwh"] or row["gaps"] or row["co2e_kg"] is None:
        return None
    with localcontext(prec=60):
        mass, energy = Decimal(row["co2e_kg"]), Decimal(row["energy_kwh"])
        return (mass * 1000 / energy).quantize(Decimal("0.001"))


def cells(result: Result, view: TerritoryView, language: Language) -> pl.DataFrame:
    """Return the cells as they are read: names, net energy, factor with its source, emissions, grade.

    Columns: territory, year, sector, carrier, use, energy_kwh, factor, factor_source, co2e_kg, grade, gaps.
    Emissions of a cell something has no factor in are what is known.
    """
    place = organisation_name(result, language)
    sources = _sources(result)
    rows = [
        {
            "territory": place(row["organisation"]),
            "year": row["year"],
            "sector": named(SECTORS, row["sector"], language),
            "carrier": carrier(row["carrier"], row["carrier_en"], language),
            "use": named(USES, row["use"], language),
            "energy_kwh": row["energy_kwh"],
            "factor": factor_of(row),
            "factor_source": "; ".join(
                sorted({sources.get(it, it) for it in row["factors"].split("\n") if it})
            ),
            "co2e_kg": row["co2e_kg"],
            "grade": letter(row),
            "gaps": row["gaps"],
        }
        for row in view.cells.iter_rows(named=True)
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(("territory", "sector", "carrier", "use", "factor_source", "grade"), pl.String),
        "year": pl.Int32,
        "gaps": pl.Int64,
        "energy_kwh": view.cells.schema["energy_kwh"],
        "co2e_kg": view.cells.schema["co2e_kg"],
        "factor": pl.Decimal(38, 3),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sources(result: Result) -> dict[str, str]:
    """Return factor → publisher and title."""
    told = result.factors.select("factor_id", "publisher", "title").unique("factor_id", keep="first")
    return {identifier: f"{publisher}: {title}" for identifier, publisher, title in told.iter_rows()}


def demands(result: Result, view: TerritoryView, language: Language) -> pl.DataFrame:
    """Return what the verdict rests on: cells that are needed or recommended, then rules.

    Columns: territory, kind, demand, state, detail.
    """
    place = organisation_name(result, language)
    rows = [
        {
            "territory": place(row["organisation"]),
            "kind": translate("Needed figure", language)
            if row["level"] == "required"
            else translate("Recommended figure", language),
            "demand": demand(row, language),
            "state": named(STATES, row["state"], language),
            "detail": grade_note(row, language) or NOTHING,
        }
        for row in view.requirements.iter_rows(named=True)
    ]
    rows += [
        {
            "territory": place(row["organisation"]),
            "kind": translate("Rule of the method", language),
            "demand": row[language],
            "state": named(STATES, row["state"], language),
            "detail": subjects(row, view, language) or NOTHING,
        }
        for row in view.rules.iter_rows(named=True)
    ]
    columns = ("territory", "kind", "demand", "state", "detail")
    return pl.DataFrame(rows, schema=[(name, pl.String) for name in columns])


def demand(row: dict[str, Any], language: Language) -> str:
    """Return a needed cell in words."""
    name = carrier(row["carrier"], row["carrier_en"], language)
    if "+" in row["sectors"]:
        return translate("{carrier}: in any sector", language, carrier=name)
    return f"{name}: {sectors(row['sectors'], language)}"


def grade_note(row: dict[str, Any], language: Language) -> str:
    """Return what is wrong with the grade of a needed cell; empty where nothing is."""
    template = GRADE_STATES.get(row["grade_state"] or "")
    return translate(template, language, grade=row["grade"]) if template else ""


def missing_cells(view: TerritoryView, organisation: str, language: Language) -> list[str]:
    """Return the needed cells of a territory that are not filled as they must be, each with its state."""
    rows = view.requirements.filter(
        pl.col("organisation") == organisation,
        pl.col("level") == "required",
        ~pl.col("state").is_in(["value", "confirmed_zero"])
        | pl.col("grade_state").is_in(["lower", "ungraded"]).fill_null(value=False),
    )
    return [
        f"{demand(row, language)} ({grade_note(row, language) or named(STATES, row['state'], language)})"
        for row in rows.iter_rows(named=True)
    ]


def broken_rules(view: TerritoryView, organisation: str, language: Language) -> list[str]:
    """Return the rules of the method a territory does not keep, each with what it is not kept by."""
    rows = view.rules.filter(pl.col("organisation") == organisation, pl.col("state") != "kept")
    return [
        f"{row[language]} ({subjects(row, view, language) or named(STATES, row['state'], language)})"
        for row in rows.iter_rows(named=True)
    ]


def subjects(row: dict[str, Any], view: TerritoryView, language: Language) -> str:
    """Return what a rule is not kept by: factors, sources, carriers and cells by their names."""
    known = _carriers(view)
    found = []
    for text in filter(None, row["subjects"].split("\n")):
        sector, sign, code = text.partition(":")
        if sign and code in known and (sector in SECTORS or sector == NOTHING):
            found.append(f"{carrier(code, known[code], language)}: {named(SECTORS, sector, language)}")
        else:
            found.append(carrier(text, known.get(text), language))
    return ", ".join(found)


def _carriers(view: TerritoryView) -> dict[str, str]:
    """Return carrier → its English name."""
    frames = (view.requirements, view.cells)
    return {
        code: name for frame in frames for code, name in frame.select("carrier", "carrier_en").iter_rows()
    }


def indicators(result: Result, view: TerritoryView, language: Language) -> pl.DataFrame:
    """Return the indicators with numerator and denominator.

    Columns: territory, indicator, numerator, numerator_unit, denominator, denominator_unit, value, remark.
    """
    place = organisation_name(result, language)
    told = view.indicators.with_columns(
        pl.Series("territory", [place(code) for code in view.indicators["organisation"]], dtype=pl.String),
        pl.Series("name", list(_indicator_names(view, language)), dtype=pl.String),
        pl.Series("remark", list(_remarks(view, language)), dtype=pl.String),
        pl.col("denominator_unit").replace({code: translate(text, language) for code, text in UNITS.items()}),
    )
    return told.select(
        "territory",
        pl.col("name").alias("indicator"),
        "numerator",
        "numerator_unit",
        "denominator",
        "denominator_unit",
        "value",
        "remark",
    )


def _indicator_names(view: TerritoryView, language: Language) -> list[str]:
    rows = view.indicators.select("indicator", "subject").iter_rows()
    return [
        named(INDICATORS, code, language) + (f": {named(VEHICLES, subject, language)}" if subject else "")
        for code, subject in rows
    ]


def _remarks(view: TerritoryView, language: Language) -> list[str]:
    partial = translate("too low: something has no factor or no net energy", language)
    rows = view.indicators.select("missing", "is_partial").iter_rows()
    return [
        named(MISSING, code, language) if code else partial if is_partial else NOTHING
        for code, is_partial in rows
    ]


def findings(result: Result, view: TerritoryView, language: Language) -> list[tuple[str, str]]:
    """Return (territory, sentence) of everything that is to be said of figures."""
    place, known = organisation_name(result, language), _carriers(view)
    return [
        (place(row["organisation"]), finding(row, place, known, language))
        for row in view.findings.iter_rows(named=True)
    ]


def finding(
    row: dict[str, Any], place: Callable[[str | None], str], carriers: dict[str, str], language: Language
) -> str:
    """Return one finding as a sentence; its subject is an organisation, a carrier or a source."""
    subject = row["subject"] or ""
    if row["code"].startswith("municipality") or row["code"] == "both_in_run":
        subject = place(row["subject"]) if row["subject"] else ""
    elif row["code"].startswith("municipal_"):
        subject = carrier(subject, carriers.get(subject), language)
    return translate(
        FINDINGS[row["code"]],
        language,
        subject=subject,
        value=numbers.megawatt_hours(row["value"], language),
        other=numbers.megawatt_hours(row["other"], language),
    )


def outside(result: Result, view: TerritoryView, language: Language) -> pl.DataFrame:
    """Return what is no final energy of a territory.

    Columns: territory, sector, source, activity, quantity, unit, reason.
    """
    place = organisation_name(result, language)
    rows = [
        {
            "territory": place(row["organisation"]),
            "sector": named(SECTORS, row["sector"], language),
            "source": row["source"],
            "activity": names.activity_name(row["activity"], language),
            "quantity": row["quantity"],
            "unit": names.unit(row["unit"], language),
            "reason": named(REASONS, row["reason"], language),
        }
        for row in view.outside.iter_rows(named=True)
    ]
    schema = dict.fromkeys(("territory", "sector", "source", "activity", "unit", "reason"), pl.String)
    return pl.DataFrame(rows, schema={**schema, "quantity": view.outside.schema["quantity"]}, orient="row")
