"""Losses of the grid: never added twice, never missing without a word."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from ledger import factor, gwp, with_factors

from bilanz.app.calculation import engine
from bilanz.app.explaining.steps import steps_of
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import Book, SourceRule, read_all
from bilanz.conversion import Converter
from bilanz.decision import Decision, Key
from bilanz.matching import Matcher
from bilanz.scopes import OWN_CONSUMPTION
from bilanz.statements import Statements
from bilanz.weighting import Weighted, parts_of

KEY = Key("electricity", "", "kWh", "none", "GB", date(2024, 6, 1))
DESNZ = {"source": "desnz", "evidence": "primary", "region": "GB"}
AIB = {"source": "aib_residual_mix", "evidence": "primary", "region": "GB"}
GENERATED = factor("electricity", "0.20705", factor_id="grid", delivery="generated", **DESNZ)
LOSSES = factor("electricity", "0.0183", factor_id="losses", delivery="losses", **DESNZ)
LOSSES_UPSTREAM = LOSSES | {"chain": "upstream", "value": Decimal("0.0040")}
CONSUMED = factor("electricity", "0.4", factor_id="residual", delivery="consumed", **AIB)


def book(name: str = "ghgp_location", *sources: str, losses: tuple[str, ...] = ("desnz",)) -> Book:
    """Return a shipped book whose electricity comes from other sources."""
    shipped = read_all(BOOK_FOLDER)[name]
    family = shipped.families[0].model_copy(
        update={
            "sources": tuple(SourceRule(source=source) for source in sources or ("desnz",)),
            "losses": tuple(SourceRule(source=source) for source in losses),
        }
    )
    return shipped.model_copy(update={"families": (family, *shipped.families[1:])})


def decide(rows: list[dict[str, Any]], used: Book) -> tuple[Decision, Weighted]:
    catalogue = with_factors(rows, only=True)
    statements = Statements(catalogue.factors, catalogue.properties, catalogue.gwp, year=2024)
    matcher = Matcher(used, statements, Converter(catalogue.properties))
    weighted = Weighted(used, matcher, gwp("AR6"))
    return matcher.decide(KEY), weighted


def codes(decision: Decision) -> set[str]:
    return {code for code, _, _ in decision.assumptions}


def test_losses_stand_beside_a_factor_per_unit_generated_of_the_same_source() -> None:
    decision, weighted = decide([GENERATED, LOSSES, LOSSES_UPSTREAM], book())
    parts = [(part.scope, part.category, part.co2e) for part in parts_of(decision, weighted, OWN_CONSUMPTION)]
    assert parts == [
        ("2", "purchased_electricity", Fraction("0.20705")),
        ("3", "3.3", Fraction("0.0183")),
        ("3", "3.3", Fraction("0.0040")),
    ]
    assert ("losses_added", "electricity", "grid + losses") in decision.assumptions
    assert "losses_not_in" not in codes(decision)
    steps = steps_of(
        Decimal(1000), "kWh", decision, parts_of(decision, weighted, OWN_CONSUMPTION), weighted, language="en"
    )
    assert any("0.0183 kg CO2e/kWh" in step and "losses" in step for step in steps)
    assert "= 18.3 kg CO2e [Scope 3, " in "\n".join(steps)


def test_in_a_book_with_one_figure_the_losses_are_part_of_the_line() -> None:
    total = GENERATED | {"chain": "total"}
    decision, weighted = decide([total, LOSSES | {"chain": "total"}], book("bisko"))
    scopes = [(part.scope, part.co2e) for part in parts_of(decision, weighted, OWN_CONSUMPTION)]
    assert scopes == [("2", Fraction("0.20705")), ("2", Fraction("0.0183"))]


def test_a_factor_per_unit_consumed_never_gets_losses() -> None:
    decision, weighted = decide([CONSUMED, LOSSES], book("ghgp_location", "aib_residual_mix", "desnz"))
    assert decision.losses is None
    assert [part.co2e for part in parts_of(decision, weighted, OWN_CONSUMPTION)] == [Fraction("0.4")]
    assert not {"losses_added", "losses_not_in", "delivery_unstated"} & codes(decision)


def test_losses_of_another_source_are_never_added() -> None:
    grid = GENERATED | {"source": "eea_grid"}
    decision, _ = decide([grid, LOSSES], book("ghgp_location", "eea_grid"))
    assert decision.losses is None
    assert ("losses_not_in", "electricity", "grid") in decision.assumptions


def test_without_a_rule_of_the_book_losses_are_listed_as_missing() -> None:
    decision, _ = decide([GENERATED, LOSSES], book(losses=()))
    assert decision.losses is None
    assert "losses_not_in" in codes(decision)


def test_losses_are_no_factor_of_electricity() -> None:
    decision, _ = decide([LOSSES], book())
    assert decision.hit is None
    assert decision.code == "no_factor"


def test_what_the_publication_does_not_say_is_listed() -> None:
    decision, _ = decide([GENERATED | {"delivery": None}], book())
    assert "delivery_unstated" in codes(decision)


def test_zero_has_no_losses_to_speak_of() -> None:
    decision, _ = decide([GENERATED | {"delivery": None, "value": Decimal(0)}], book())
    assert not {"losses_not_in", "delivery_unstated"} & codes(decision)


@pytest.mark.parametrize(("region", "code"), [("DE", "delivery_unstated"), ("FR", "losses_not_in")])
def test_the_shipped_mixes(region: str, code: str) -> None:
    from factors.base import catalogue

    key = Key("electricity", "", "kWh", "none", region, date(2024, 6, 1))
    found = engine(catalogue(), year=2024, books=("ghgp_location",)).books[0].matcher.decide(key)
    assert code in codes(found)
