"""Whether a balance of a territory conforms to its method: needed cells one by one, rules one by one.

    cell    blank            no record speaks of it
            zero             a record states 0, and nobody confirmed it
            confirmed_zero   a record states 0 and says it was checked
            value            energy is in the balance
    rule    kept, broken, unknown

Verdict, in this order: a broken rule whose breach says so → `not_conform`; a cell that is neither a value nor
a confirmed zero, or a rule nobody can say is kept → `unknown`; else `conform`. Unknown never becomes conform,
and what is missing is named whatever the verdict.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from bilanz.activity import activities
from bilanz.factor import Chain, Evidence, Method
from bilanz.records import QUANTITY
from bilanz.territorial import Cell, TerritoryMethod
from bilanz.territory import GRADE_COLUMNS, Territory

_TYPE = pl.DataType | type[pl.DataType]

REQUIREMENT_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "cell": pl.String,  # `Cell.id`
    "sectors": pl.String,  # joined by +
    "carrier": pl.String,
    "carrier_en": pl.String,
    "level": pl.String,  # required, recommended
    "state": pl.String,  # blank, zero, confirmed_zero, value
    "grade": pl.String,  # needed grade of data; null: any
    "grade_state": pl.String,  # met, lower, ungraded; null: no grade is needed, or there is no energy
    "energy_kwh": QUANTITY,
}

RULE_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "rule": pl.String,
    "state": pl.String,  # kept, broken, unknown
    "breaks": pl.String,  # what it makes of the verdict where it is not kept
    "subjects": pl.String,  # factors, sources, carriers it is not kept by, one a line
    "de": pl.String,  # the rule in words
    "en": pl.String,
}

VERDICT_SCHEMA: Final[dict[str, _TYPE]] = {"organisation": pl.String, "verdict": pl.String}

FILLED: Final = ("value", "confirmed_zero")
_ELECTRICITY: Final = ("electricity", "electricity_heating", "electricity_traction")
_HEAT: Final = ("district_heat", "district_steam", "district_cooling")
_INSTRUMENTS: Final = ("contract", "custom")
_METHOD_SOURCE: Final = "bisko"


@dataclass(frozen=True, slots=True)
class Conformance:
    """What the verdict rests on. Shapes: `REQUIREMENT_SCHEMA`, `RULE_SCHEMA`, `VERDICT_SCHEMA`."""

    requirements: pl.DataFrame
    rules: pl.DataFrame
    verdicts: pl.DataFrame


def judge(
    territory: Territory,
    records: pl.DataFrame,
    lines: pl.DataFrame,
    factors: pl.DataFrame,
    method: TerritoryMethod,
    organisations: Iterable[str],
) -> Conformance:
    """Judge every territory.

    Args:
        territory: cells, what is outside of them, findings.
        records: what the records of the territories say, `RECORD_SCHEMA`.
        lines: of the book of the method and the territories alone, `LINE_SCHEMA`.
        factors: of the run, `FACTOR_SCHEMA`.
        method: needed cells and rules.
        organisations: the territories; one without any cell is judged, too.
    """
    used = _used(lines, factors)
    requirements, rules, verdicts = [], [], []
    for unit in organisations:
        ours = pl.col("organisation") == unit
        cells = [
            _requirement(unit, cell, territory.cells.filter(ours), records.filter(ours), method)
            for cell in method.cells
        ]
        told = list(_rules(unit, _Evidence(territory, used.filter(ours), unit), method))
        requirements += cells
        rules += told
        verdicts.append((unit, verdict(cells, told)))
    return Conformance(
        pl.DataFrame(requirements, schema=REQUIREMENT_SCHEMA, orient="row"),
        pl.DataFrame(rules, schema=RULE_SCHEMA, orient="row"),
        pl.DataFrame(verdicts, schema=VERDICT_SCHEMA, orient="row"),
    )


def verdict(cells: Iterable[dict[str, Any]], rules: Iterable[dict[str, Any]]) -> str:
    """Return `conform`, `unknown` or `not_conform`.

    A needed grade that is lower than asked for breaks the method; one that nobody stated leaves it unknown.
    """
    needed = [cell for cell in cells if cell["level"] == "required"]
    found = {rule["breaks"] for rule in rules if rule["state"] == "broken"}
    found |= {"unknown" for rule in rules if rule["state"] == "unknown"}
    found |= {
        "unknown" for cell in needed if cell["state"] not in FILLED or cell["grade_state"] == "ungraded"
    }
    found |= {"not_conform" for cell in needed if cell["grade_state"] == "lower"}
    return next((name for name in ("not_conform", "unknown") if name in found), "conform")


def _requirement(
    unit: str, cell: Cell, cells: pl.DataFrame, records: pl.DataFrame, method: TerritoryMethod
) -> dict[str, Any]:
    """Return the state of one cell of one territory."""
    sectors = list(cell.sectors)
    codes = [code for code, entry in activities().items() if entry.carrier == cell.carrier]
    held = cells.filter(pl.col("sector").is_in(sectors), pl.col("carrier") == cell.carrier)
    said = records.filter(pl.col("sector").is_in(sectors), pl.col("activity").is_in(codes))
    if held.filter(pl.col("energy_kwh") != 0).height or said.filter(~pl.col("is_zero")).height:
        state = "value"  # a figure that became no energy is one, too: the rules say so
    elif said.is_empty():
        state = "blank"
    else:
        state = "confirmed_zero" if said["is_confirmed"].all() else "zero"
    return {
        "organisation": unit,
        "cell": cell.id,
        "sectors": "+".join(sectors),
        "carrier": cell.carrier,
        "carrier_en": method.english[cell.carrier],
        "level": cell.level,
        "state": state,
        "grade": cell.grade,
        "grade_state": _grade_state(held, cell.grade),
        "energy_kwh": held["energy_kwh"].sum() if held.height else None,
    }


def _grade_state(held: pl.DataFrame, grade: str | None) -> str | None:
    """Return whether all the energy of a cell has the grade it needs."""
    if grade is None or held.filter(pl.col("energy_kwh") != 0).is_empty():
        return None
    better = [f"energy_{name.lower()}" for name in "ABCD" if name <= grade]
    others = [name for name in GRADE_COLUMNS[:-1] if name not in better]
    if any(held[name].sum() for name in others):
        return "lower"
    return "ungraded" if held[GRADE_COLUMNS[-1]].sum() else "met"


def _used(lines: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Return the factors behind lines of consumption: one row per activity, factor, chain and grade."""
    told = factors.select("factor_id", "source", "region", "method", "evidence").unique(
        "factor_id", keep="first"
    )
    keys = ("organisation", "activity", "factor_id", "chain", "grade")
    used = lines.filter(
        pl.col("role").is_in(["consumed", "delivered"]),
        pl.col("factor_id").is_not_null(),
        pl.col("quantity") != 0,  # a stated zero meets a factor and uses none
    )
    return used.select(keys).unique().join(told, on="factor_id", how="left").sort(keys)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What rules are held against: of one territory."""

    territory: Territory
    used: pl.DataFrame  # see `_used`
    unit: str

    def factors(self, *tests: pl.Expr) -> list[str]:
        """Return the identifiers of factors that fail."""
        return sorted(self.used.filter(*tests)["factor_id"].unique())

    def findings(self, *codes: str) -> list[str]:
        """Return the subjects of findings."""
        rows = self.territory.findings.filter(
            pl.col("organisation") == self.unit, pl.col("code").is_in(list(codes))
        )
        return sorted(rows["subject"].unique())


def _is_in(name: str, values: Iterable[str]) -> pl.Expr:
    """Return whether a column holds one of some values; no value is none of them."""
    return pl.col(name).is_in(list(values)).fill_null(value=False)


def _federal_mix(case: _Evidence) -> list[str]:
    is_local = ~pl.col("region").str.contains("^[A-Z]{2}$").fill_null(value=False)
    return case.factors(_is_in("activity", _ELECTRICITY), _is_in("grade", _INSTRUMENTS) | is_local)


def _upstream(case: _Evidence) -> list[str]:
    return case.factors(pl.col("chain") != Chain.TOTAL.value)


def _exergy(case: _Evidence) -> list[str]:
    is_allocated = (pl.col("method") == Method.EXERGY.value).fill_null(value=False)
    return case.factors(
        _is_in("activity", _HEAT), ~is_allocated, pl.col("source").ne_missing(pl.lit(_METHOD_SOURCE))
    )


def _own_factors(case: _Evidence) -> list[str]:
    """A network's own heat, shared by exergy, is no factor in place of the series."""
    is_network = _is_in("activity", _HEAT) & (pl.col("method") == Method.EXERGY.value).fill_null(value=False)
    return case.factors(pl.col("evidence") == Evidence.CUSTOM.value, ~is_network)


