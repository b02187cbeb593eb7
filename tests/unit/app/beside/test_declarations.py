"""What an organisation states for its reports is shown as written, and nothing unknown is passed over."""

from pathlib import Path

import pytest

from bilanz import inventory
from bilanz.app.beside.declarations import FILE, SHOWN, declarations
from bilanz.app.settings import Settings
from bilanz.errors import UsageError


def told(path: Path, text: str) -> dict[str, str]:
    (path / (inventory.FILE if text.startswith(SHOWN) else FILE)).write_text(text, encoding="utf-8")
    return dict(declarations(Settings(data=path)))


def test_without_a_file_nothing_is_stated(tmp_path: Path) -> None:
    assert declarations(Settings(data=tmp_path)) == {}


def test_a_statement_is_text(tmp_path: Path) -> None:
    text = 'base_year = 2019\nrecalculation_policy = "5 %, Ä"\n'
    assert told(tmp_path, text) == {"base_year": "2019", "recalculation_policy": "5 %, Ä"}


def test_of_the_inventory_only_what_forms_show_is_taken(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("target_year = 2035\n", encoding="utf-8")
    text = 'base_year = 2019\nexclusions = [{ what = "a", reason = "b" }]\n'
    assert told(tmp_path, text) == {"base_year": "2019", "exclusions": "a: b", "target_year": "2035"}


def test_an_amount_of_a_year_keeps_its_digits(tmp_path: Path) -> None:
    text = "[turnover_eur]\n2023 = 12_500_000\n2024 = 0.1\n"
    assert told(tmp_path, text) == {"turnover_eur.2023": "12500000", "turnover_eur.2024": "0.1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base_year = ", "cannot be read"),
        ("target_year = ", "cannot be read"),
        ("targetyear = 2019", '"targetyear" is not what is asked for'),
        ("target_year = 2035.5", '"target_year" is not'),
        ("target_year = true", '"target_year" is not'),
        ("base_year = [2019]", '"base_year" is not'),
        ("recalculation_policy = 5", '"recalculation_policy" is not'),
        ("turnover_eur = 5", '"turnover_eur" is not'),
        ("turnover_eur = { 2024 = -5 }", r'"turnover_eur.2024" is not'),
        ("turnover_eur = { last = 5 }", r'"turnover_eur.last" is not'),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        told(tmp_path, text)
