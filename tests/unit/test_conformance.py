from decimal import Decimal

import polars as pl
import pytest
from ledger import CITY, Ledger
from town import METHOD, balanced, put

from bilanz.activity import activities
from bilanz.conformance import TESTS, Conformance, judge, missing
from bilanz.factor import FACTOR_SCHEMA
from bilanz.result import LINE_SCHEMA
from bilanz.store.territory import territory_records
from bilanz.territorial import Cell
from bilanz.territory import (
    CELL_SCHEMA,
    FINDING_SCHEMA,
    GRADE_COLUMNS,
    OUTSIDE_SCHEMA,
    RECORD_SCHEMA,
    Territory,
)

REQUIRED = [cell for cell in METHOD.cells if cell.level == "required"]
ENERGY = Decimal(1000)


def frame(rows: list[dict[str, object]], schema: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema, orient="row")


def cell_row(cell: Cell, **told: object) -> dict[str, object]:
    return (
        dict.fromkeys(GRADE_COLUMNS, Decimal(0))
        | {
            "organisation": CITY,
            "year": 2024,
            "sector": cell.sectors[0],
            "carrier": cell.carrier,
            "use": "heat",
        }
        | {"energy_kwh": ENERGY, "energy_a": ENERGY, "co2e_kg": ENERGY, "gaps": 0, "factors": ""}
        | told
    )


def record(cell: Cell, **told: object) -> dict[str, object]:
    code = next(code for code, entry in activities().items() if entry.carrier == cell.carrier)
    return {
        "organisation": CITY,
        "source": cell.id,
        "activity": code,
        "sector": cell.sectors[-1],
        "unit": "kWh",
        "is_zero": False,
        "is_confirmed": False,
        "records": 1,
    } | told


def zero(cell: Cell, *, confirmed: bool) -> dict[str, object]:
    return record(cell, quantity=Decimal(0), is_zero=True, is_confirmed=confirmed)


def judged(
    cells: list[dict[str, object]],
    records: list[dict[str, object]],
    factor: dict[str, object] | None = None,
    findings: list[dict[str, object]] | None = None,
) -> Conformance:
    """Judge a territory whose electricity has the factor of the series, unless told otherwise."""
    told = {"factor_id": "f", "source": "bisko", "region": "DE", "evidence": "primary"} | (factor or {})
    line = {"organisation": CITY, "activity": told.pop("activity", "electricity"), "factor_id": "f"}
    line |= {
        "quantity": ENERGY,
        "role": "consumed",
        "chain": told.pop("chain", "total"),
        "grade": told.pop("grade", "exact"),
    }
    return judge(
        Territory(
            frame(cells, CELL_SCHEMA), frame([], OUTSIDE_SCHEMA), frame(findings or [], FINDING_SCHEMA)
        ),
        frame(records, RECORD_SCHEMA),
        frame([line], LINE_SCHEMA),
        frame([told], FACTOR_SCHEMA),
        METHOD,
        [CITY],
    )


WHOLE = [cell_row(cell) for cell in REQUIRED]


def verdict(found: Conformance) -> str:
    return str(found.verdicts["verdict"][0])


def test_a_territory_with_every_cell_and_rule_conforms() -> None:
    found = judged(WHOLE, [])
    assert verdict(found) == "conform"
    assert missing(found.requirements).is_empty()
    assert set(found.rules["state"]) == {"kept"}


@pytest.mark.parametrize("left_out", REQUIRED, ids=lambda cell: cell.id)
def test_without_any_one_needed_cell_the_verdict_is_unknown_and_names_it(left_out: Cell) -> None:
    found = judged([cell_row(cell) for cell in REQUIRED if cell != left_out], [])
    assert verdict(found) == "unknown"
    assert missing(found.requirements).select("cell", "state").rows() == [(left_out.id, "blank")]


@pytest.mark.parametrize("cell", REQUIRED, ids=lambda cell: cell.id)
def test_a_zero_fills_a_cell_only_where_it_is_confirmed(cell: Cell) -> None:
    rest = [cell_row(other) for other in REQUIRED if other != cell]
    plain = judged(rest, [zero(cell, confirmed=False)])
    assert (verdict(plain), missing(plain.requirements)["state"].to_list()) == ("unknown", ["zero"])
    assert verdict(judged(rest, [zero(cell, confirmed=True)])) == "conform"
    both = judged(rest, [zero(cell, confirmed=True), zero(cell, confirmed=False)])
    assert missing(both.requirements)["state"].to_list() == ["zero"]


