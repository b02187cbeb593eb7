"""A made-up result of one year: five organisations, three books, known blemishes. Nothing of it is real."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from unit.reports.closed import closing
from unit.reports.levels import consolidation

from bilanz.completeness import calendar, used
from bilanz.factor import FACTOR_SCHEMA
from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.result import (
    BATCH_SCHEMA,
    COVERAGE_SCHEMA,
    EXCEPTION_SCHEMA,
    LINE_SCHEMA,
    ORGANISATION_SCHEMA,
    SUPERSEDED_SCHEMA,
    USAGE_SCHEMA,
    Beside,
    Manifest,
    Result,
)
from bilanz.sentences import Remark, packed, say
from bilanz.store.profiles import PROFILE_SCHEMA

YEAR = 2025
BOOKS = ("bisko", "ghgp_location", "ghgp_market")
MONTHS = [date(YEAR, number, 1) for number in range(1, 13)]
MISSING_MONTH = date(YEAR, 5, 1)

Row = dict[str, Any]


def frame(rows: list[Row], schema: dict[str, Any]) -> pl.DataFrame:
    """Rows with every column of the schema; what a row leaves out is null."""
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in schema},
        schema=schema,
        strict=False,
    )


def manifest(books: tuple[str, ...] = BOOKS) -> Manifest:
    return Manifest(
        run="run-1",
        year=YEAR,
        region="DE",
        organisation=None,
        books=books,
        gwp="bisko: AR5, ghgp_location: AR6, ghgp_market: AR6",
        code_version="0.1.0",
        factor_release="f" * 64,
        book_hash="b" * 64,
        inputs=(("a" * 64, "standard 1"),),
        resolutions_hash="e" * 64,
        result_hash="d" * 64,
        manifest_hash="c" * 64,
        created_at="2026-01-15T09:30:00+00:00",
    )


def empty_result(books: tuple[str, ...] = BOOKS) -> Result:
    """A run over a year without any data."""
    return Result(
        manifest=manifest(books),
        lines=frame([], LINE_SCHEMA),
        usage=frame([], USAGE_SCHEMA),
        exceptions=frame([], EXCEPTION_SCHEMA),
        superseded=frame([], SUPERSEDED_SCHEMA),
        coverage=frame([], COVERAGE_SCHEMA),
        organisations=frame([], ORGANISATION_SCHEMA),
        batches=frame([], BATCH_SCHEMA),
        factors=frame([], FACTOR_SCHEMA),
        assumptions=pl.DataFrame(schema={"code": pl.String, "subject": pl.String, "detail": pl.String}),
    )


ORGANISATIONS: list[Row] = [
    {"organisation": "stadt", "parent": None, "name": "Stadt Musterhafen", "kind": "municipality"},
    {"organisation": "rathaus", "parent": "stadt", "name": "Rathaus und Schulen", "kind": "agency"},
    {"organisation": "werke", "parent": "stadt", "name": "Stadtwerke Musterhafen GmbH", "kind": "enterprise"},
    {"organisation": "depot", "parent": "stadt", "name": "Abfallwirtschaft und Fuhrpark", "kind": "agency"},
    {"organisation": "bus", "parent": "werke", "name": "Hafenbus Verkehrsbetrieb", "kind": "enterprise"},
    {"organisation": "einkauf", "parent": "stadt", "name": "Zentrale Beschaffungsstelle", "kind": "agency"},
]

# (organisation, source, activity, unit, basis, quantity a month, cost a month, quality)
FLOWS: list[tuple[str, str, str, str, str, int, int | None, str]] = [
    ("rathaus", "DE0001", "electricity", "kWh", "none", 42_000, 12_600, "measured"),
    ("rathaus", "G-17", "natural_gas", "kWh", "Hs", 90_000, 9_900, "billed"),
    ("rathaus", "FW-3", "district_heat", "kWh", "none", 61_000, None, "billed"),
    ("werke", "DE0002", "electricity", "kWh", "none", 130_000, 31_200, "measured"),
    ("depot", "Karte 7", "diesel", "l", "none", 14_000, 21_000, "billed"),
    ("depot", "Karte 8", "petrol", "l", "none", 1_200, 2_040, "billed"),
    ("bus", "Karte 9", "diesel", "l", "none", 30_000, 45_000, "billed"),
    ("bus", "DE0003", "electricity_traction", "kWh", "none", 55_000, 15_400, "estimated"),
]

# kg CO2e per unit: (bisko scope, bisko, location scope 1/2, market scope 1/2, upstream 3.3); made up
RATES: dict[str, tuple[str, str, str, str, str, str]] = {
    "electricity": ("2", "0.4", "2", "0.36", "0.1", "0.05"),
    "electricity_traction": ("memo", "0.4", "2", "0.36", "0.1", "0.05"),
    "natural_gas": ("1", "0.22", "1", "0.18", "0.18", "0.03"),
    "district_heat": ("2", "0.2", "2", "0.2", "0.2", "0.02"),
    "diesel": ("memo", "3.1", "1", "2.6", "2.6", "0.6"),
    "petrol": ("memo", "2.8", "1", "2.3", "2.3", "0.5"),
}

CATEGORY = {"1": "stationary_combustion", "2": "purchased_electricity", "memo": "mobile_combustion"}
GRADE = {"district_heat": "proxy", "petrol": "older_edition", "natural_gas": "wider_region"}
GROUPS = [("Bauleistungen", 250_000, "0.31"), ("IT und Büro", 80_000, "0.22"), ("Reinigung", 40_000, "0.12")]
PER_LITRE = {"diesel": Decimal("9.96"), "petrol": Decimal("8.9")}


def _line(book: str, flow: tuple[Any, ...], month: date, scope: str, category: str, rate: str) -> Row:
    organisation, source, activity, unit, basis, quantity, _cost, quality = flow
    mass = Decimal(quantity) * Decimal(rate)
    return {
        "book": book,
        "organisation": organisation,
        "source": source,
        "activity": activity,
        "role": "consumed",
        "region": "DE",
        "month": month,
        "scope": scope,
        "category": category,
        "gas": "CO2e",
        "chain": "upstream" if category == "3.3" else "total" if book == "bisko" else "direct",
        "quantity": Decimal(quantity),
        "unit": unit,
        "basis": basis,
        "is_lead": category != "3.3",
        "co2e_kg": mass,
        "factor_id": f"{activity}-{book}",
        "grade": GRADE.get(activity, "exact"),
        "quality": quality,
        "is_apportioned": quality == "billed",
    }


def _lines(flow: tuple[Any, ...], month: date) -> list[Row]:
    bisko_scope, bisko, scope, location, market, upstream = RATES[flow[2]]
    category = CATEGORY["memo"] if flow[2] in PER_LITRE else CATEGORY[scope]
    rows = [_line("bisko", flow, month, bisko_scope, CATEGORY[bisko_scope], bisko)]
    for book, rate in (("ghgp_location", location), ("ghgp_market", market)):
        rows.append(_line(book, flow, month, scope, category, rate))
        rows.append(_line(book, flow, month, "3", "3.3", upstream))
    return rows


def _usage(flow: tuple[Any, ...], month: date) -> Row:
    organisation, source, activity, unit, basis, quantity, cost, quality = flow
    return {
        "organisation": organisation,
        "source": source,
        "activity": activity,
        "role": "consumed",
        "direction": "consumption",
        "month": month,
        "quantity": Decimal(quantity),
        "unit": unit,
        "basis": "Hi" if activity in PER_LITRE else basis,
        "energy_kwh": Decimal(quantity) * PER_LITRE.get(activity, Decimal(1)),
        "cost_net": None if cost is None else Decimal(cost),
        "currency": None if cost is None else "EUR",
        "quality": quality,
        "is_apportioned": quality == "billed",
    }


def _purchase(group: str, amount: int, rate: str | None) -> tuple[Row, list[Row]]:
    common: Row = {
        "organisation": "einkauf",
        "source": "einkauf:purchase",
        "activity": "purchase",
        "product_group": group,
        "role": "consumed",
        "month": MONTHS[2],
        "quantity": Decimal(amount),
        "unit": "EUR",
        "basis": "none",
        "quality": "spend",
        "is_apportioned": False,
    }
    usage = {**common, "direction": "consumption", "cost_net": Decimal(amount), "currency": "EUR"}
    lines = [
        {
            **common,
            "book": book,
            "region": "DE",
            "scope": "3",
            "category": "3.1",
            "gas": "CO2e",
            "chain": "total",
            "is_lead": True,
            "co2e_kg": Decimal(amount) * Decimal(rate or 0),
            "factor_id": f"spend-{group}",
            "grade": "proxy",
        }
        for book in BOOKS[1:]
        if rate
    ]
    left_out = {
        **common,
        "book": "bisko",
        "region": "DE",
        "scope": "memo",
        "category": "excluded",
        "is_lead": True,
    }
    return usage, [*lines, left_out]


def _coverage(flow: tuple[Any, ...], month: date) -> Row:
    organisation, source, activity, *_, quality = flow
    days = ((date(YEAR + month.month // 12, month.month % 12 + 1, 1)) - month).days
    held = 0 if source == "DE0001" and month == MISSING_MONTH else days
    return {
        "organisation": organisation,
        "source": source,
        "activity": activity,
        "month": month,
        "days": days,
        **{f"days_{name}": float(held * (quality == name)) for name in ("measured", "billed", "estimated")},
    }


def _factors() -> list[Row]:
    return [
        {
            "factor_id": f"{activity}-{book}",
            "source": "sample",
            "edition": "2025",
            "activity": activity,
            "region": "DE",
            "valid_from": date(2025, 1, 1),
            "valid_to": date(2026, 1, 1),
            "gas": "CO2e",
            "value": Decimal(RATES[activity][1]),
            "mass_unit": "kg",
            "per_unit": "kWh",
            "basis": "none",
            "chain": "total",
            "evidence": "secondary" if activity == "petrol" else "primary",
            "publisher": "Amt für Beispiele",
            "title": "Tabelle der Beispielwerte",
            "locator": "S. 12, Tab. 3",
            "licence": "CC BY 4.0",
        }
        for book in BOOKS
        for activity in RATES
    ]


def _exceptions() -> list[Row]:
    gas = {
        "organisation": "rathaus",
        "source": "G-18",
        "activity": "natural_gas",
        "unit": "kWh",
        "records": 1,
        "code": "basis_missing",
        "detail": packed([Remark("", say("no_basis", unit="kWh"))]),
    }
    missing_factor = {
        "organisation": "einkauf",
        "source": "einkauf:purchase",
        "activity": "purchase",
        "product_group": "Kunst",
        "month": MONTHS[2],
        "quantity": Decimal(9_000),
        "unit": "EUR",
        "records": 3,
        "code": "no_factor",
    }
    return [
        *({**gas, "month": month, "quantity": Decimal(1_500)} for month in MONTHS[:3]),
        *({**missing_factor, "book": book} for book in BOOKS[1:]),
    ]


def _profile() -> list[Row]:
    """A meter over three days, with an hour without a reading."""
    return [
        {
            "organisation": "rathaus",
            "source": "DE0001",
            "activity": "electricity",
            "direction": "consumption",
            "unit": "kWh",
            "minutes": 15,
            "day": date(YEAR, 3, day),
            "hour": hour,
            "quantity": Decimal(20 + (30 if 7 <= hour <= 17 else 0) + day),
            "readings": 4,
        }
        for day in (3, 4, 5)
        for hour in range(24)
        if (day, hour) != (4, 12)
    ]


def year_before(result: Result) -> Result:
    """The same organisations a year earlier, without the electricity of the works and a fifth less of all."""
    manifest = replace(result.manifest, run="run-0", year=YEAR - 1, factor_release="e" * 64)
    backwards = pl.col("month").dt.offset_by("-1y")
    kept = pl.col("source") != "DE0002"
    share = Decimal("0.8")
    lines = result.lines.filter(kept).with_columns(backwards)
    usage = result.usage.filter(kept).with_columns(backwards)

    def less(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
        return frame.with_columns(
            pl.Series(
                name, [None if value is None else value * share for value in frame[name]], frame.schema[name]
            )
            for name in names
        )

    return replace(
        result,
        manifest=manifest,
        lines=less(lines, "quantity", "co2e_kg"),
        usage=less(usage, "quantity", "energy_kwh"),
        exceptions=result.exceptions.clear(),
        superseded=result.superseded.clear(),
        coverage=result.coverage.filter(kept).with_columns(backwards),
        beside=Beside(),
    )


def full_result() -> Result:
    """A closed year of five organisations: a missing month, missing costs, exceptions, superseded rows."""
    flows = [
        (flow, month)
        for flow in FLOWS
        for month in MONTHS
        if not (flow[1] == "DE0001" and month == MISSING_MONTH)
    ]
    purchases = [_purchase(*group) for group in GROUPS] + [_purchase("Kunst", 9_000, None)]
    feed_in = {
        **_usage(FLOWS[3], MONTHS[5]),
        "direction": "feed_in",
        "role": "fed_in",
        "cost_net": None,
        "currency": None,
    }
    base = empty_result()
    superseded = {
        "organisation": "depot",
        "source": "Karte 7",
        "activity": "diesel",
        "month": MONTHS[1],
        "quantity": Decimal(21_000),
        "unit": "EUR",
        "quality": "spend",
        "records": 4,
        "reason": "quantity_beats_money",
    }
    batch = {
        "batch": "b-1",
        "file": "lastgang_rathaus.csv",
        "sha256": "0123456789abcdef" * 4,
        "importer": "standard",
        "organisation": "rathaus",
        "committed_at": "2026-01-14T08:00:00",
        "n_read": 35_040,
        "n_accepted": 35_000,
        "n_rejected": 12,
        "n_ignored": 28,
    }
    coverage = frame([_coverage(flow, month) for flow in FLOWS for month in MONTHS], COVERAGE_SCHEMA)
    usage = frame(
        [*(_usage(flow, month) for flow, month in flows), *(usage for usage, _ in purchases), feed_in],
        USAGE_SCHEMA,
    )
    found = Result(
        manifest=base.manifest,
        lines=frame(
            [line for flow, month in flows for line in _lines(flow, month)]
            + [line for _, lines in purchases for line in lines],
            LINE_SCHEMA,
        ),
        usage=usage,
        exceptions=frame(_exceptions(), EXCEPTION_SCHEMA),
        superseded=frame([superseded], SUPERSEDED_SCHEMA),
        coverage=coverage,
        organisations=frame(ORGANISATIONS, ORGANISATION_SCHEMA),
        batches=frame(
            [batch, {**batch, "batch": "b-2", "file": "tankkarten.csv", "n_rejected": 0}], BATCH_SCHEMA
        ),
        factors=frame(_factors(), FACTOR_SCHEMA),
        assumptions=pl.DataFrame(
            [("gwp_unstated", "diesel-bisko", "the publication names no GWP set")],
            schema=base.assumptions.schema,
            orient="row",
        ),
    )
    beside = Beside(
        profiles=frame(_profile(), PROFILE_SCHEMA),
        earlier=(year_before(found),),
        consolidation=consolidation(found),
        closing=closing(),
        calendar=_calendar(coverage, usage),
    )
    return replace(found, beside=beside)


def _calendar(coverage: pl.DataFrame, usage: pl.DataFrame) -> pl.DataFrame:
    """The calendar of a city nobody registered; of one source the year before is known."""
    quantities = used(usage)
    before = quantities.filter(pl.col("source") == "DE0002").with_columns(
        pl.lit("DE0001").alias("source"),
        pl.lit("rathaus").alias("organisation"),
        pl.col("month").dt.offset_by("-1y"),
    )
    terms = frame([], SOURCE_TERM_SCHEMA)
    return calendar(YEAR, coverage, quantities, terms, earlier=before)
