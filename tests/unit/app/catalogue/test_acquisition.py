"""Publications and own indices go to the table they belong to, once, and count from then on."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy import City, found_city

from bilanz.app import cli
from bilanz.app.catalogue.acquisition import import_indices
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.catalogue.releases import catalogue_of
from bilanz.errors import Refused
from factors.base import catalogue

CLIMATE = "01.01.2023;31.12.2023;01067;1,05\n01.01.2023;31.12.2023;87561;0,88\n"
MARGIN = (
    "kind,region,product_group,valid_from,valid_to,value,title\nmargin,DE,C26,2024-01-01,2025-01-01,0.8,T\n"
)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return found_city(tmp_path)


def test_climate_factors_become_degree_days_and_no_factors(city: City, tmp_path: Path) -> None:
    path = tmp_path / "kf.csv"
    path.write_text(CLIMATE, encoding="utf-8")
    checked = import_factors(path, city.settings, dry_run=True)
    assert catalogue_of(city.settings).release == catalogue().release
    found = import_factors(path, city.settings, dry_run=False)
    assert found == checked
    assert (found["table"], found["accepted"], found["quarantined"]) == ("degree_days", 2, [])
    assert found["categories"] == {"dwd_climate_factor": 2}
    assert "postcode" in found["recognised"]
    known = catalogue_of(city.settings)
    assert known.factors.equals(catalogue().factors)
    assert (
        known.degree_days.filter(pl.col("place") == "87561")["value"].cast(str).str.starts_with("0.88").all()
    )
    assert known.release != catalogue().release
    with pytest.raises(Refused, match="dwd_2023_12 is there already"):
        import_factors(path, city.settings, dry_run=False)


def test_own_indices_are_kept_and_pinned(city: City, tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text(MARGIN, encoding="utf-8")
    held = catalogue_of(city.settings).indices
    assert import_indices(path, city.settings, held, dry_run=True)["accepted"] == 1
    assert catalogue_of(city.settings).release == catalogue().release
    found = import_indices(path, city.settings, held, dry_run=False)
    assert (found["table"], found["source"], found["edition"]) == ("indices", "custom", "margins")
    known = catalogue_of(city.settings)
    assert known.indices.height == held.height + 1
    assert known.release != catalogue().release
    with pytest.raises(Refused):
        import_indices(path, city.settings, held, dry_run=False)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = cli.run(["factors", *arguments, "--json", "--lang", "en"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, answer


def test_the_tables_are_listed_by_year_and_region(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    here = ("--data-dir", str(tmp_path))
    code, found = asked(capsys, "prices", "--year", "2024", *here)
    prices = [(row["series"], row["value"], row["gas"]) for row in found["prices"]]
    assert code == 0
    assert prices == [
        ("behg", "45", "CO2"),
        ("uba_0_percent", "880", "CO2e"),
        ("uba_1_percent", "300", "CO2e"),
    ]
    code, found = asked(capsys, "degree-days", "--region", "DE", "--year", "2023", *here)
    days = [(row["definition"], row["value"], row["unit"]) for row in found["degree_days"]]
    assert (code, days) == (0, [("eurostat_hdd", "2661.88", "K d")])
    assert asked(capsys, "degree-days", "--region", "XX", *here) == (1, {"degree_days": []})
    code, found = asked(capsys, "indices", "list", *here)
    assert (code, len(found["indices"])) == (0, catalogue().indices.height)


def test_own_indices_are_imported_by_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, here = tmp_path / "margins.csv", ("--data-dir", str(tmp_path / "data"))
    path.write_text(MARGIN + "margin,DE,C27,2024-01-01,2025-01-01,8,T\n", encoding="utf-8")
    code, found = asked(capsys, "indices", "import", str(path), *here)
    assert (code, found["rows"], found["accepted"]) == (1, 2, 1)
    assert [entry["row"] for entry in found["quarantined"]] == [3]
    _, listed = asked(capsys, "indices", "list", *here)
    assert [row["value"] for row in listed["indices"] if row["kind"] == "margin"] == ["0.8"]
