"""Filling gaps as a user does: one batch, flagged, superseded by what is measured or billed, withdrawn."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy import City, found_city

from bilanz.app.balances import calculate_year
from bilanz.app.intake.ingest import import_file, withdraw
from bilanz.app.review.filling import Filled, fill_year
from bilanz.app.review.months import completeness_of
from bilanz.errors import AlreadyImported, UnknownName, UsageError
from bilanz.result import Result
from bilanz.store.connection import open_store

HEAD = "source;activity;start;end;quantity;unit;quality"
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city whose depot knows 2023 and all months of 2024 but March."""
    found = found_city(tmp_path)
    bills(found, 2023, "310")
    bills(found, 2024, "400", skip=(3,))
    return found


def bills(
    city: City, year: int, quantity: str, *, skip: tuple[int, ...] = (), quality: str = "billed"
) -> None:
    """Import one record a month, half a kWh above the quantity."""
    rows = [
        f"M1;electricity;{year}-{month:02}-01;{year}-{month:02}-{_days(year, month)}"
        f";{quantity}.5;kWh;{quality}"
        for month in range(1, 13)
        if month not in skip
    ]
    path = city.folder / f"bills-{year}-{quality}-{len(rows)}.csv"
    path.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    import_file(path, organisation="depot", settings=city.settings)


def _days(year: int, month: int) -> int:
    return 28 if month == 2 and year % 4 else DAYS[month - 1]


def march(result: Result, frame: str = "usage") -> dict[str, Any]:
    rows: pl.DataFrame = getattr(result, frame)
    return rows.filter(pl.col("month") == date(2024, 3, 1)).row(0, named=True)


def filled(city: City, method: str = "own_history") -> Filled:
    return fill_year(city.settings, 2024, method=method)


def test_an_estimate_is_one_batch_that_can_be_recomputed_from_its_archive(city: City) -> None:
    """March 2023 held 310.5 kWh on 31 days, and so does March 2024."""
    done = filled(city)
    assert done.exit_code == 0
    assert done.imported is not None
    assert (done.imported.accepted, done.imported.importer) == (1, "estimation")
    archived = [path for path in (city.settings.data / "archive").rglob("*") if path.is_file()]
    kept = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in archived}
    text = kept[done.imported.sha256].read_text(encoding="utf-8")
    assert text.splitlines()[0] == "bilanz: estimation;1"
    assert "31/1 × (310.5/31)" in text
    with open_store(city.settings.store_file) as store:
        ((attributes, quality),) = store.rows(
            "SELECT a.attributes, a.quality FROM activity a JOIN batch b USING (batch_key) "
            "WHERE b.importer = 'estimation'"
        )
    told = json.loads(attributes)
    assert quality == "estimated"
    assert (told["method"], told["reference"]) == ("own_history", "2023-03")
    assert json.loads(told["basis_data"]) == {"2023-03": "310.5"}


def test_an_estimate_is_flagged_in_the_balance_and_in_the_calendar(city: City) -> None:
    assert [row["month"] for row in completeness_of(city.settings, 2024)["missing"]] == ["2024-03"]
    filled(city)
    row = march(calculate_year(city.settings, 2024))
    assert (row["quantity"], row["quality"]) == (Decimal("310.5"), "estimated")
    found = completeness_of(city.settings, 2024)
    assert found["missing"] == []
    assert [(row["month"], row["method"]) for row in found["estimated"]] == [("2024-03", "own_history")]


@pytest.mark.parametrize("quality", ["billed", "measured"])
def test_what_is_billed_or_measured_later_supersedes_the_estimate(city: City, quality: str) -> None:
    filled(city)
    bills(city, 2024, "999", skip=tuple(set(range(1, 13)) - {3}), quality=quality)
    result = calculate_year(city.settings, 2024)
    rows = result.usage.filter(pl.col("month") == date(2024, 3, 1))
    assert rows.select("quantity", "quality").rows() == [(Decimal("999.5"), quality)]
    lost = march(result, "superseded")
    assert (lost["quantity"], lost["reason"]) == (Decimal("310.5"), "better_rank")
    assert completeness_of(city.settings, 2024)["estimated"] == []


