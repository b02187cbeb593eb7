"""`estimate` gives what a balance gives, and says why where it gives nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ledger import Ledger, co2e

from bilanz.app.catalogue.estimation import estimate
from bilanz.errors import NoFactor, UnitError, UnknownName, UsageError
from factors.base import catalogue

DAY = date(2024, 6, 1)


def ask(**told: object) -> dict[str, Any]:
    given = {"activity": "electricity", "quantity": "1000", "unit": "kWh", "day": DAY} | told
    return estimate(catalogue(), **given)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"book": "bisko"}, "414"),
        ({"book": "ghgp_location"}, "361"),
        ({"book": "ghgp_market"}, "724.56"),
        ({"activity": "Erdgas", "unit": "kWh", "basis": "Hs"}, "181.766356981132"),
        ({"activity": "natural_gas", "unit": "kWh Hs"}, "181.766356981132"),
        ({"activity": "diesel", "unit": "l"}, "2710.651605795148"),
        ({"quantity": "0"}, "0"),
        ({"quantity": "1", "unit": "MWh"}, "361"),
    ],
)
def test_answers_calculated_by_hand(told: dict[str, Any], expected: str) -> None:
    found = ask(**told)
    assert found["co2e_kg"] == expected
    assert sum(map(Decimal, found["by_gas"].values())) == Decimal(expected)
    assert set(found["factor"]) == {"id", "source", "edition", "valid", "grade"}
    assert found["steps"]
    assert all(isinstance(step, str) for step in found["steps"])


def test_the_answer_is_that_of_a_balance() -> None:
    ledger = Ledger()
    ledger.bill("meter", "heating_oil", "1234.567891", date(2024, 6, 1), date(2024, 7, 1), unit="l")
    result = ledger.calculate()
    for book in ("bisko", "ghgp_location"):
        found = ask(activity="heating_oil", quantity="1234.567891", unit="l", book=book)
        assert Decimal(found["co2e_kg"]) == co2e(result, book)


def test_biogenic_co2_is_beside_the_total() -> None:
    found = ask(activity="hvo", quantity="100", unit="l")
    assert found["by_chain"]["biogenic"] == "243"
    assert 0 < Decimal(found["by_scope"]["1"]) < 10  # CH4 and N2O only
    assert found["by_scope"]["outside"] == "243"
    assert Decimal(found["co2e_kg"]) == Decimal(found["by_scope"]["1"]) + Decimal(found["by_scope"]["3"])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"region": "XX"}, "region"),
        ({"day": date(1980, 3, 5)}, "in DE on 1980-03-05 in the book ghgp_location"),
        ({"day": date(1980, 3, 5)}, "valid only from 1990-01-01"),
        ({"activity": "natural_gas"}, "kWh without calorific basis"),
        ({"activity": "purchase", "unit": "EUR", "book": "bisko"}, "not part of the book bisko"),
        ({"activity": "purchase", "unit": "EUR"}, "needs a product group, a CPV code or an account"),
        ({"unit": "l"}, "the activity is not measured in l"),
    ],
)
def test_no_factor_says_why(told: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoFactor, match=reason):
        ask(**told)


def test_the_reason_is_said_in_the_language_asked_for() -> None:
    with pytest.raises(NoFactor) as raised:
        ask(activity="purchase", unit="EUR", language="de")
    assert str(raised.value) == (
        "Kein Faktor für Einkauf von Waren und Dienstleistungen in DE am 2024-06-01 im "
        "Bilanzbuch ghgp_location. Es wurde Geld ausgegeben, und nirgends steht, wofür. "
        "[Ausgaben brauchen eine Gütergruppe, einen CPV-Code oder ein Konto]"
    )
    with pytest.raises(NoFactor, match="ist nicht Teil des Bilanzbuchs bisko: Beschaffung"):
        ask(activity="purchase", unit="EUR", book="bisko", language="de")


def test_spend_is_estimated_by_its_product_group() -> None:
    found = ask(activity="purchase", unit="EUR", product_group="J61")
    assert found["factor"]["source"] == "figaro"
    assert Decimal(found["co2e_kg"]) > 0
    with pytest.raises(UnknownName, match="Similar: K66"):
        ask(activity="purchase", unit="EUR", product_group="J66")


def test_wrong_questions_are_usage_errors() -> None:
    with pytest.raises(UnknownName, match="Similar"):
        ask(activity="elektricity")
    with pytest.raises(UnitError, match="Similar"):
        ask(unit="kWhh")
    with pytest.raises(UnitError, match="says Hs"):
        ask(activity="natural_gas", unit="kWh Hs", basis="Hi")
    with pytest.raises(UsageError):
        ask(quantity="1.234,5")
    with pytest.raises(UsageError):
        ask(quantity="NaN")
    with pytest.raises(UnknownName):
        ask(basis="Ho")
    with pytest.raises(UnknownName):
        ask(book="iso")
    with pytest.raises(UnknownName):
        ask(gwp="AR9")


def test_the_potential_is_the_one_asked_for() -> None:
    assert ask(gwp="AR4")["gwp"] == "AR4"
    assert ask()["gwp"] == "AR6"


@pytest.mark.parametrize("spelling", ["R410A", "r-410a", "R 410 A"])
def test_a_refrigerant_by_the_name_on_its_plate(spelling: str) -> None:
    """2 kg of R410A, half HFC32 and half HFC125, by AR6: 2 · (771 + 3740) / 2 = 4511 kg."""
    told = {"activity": "Kältemittel", "quantity": "2", "unit": "kg", "day": date(2024, 6, 1)}
    assert estimate(catalogue(), product_group=spelling, **told)["co2e_kg"] == "4511"


def test_a_misspelt_refrigerant_is_named_with_those_alike() -> None:
    told = {"activity": "refrigerant", "quantity": "2", "unit": "kg", "day": date(2024, 6, 1)}
    with pytest.raises(UnknownName, match="R460A"):
        estimate(catalogue(), product_group="R4l0A", **told)
