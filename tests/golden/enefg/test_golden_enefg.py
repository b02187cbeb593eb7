"""Every cell of the savings account for one made-up year, in both languages.

`--golden-update` rewrites the expectation; the difference is read before it is committed.
"""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from unit.reports.synthetic import YEAR, frame, full_result

from bilanz.app.output.reporting import wording, write_export
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, Language
from bilanz.plan import MEASURE_SCHEMA
from bilanz.result import Beside, Result
from bilanz.savings import FINAL_ENERGY_SCHEMA, Standing, account
from reports.export import export
from reports.exports.enefg import REASONS, STANDINGS

HERE = Path(__file__).parent
ROOF: dict[str, Any] = {
    "id": "M-1",
    "organisation": "rathaus",
    "title": "=Dach & Fach",
    "starts_on": date(YEAR - 1, 5, 1),
    "effect_kwh": Decimal(150_000),
    "activity": "natural_gas",
    "status": "implemented",
    "method": "Ablesung",
    "evidence": "Bericht 1",
}


def result(legal_basis: str | None = None) -> Result:
    """5.0 and 4.9 GWh before: 100 000 and 98 000 kWh owed; 150 000 saved in the first year."""
    measures = frame(
        [
            ROOF,
            ROOF | {"id": "M-2", "starts_on": date(YEAR, 3, 1), "effect_kwh": Decimal(8_000)},
            ROOF | {"id": "M-3", "starts_on": date(YEAR, 3, 1), "method": None},
            ROOF | {"id": "M-4", "starts_on": date(YEAR + 1, 3, 1)},
            ROOF | {"id": "M-5", "organisation": "another town"},
        ],
        dict(MEASURE_SCHEMA),
    )
    energy = [(YEAR - 2, Decimal(5_000_000), 0), (YEAR - 1, Decimal(4_900_000), 3)]
    own = measures.filter(pl.col("organisation") == "rathaus")
    told = account(pl.DataFrame(energy, schema=FINAL_ENERGY_SCHEMA, orient="row"), own, YEAR, legal_basis)
    return replace(full_result(), beside=Beside(savings=told, measures=measures))


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    sheets = pl.read_excel(path, sheet_id=0, has_header=False, infer_schema_length=0)
    return {name: [list(row) for row in sheet.rows()] for name, sheet in sheets.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell(language: Language, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = cells(write_export(export("enefg"), result(), wording(language), tmp_path / "account.xlsx"))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    expected = HERE / f"account.{language}.json"
    if request.config.getoption("--golden-update"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


def test_the_same_account_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [write_export(export("enefg"), result(), wording("en"), tmp_path / name) for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_legal_basis_is_said_where_it_is_stated(tmp_path: Path) -> None:
    path = write_export(export("enefg"), result("Land law, § 1"), wording("en"), tmp_path / "account.xlsx")
    assert ["Binding by: Land law, § 1"] in cells(path)["About"]


def test_without_an_account_the_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="2024"):
        write_export(export("enefg"), full_result(), wording("en"), tmp_path / "account.xlsx")


def test_every_standing_has_words() -> None:
    assert set(STANDINGS) == set(Standing)
    assert set(REASONS) == {"not_implemented", "before_law", "after_year", "no_energy", "no_method"}