def test_a_bill_of_a_part_of_the_month_supersedes_its_days_only(city: City) -> None:
    """10 of 31 days give way: 310.5 × 10/31 = 100.161290…; 210.338710 stay estimated."""
    filled(city)
    path = city.folder / "part.csv"
    path.write_text(f"{HEAD}\nM1;electricity;2024-03-01;2024-03-10;100.5;kWh;billed\n", encoding="utf-8")
    import_file(path, organisation="depot", settings=city.settings)
    result = calculate_year(city.settings, 2024)
    usage = result.usage.filter(pl.col("month") == date(2024, 3, 1))
    told = dict(usage.select("quality", "quantity").rows())
    assert told == {"billed": Decimal("100.5"), "estimated": Decimal("210.338710")}
    assert march(result, "superseded")["quantity"] == Decimal("100.161290")


def test_a_substitute_day_belongs_to_its_month(tmp_path: Path) -> None:
    """March 2023: 300 kWh on 30 days and a substitute value of 10; March 2024: 310 and not 300."""
    city = found_city(tmp_path)
    bills(city, 2023, "310", skip=(3,))
    bills(city, 2024, "400", skip=(3,))
    rows = (
        "M1;electricity;2023-03-01;2023-03-30;300;kWh;billed",
        "M1;electricity;2023-03-31;2023-03-31;10;kWh;estimated",
    )
    path = city.folder / "march.csv"
    path.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    import_file(path, organisation="depot", settings=city.settings)
    filled(city)
    assert march(calculate_year(city.settings, 2024))["quantity"] == Decimal(310)


def test_filling_again_changes_nothing_and_says_so(city: City) -> None:
    first = filled(city)
    assert first.imported is not None
    with pytest.raises(AlreadyImported, match="These estimates are there already"):
        filled(city)


def test_another_method_leaves_what_is_estimated_alone(city: City) -> None:
    filled(city)
    again = filled(city, "degree_days")
    assert (again.estimates, again.unfilled, again.imported) == ((), (), None)
    assert again.present == 1


def test_a_withdrawn_estimate_leaves_the_gap_and_can_be_made_anew(city: City) -> None:
    first = filled(city)
    assert first.imported is not None
    assert first.imported.batch is not None
    withdraw(first.imported.batch, reason="the bill will come", settings=city.settings)
    assert [row["month"] for row in completeness_of(city.settings, 2024)["missing"]] == ["2024-03"]
    assert filled(city).imported is not None


def test_a_dry_run_stores_nothing(city: City) -> None:
    done = fill_year(city.settings, 2024, method="own_history", dry_run=True)
    assert len(done.estimates) == 1
    assert done.imported is None
    assert len(completeness_of(city.settings, 2024)["missing"]) == 1


def test_a_month_with_any_day_known_is_never_filled(city: City) -> None:
    path = city.folder / "one-day.csv"
    path.write_text(f"{HEAD}\nM1;electricity;2024-03-01;2024-03-01;10.5;kWh;billed\n", encoding="utf-8")
    import_file(path, organisation="depot", settings=city.settings)
    done = filled(city)
    assert (done.estimates, done.unfilled) == ((), ())


def test_what_cannot_be_estimated_says_why(city: City) -> None:
    done = filled(city, "profile")
    assert done.exit_code == 1
    (row,) = done.as_json(city.settings)["not_filled"]
    assert row["month"] == "2024-03"
    assert row["reason"].startswith("Only 0 comparable sources")


def test_estimates_never_rest_on_estimates(city: City) -> None:
    """2025 knows nothing; March 2024 is an estimate, so March 2025 rests on 2023 alone."""
    filled(city)
    bills(city, 2025, "500", skip=(3,))
    done = fill_year(city.settings, 2025, method="own_history", dry_run=True)
    assert [estimate.reference for estimate in done.estimates] == [("2023-03",)]


def test_an_unknown_method_is_refused(city: City) -> None:
    with pytest.raises(UsageError, match="own_history"):
        filled(city, "guess")


def test_an_unknown_source_is_not_one_without_gaps(city: City) -> None:
    with pytest.raises(UnknownName, match="Similar: M1"):
        fill_year(city.settings, 2024, method="own_history", source="M11")
    assert fill_year(city.settings, 2024, method="own_history", source="M1", dry_run=True).estimates