def _series(case: _Evidence) -> list[str]:
    """What is own is told by the rule about own factors."""
    is_network = _is_in("activity", _HEAT) & (pl.col("method") == Method.EXERGY.value).fill_null(value=False)
    is_other = pl.col("source").ne_missing(pl.lit(_METHOD_SOURCE)) & ~is_network
    rows = case.used.filter(is_other, pl.col("evidence").ne_missing(pl.lit(Evidence.CUSTOM.value)))
    return sorted(rows["source"].fill_null("–").unique())


def _never(_: _Evidence) -> list[str]:
    """Nothing the balance is made of is ever corrected for the weather."""
    return []


def _outside(case: _Evidence) -> list[str]:
    ours = pl.col("organisation") == case.unit
    is_flow = _is_in("reason", ["generated", "fed_in", "sold", "tenant", "sub_meter"])
    rows = case.territory.outside.filter(ours, ~is_flow)
    gaps = case.territory.cells.filter(ours, pl.col("gaps") > 0)
    cells = (f"{sector or '–'}:{carrier}" for sector, carrier in gaps.select("sector", "carrier").iter_rows())
    return sorted({*rows["source"].drop_nulls(), *case.findings("sector_unstated"), *cells})


def _municipal(case: _Evidence) -> list[str]:
    return case.findings("municipal_exceeds", "municipality_uncalculated", "municipality_gaps")


