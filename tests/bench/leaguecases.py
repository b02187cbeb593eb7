"""Invented members of a league: their lines, and their bundles as `bilanz publish` makes them."""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidation import levels, plan
from bilanz.conversion import Converter
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.factor import FACTOR_SCHEMA, PROPERTY_SCHEMA
from bilanz.gases import GwpSet
from bilanz.league import grain
from bilanz.league.assembly import assembled
from bilanz.league.bundle import MEASURES, Bundle, Grain, Head, Member, State, TerritoryRun, pinned
from bilanz.league.dcat import LICENCES, Described
from bilanz.league.publication import (
    Boundary,
    Weights,
    balance_of,
    denominators_of,
    exceptions_of,
    indicators_of,
    organisations_of,
    share_of,
)
from bilanz.league.reading import read
from bilanz.league.recomputation import quotient
from bilanz.league.signing import integrity, new_key, signed
from bilanz.league.statements import stated
from bilanz.manifest import Inputs, manifest, manifest_hash
from bilanz.ratios import indicators
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, ORGANISATION_SCHEMA

YEAR = 2024
BOOKS = ("bisko", "ghgp_location")
AR6 = GwpSet("AR6", {"CO2": Decimal(1), "CH4": Decimal("27.9"), "N2O": Decimal(273)}, {})
NO_DELIVERIES = pl.DataFrame(schema=DELIVERY_SCHEMA)
_NO_SITES = pl.DataFrame(schema={"source": pl.String, "site": pl.String})

PARTS: Mapping[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "natural_gas": (
        ("1", "stationary_combustion", "CO2", "direct", "0.201"),
        ("1", "stationary_combustion", "CH4", "direct", "0.0000182"),
        ("3", "3.3", "CO2e", "upstream", "0.034"),
    ),
    "electricity": (
        ("2", "purchased_electricity", "CO2", "direct", "0.363"),
        ("3", "3.3", "CO2e", "upstream", "0.06"),
    ),
    "district_heat": (
        ("2", "purchased_heat", "CO2e", "total", "0.18"),
        ("3", "3.3", "CO2e", "upstream", "0.02"),
    ),
}
"""Activity → scope, category, gas, part of the chain, kg per kWh."""


@cache
def key(name: str = "member") -> bytes:
    """Return a key; the same for a name."""
    del name
    return new_key()


def use(
    organisation: str,
    activity: str,
    quantity: int | str,
    *,
    source: str = "",
    role: str = "consumed",
    months: tuple[int, ...] = tuple(range(1, 13)),
    books: tuple[str, ...] = BOOKS,
) -> list[dict[str, Any]]:
    """Return the lines of a quantity in each of some months, in every book."""
    rows = []
    parts = PARTS[activity] if role == "consumed" else (("memo", role, "", "", "0"),)
    for book in books:
        for month in months:
            for number, (scope, category, gas, chain, value) in enumerate(parts):
                mass = Decimal(quantity) * Decimal(value)
                weight = AR6.values.get(gas, Decimal(1))
                is_silent = not gas
                rows.append(
                    {
                        "book": book,
                        "organisation": organisation,
                        "source": source or f"{organisation}-{activity}",
                        "activity": activity,
                        "role": role,
                        "region": "DE",
                        "month": date(YEAR, month, 1),
                        "scope": scope,
                        "category": category,
                        "gas": gas or None,
                        "chain": chain or None,
                        "quantity": Decimal(quantity),
                        "unit": "kWh",
                        "basis": "none",
                        "is_lead": number == 0,
                        "mass_kg": None if is_silent or gas == "CO2e" else mass,
                        "co2e_kg": None if is_silent else mass * weight,
                        "factor_id": None if is_silent else f"case:{activity}",
                        "grade": "exact",
                        "quality": "measured",
                        "is_apportioned": False,
                    }
                )
    return rows


