"""What the board has resolved: read as it stands, refused where it says something unknown."""

from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.errors import UsageError
from bilanz.fund.cost import MacConvention
from bilanz.fund.payout import PayoutKind
from bilanz.fund.terms import FILE, league_of, read_terms

LEAST = 'league = "hanse"\ncurrency = "EUR"\n'
WHOLE = """
league = "hanse"
currency = "EUR"
opening = "12.50"
rates = "uba-mk-3.2"
discount = "own"
convention = "annuity"

[thirds]
tolerance = "0.05"
carry_years = 2

[payout]
rule = "pomv"
rate = "0.03"
years = 5

[market_values]
2023 = "1000000.00"
"""


def test_all_terms_are_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(WHOLE, encoding="utf-8")
    found = read_terms(tmp_path)
    assert (found.league, found.currency, found.opening) == ("hanse", "EUR", Decimal("12.50"))
    assert found.convention is MacConvention.ANNUITY
    assert found.thirds is not None
    assert (found.thirds.rule.tolerance, found.thirds.rule.carry_years) == (Decimal("0.05"), 2)
    rule = found.payout.of()
    assert (rule.kind, rule.rate, rule.years) == (PayoutKind.POMV, Decimal("0.03"), 5)
    assert found.market_values == {"2023": Decimal("1000000.00")}
    assert league_of(tmp_path) == "hanse"


def test_what_is_not_stated_is_not_known(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('league = "hanse"\ncurrency = "EUR"\n', encoding="utf-8")
    found = read_terms(tmp_path)
    assert (found.opening, found.rates, found.discount, found.thirds) == (None, None, None, None)
    assert found.payout.of().kind is PayoutKind.NONE


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('league = "hanse"', "currency"),
        ('league = "hanse"\ncurrency = "EURO"', "currency"),
        ('league = "hanse"\ncurrency = "EUR"\ncolour = "red"', "colour"),
        (
            'league = "hanse"\ncurrency = "EUR"\n[thirds]\ntolerance = "0.5"\ncarry_years = 1',
            "thirds.tolerance",
        ),
        ('league = "hanse"\ncurrency = "EUR"\n[market_values]\nnow = "1"', "market_values.now"),
        ("league = ", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=place):
        read_terms(tmp_path)


def test_a_payout_rule_needs_its_parameters(tmp_path: Path) -> None:
    text = 'league = "hanse"\ncurrency = "EUR"\n[payout]\nrule = "pomv"\nrate = "0.03"\n'
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="pomv"):
        read_terms(tmp_path).payout.of()


def test_where_there_is_no_file_there_is_no_fund(tmp_path: Path) -> None:
    assert league_of(tmp_path) is None
    with pytest.raises(UsageError, match=r"fund\.toml is missing"):
        read_terms(tmp_path)