TESTS: Final[dict[str, Callable[[_Evidence], list[str]]]] = {
    "federal_mix": _federal_mix,
    "upstream": _upstream,
    "exergy": _exergy,
    "no_weather": _never,
    "no_own_factors": _own_factors,
    "factor_series": _series,
    "nothing_outside": _outside,
    "municipal_once": _municipal,
}
"""Rule of a method → what it is not kept by. A rule without a test is unknown."""


def _rules(unit: str, case: _Evidence, method: TerritoryMethod) -> Iterator[dict[str, Any]]:
    """Yield the state of every rule; without any factor nothing can be said of rules about factors."""
    about_factors = {"federal_mix", "upstream", "exergy", "no_own_factors", "factor_series"}
    for rule in method.rules:
        test = TESTS.get(rule.id)
        subjects = test(case) if test else []
        is_unknown = test is None or (rule.id in about_factors and case.used.is_empty())
        state = "broken" if subjects else "unknown" if is_unknown else "kept"
        yield {
            "organisation": unit,
            "rule": rule.id,
            "state": state,
            "breaks": rule.breaks,
            "subjects": "\n".join(subjects),
            **rule.text.model_dump(),
        }


def missing(requirements: pl.DataFrame) -> pl.DataFrame:
    """Return the needed cells that are not filled, or not of the grade they need."""
    is_open = ~_is_in("state", FILLED) | _is_in("grade_state", ["lower", "ungraded"])
    return requirements.filter(pl.col("level") == "required", is_open)