def lines_of(*rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return lines, sorted as a calculation leaves them."""
    found = pl.DataFrame([row for part in rows for row in part], schema=LINE_SCHEMA, orient="row")
    return found.sort(found.columns)


def factors() -> pl.DataFrame:
    """Return the factors of `PARTS`."""
    rows = [
        {
            "factor_id": f"case:{activity}",
            "source": "case",
            "edition": "2024",
            "activity": activity,
            "region": "DE",
            "gas": gas,
            "value": Decimal(value),
            "mass_unit": "kg",
            "per_unit": "kWh",
            "basis": "none",
            "chain": chain,
            "evidence": "primary",
            "publisher": "nobody",
            "title": "invented",
            "locator": "page 1",
            "licence": "CC0-1.0",
        }
        for activity, parts in PARTS.items()
        for _, _, gas, chain, value in parts
    ]
    return pl.DataFrame(rows, schema=FACTOR_SCHEMA, orient="row")


def weights() -> Weights:
    """Return what the lines were weighted with."""
    converter = Converter(pl.DataFrame(schema=PROPERTY_SCHEMA))
    return Weights(factors(), dict.fromkeys(BOOKS, AR6), {}, converter, ("DE",))


def memberships_of(names: list[str], node: str, shares: Mapping[str, str]) -> pl.DataFrame:
    """Return memberships of all in the node; `shares`: equity where it is not whole."""
    rows = [
        {
            "organisation": name,
            "parent": node,
            "equity_share": Decimal(shares.get(name, "1")),
            "operational_control": True,
            "financial_control": True,
            "is_declared": True,
        }
        for name in names
        if name != node
    ]
    return pl.DataFrame(rows, schema=MEMBERSHIP_SCHEMA, orient="row")


_UNITS: dict[str, pl.DataType | type[pl.DataType]] = {
    **ORGANISATION_SCHEMA,
    "population": pl.Int64,
    "floor_area_m2": pl.Decimal(18, 2),
    "staff": pl.Decimal(12, 2),
}


def organisations(node: str, names: list[str], population: int | None) -> pl.DataFrame:
    """Return a municipality and what is below it, with figures."""
    rows = [
        {
            "organisation": name,
            "parent": None if name == node else node,
            "name": name.title(),
            "kind": "municipality" if name == node else "agency",
            "path": name,
            "region": "DE",
            "population": population if name == node else None,
            "floor_area_m2": None if name == node else Decimal(1000),
            "staff": None if name == node else Decimal(10),
        }
        for name in dict.fromkeys([node, *names])
    ]
    return pl.DataFrame(rows, schema=_UNITS, orient="row")


def frames_of(
    node: str,
    lines: pl.DataFrame,
    *,
    smallest: int = 1,
    deliveries: pl.DataFrame = NO_DELIVERIES,
    population: int | None = 1000,
    approach: Approach = Approach.OPERATIONAL,
    shares: Mapping[str, str] | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the tables of a bundle as `bilanz publish` makes them."""
    names = sorted({*lines["organisation"]})
    made = plan(lines, memberships_of(names, node, shares or {}), deliveries, year=YEAR, approach=approach)
    boundary = Boundary(node, lines, made, frozenset())
    held = boundary.organisations()
    units = organisations(node, names, population)
    ratios = indicators(lines, levels(lines, made), made, units)
    told, delivered = stated(lines, deliveries, share_of(made, node), {}, year=YEAR, made=made)
    return {
        **balance_of(boundary.held(), weights(), smallest, date(YEAR, 7, 1)),
        "organisations": organisations_of(units, held, node),
        "denominators": denominators_of(_figures(units), held),
        "indicators": indicators_of(ratios, node),
        "exceptions": exceptions_of(pl.DataFrame(schema=EXCEPTION_SCHEMA), _NO_SITES, smallest, held),
        "deliveries": told,
        "delivered": delivered,
    }


def _figures(units: pl.DataFrame) -> pl.DataFrame:
    wide = units.select(
        "organisation", *(pl.col(name).cast(pl.String) for name in ("population", "floor_area_m2", "staff"))
    )
    long = wide.unpivot(index="organisation", variable_name="figure", value_name="value")
    return long.drop_nulls("value").with_columns(
        valid_from=pl.lit(date(2020, 1, 1)), source=pl.lit("register")
    )


def head_of(
    node: str,
    frames: Mapping[str, pl.DataFrame],
    *,
    smallest: int = 1,
    published_at: str = "2026-01-01T00:00:00+00:00",
    **changed: Any,  # noqa: ANN401 - fields of the manifest
) -> Head:
    """Return the head of a bundle; `changed`: fields of the manifest of its run, or `state`, `approach`."""
    balance = frames["balance"]
    small = balance.filter(pl.col("places") < smallest, pl.col("co2e_kg").is_not_null())
    state, approach = changed.pop("state", "closed"), changed.pop("approach", "operational")
    digest = hashlib.sha256(frames["controls"].write_csv().encode()).hexdigest()
    books = tuple(changed.pop("books", BOOKS))
    told: dict[str, Any] = {
        "year": YEAR,
        "region": "DE",
        "organisation": None,
        "books": books,
        "gwp": ", ".join(f"{book}: AR6" for book in books),
        "code_version": "0.1.0",
        "factor_release": "f" * 64,
        "book_hash": "b" * 64,
        "files": (("a" * 64, "standard 1"),),
        "resolutions_hash": "0" * 64,
    }
    inputs = Inputs(**{**told, **changed})
    made = manifest(pl.DataFrame(schema=LINE_SCHEMA), inputs)
    whole = manifest_hash(inputs, digest)
    run = {**pinned(made), "result_hash": digest, "manifest_hash": whole, "run": whole[:16]}
    return Head(
        member=_member_of(node, frames["organisations"]),
        year=inputs.year,
        published_at=published_at,
        calculated_at="2025-12-01T00:00:00+00:00",
        approach=approach,
        state=State(state=state),
        grain=Grain(
            smallest=smallest,
            lines=int(balance["lines"].sum()),
            rows=balance.height,
            joined=grain.counts(balance),
            below=small.height,
        ),
        exceptions=int(frames["exceptions"]["records"].sum()),
        territories=[_territory_run(name) for name in frames["territory"]["territory"].unique().sort()]
        if "territory" in frames
        else [],
        run=run,
    )


def _territory_run(name: str) -> TerritoryRun:
    return TerritoryRun(territory=name, run="t", result_hash="d" * 64, state="closed", method="BISKO")


def _member_of(node: str, organisations: pl.DataFrame) -> Member:
    outer = organisations.filter(pl.col("parent").is_null()).row(0, named=True)
    return Member(
        id=node, organisation=outer["organisation"], name=outer["name"], kind=outer["kind"], region="DE"
    )


def files_of(
    head: Head, frames: Mapping[str, pl.DataFrame], private: bytes | None = None
) -> dict[str, bytes]:
    """Return the files of a bundle, signed."""
    name = head.member.name
    told = Described(
        title={"de": f"Bilanz {head.year}, {name}", "en": f"Balance {head.year}, {name}"},
        description={"de": "Erfunden", "en": "Invented"},
        publisher=head.member.name,
        publisher_address=None,
        contact="nobody",
        contact_mail="nobody@city.example",
        licence=LICENCES["cc-zero"],
        year=head.year,
        issued=head.published_at,
        is_final=head.state.state != "open",
    )
    package = f"bilanz-{head.member.id}-{head.year}"
    return signed(assembled(frames, head.as_bytes(), told, package), private or key())


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """Return the bundle of files."""
    return read(files, integrity(files))


def member(node: str, lines: pl.DataFrame, **told: Any) -> Bundle:  # noqa: ANN401 - see `frames_of`, `head_of`
    """Return the bundle of a member."""
    names = {"deliveries", "population", "shares"}
    frames = frames_of(
        node,
        lines,
        smallest=told.get("smallest", 1),
        **{name: told[name] for name in names & told.keys()},
        approach=Approach(told.get("approach", "operational")),
    )
    rest = {name: value for name, value in told.items() if name not in names | {"key"}}
    return bundle_of(files_of(head_of(node, frames, **rest), frames, told.get("key")))


def scaled(frames: Mapping[str, pl.DataFrame], name: str, times: int) -> dict[str, pl.DataFrame]:
    """Return the tables of another member: organisations of its own, everything a whole number of times."""
    masses = ["quantity", "lead_quantity", "mass_kg", *MEASURES, "joined_kg"]
    told = {}
    for table, frame in frames.items():
        own = [column for column in masses if column in frame.columns and table in {"balance", "controls"}]
        if table == "indicators":
            told[table] = _ratios_of(frame, times)
            continue
        changed = [(pl.col(column) * times).cast(frame.schema[column]).alias(column) for column in own] + [
            (pl.lit(f"{name}-") + pl.col(column)).alias(column)
            for column in ("organisation", "parent")
            if column in frame.columns and table != "factors"
        ]
        told[table] = frame.with_columns(changed)
    return told


def _ratios_of(frame: pl.DataFrame, times: int) -> pl.DataFrame:
    more = frame.with_columns((pl.col("numerator_kg") * times).cast(frame.schema["numerator_kg"]))
    values = [
        None if below is None else quotient(Fraction(above), Fraction(below))
        for above, below in more.select("numerator_kg", "denominator").iter_rows()
    ]
    return more.with_columns(pl.Series("value", values, dtype=frame.schema["value"]))