def test_a_recommended_cell_is_shown_and_decides_nothing() -> None:
    found = judged(WHOLE, [])
    blank = found.requirements.filter(pl.col("level") == "recommended", pl.col("state") == "blank")
    assert blank.height == len(METHOD.cells) - len(REQUIRED)
    assert verdict(found) == "conform"


@pytest.mark.parametrize(
    ("grade", "state", "expected"),
    [("energy_b", "lower", "not_conform"), ("energy_ungraded", "ungraded", "unknown")],
)
def test_grid_energy_needs_the_best_grade(grade: str, state: str, expected: str) -> None:
    first = cell_row(REQUIRED[0], energy_a=ENERGY - 1) | {grade: Decimal(1)}
    found = judged([first, *WHOLE[1:]], [])
    assert missing(found.requirements).select("cell", "grade_state").rows() == [(REQUIRED[0].id, state)]
    assert verdict(found) == expected


@pytest.mark.parametrize(
    ("rule", "factor"),
    [
        ("federal_mix", {"grade": "contract"}),
        ("federal_mix", {"region": "DE-BE"}),
        ("upstream", {"chain": "direct"}),
        ("exergy", {"activity": "district_heat", "source": "custom", "method": "efficiency"}),
        ("no_own_factors", {"evidence": "custom", "source": "own"}),
        ("factor_series", {"source": "uba_strommix"}),
    ],
)
def test_a_broken_rule_makes_it_not_conform_and_is_named(rule: str, factor: dict[str, object]) -> None:
    found = judged(WHOLE, [], factor)
    assert verdict(found) == "not_conform"
    assert rule in found.rules.filter(pl.col("state") == "broken")["rule"]


def test_a_networks_own_heat_by_exergy_breaks_nothing() -> None:
    network = {"activity": "district_heat", "source": "own", "evidence": "custom", "method": "exergy"}
    assert verdict(judged(WHOLE, [], network)) == "conform"


def test_a_broken_rule_hides_no_missing_cell() -> None:
    found = judged(WHOLE[1:], [], {"source": "uba_strommix"})
    assert verdict(found) == "not_conform"
    assert missing(found.requirements)["cell"].to_list() == [REQUIRED[0].id]


def test_contradicting_figures_of_municipal_facilities_leave_it_unknown() -> None:
    said = {"organisation": CITY, "code": "municipal_exceeds", "subject": "Strom"}
    assert verdict(judged(WHOLE, [], findings=[said])) == "unknown"


def test_a_territory_of_nothing_is_unknown() -> None:
    nothing = Territory(frame([], CELL_SCHEMA), frame([], OUTSIDE_SCHEMA), frame([], FINDING_SCHEMA))
    found = judge(
        nothing, frame([], RECORD_SCHEMA), frame([], LINE_SCHEMA), frame([], FACTOR_SCHEMA), METHOD, [CITY]
    )
    assert verdict(found) == "unknown"
    assert missing(found.requirements).height == len(REQUIRED)


def test_every_rule_has_a_test() -> None:
    assert {rule.id for rule in METHOD.rules} == set(TESTS)


def test_a_run_names_series_gaps_and_mileage() -> None:
    ledger = Ledger()
    put(ledger, "households", "electricity", "2000", data_grade="A")
    put(ledger, "households", "heating_oil", "0", source="none / households", zero_confirmed="yes")
    put(ledger, "transport", None, "18000", unit="km", source="model / transport / car")
    territory, result = balanced(ledger)
    records = territory_records(ledger.store, 2024)
    found = judge(territory, records, result.lines, result.factors, METHOD, [CITY])
    assert verdict(found) == "not_conform"
    told = dict(found.rules.filter(pl.col("state") == "broken").select("rule", "subjects").iter_rows())
    assert told == {"factor_series": "uba_strommix", "nothing_outside": "model / transport / car"}
    states = dict(found.requirements.select("cell", "state").iter_rows())
    assert states["households:Strom"] == "value"
    assert states["households+commerce+industry+municipal:Heizöl"] == "confirmed_zero"
    assert states["transport:Diesel"] == "blank"
