"""An own list of indicators is read with its digits, and what is wrong with it is said."""

from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.app.beside.indicators import FILE, indicators
from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from reports.indicator import Indicator

HEAD = '[[indicator]]\nid = "1"\nname = "Trees"\n'


def told(path: Path, text: str) -> tuple[Indicator, ...]:
    (path / FILE).write_text(text, encoding="utf-8")
    return indicators(Settings(data=path))


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert indicators(Settings(data=tmp_path)) == ()


def test_values_keep_their_digits(tmp_path: Path) -> None:
    text = HEAD + 'unit = "km"\nsource = "map"\nvalue = { 2023 = 12, 2024 = 12.10 }\n'
    (found,) = told(tmp_path, text)
    assert found.value == {"2023": 12, "2024": Decimal("12.10")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "cannot be read"),
        ("other = 1", "must hold"),
        (HEAD, "has neither figure nor value nor explanation"),
        (HEAD + 'figure = "energy"', 'names the figure "energy". There are: bisko.total'),
        (HEAD + 'figure = "energy_mwh"\nvalue = { 2024 = 1 }', "Leave one out"),
        (HEAD + "value = { 2024 = 1 }", "needs unit and source"),
        (HEAD + 'value = { last = 1 }\nunit = "km"\nsource = "map"', 'a value of "last"'),
        (HEAD + 'explanation = "none"\nper = "staff"', "divides a figure it does not name"),
        (HEAD + 'explanation = "none"\n' + HEAD + 'explanation = "none"', "stands twice"),
        (HEAD + 'wording = "x"', "indicator 1, wording"),
        (HEAD + 'figure = "energy_mwh"\nper = "head"', "indicator 1, per"),
        (HEAD + 'unit = "km"\nsource = "map"\nvalue = { 2024 = "12" }', "indicator 1, value.2024"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as found:
        told(tmp_path, text)
    assert message in str(found.value)
