"""A contract by the command line: imported, in no balance, listed as promised; what is paid on it counts."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bilanz.store.connection import open_store

BILANZ = str(Path(sys.executable).with_name("bilanz"))
NOTICE = Path(__file__).parents[1] / "golden" / "eforms" / "clean_two_lots.xml"
PAYMENTS = """\
Buchungsdatum;Betrag;Währung;Sollkonto;Kreditorenname;Belegnummer;Buchungstext
15.05.2024;25.000,13;EUR;78510000;Solar Muster GmbH;V-2024-17;Erste Rate
"""


def called(data: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": "en", "BILANZ_DATA": str(data)}
    command = [BILANZ, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a notice of 150 000.50 EUR and a payment of 25 000.13 EUR, calculated."""
    folder = tmp_path_factory.mktemp("contracts")
    data, payments = folder / "data", folder / "payments.csv"
    payments.write_text(PAYMENTS, encoding="utf-8")
    called(data, "organisation", "add", "town", "--name", "Stadt", "--kind", "municipality")
    assert called(data, "import", str(NOTICE), "--org", "town")["accepted"] == 2
    assert called(data, "import", str(payments), "--org", "town")["accepted"] == 1
    called(data, "calculate", "--year", "2024")
    return data


def rows(data: Path, table: str) -> pl.DataFrame:
    with open_store(data / "bilanz.duckdb") as store:
        return store.frame(f"SELECT * FROM {table}")


def test_no_line_and_no_usage_holds_the_promise(town: Path) -> None:
    lines = rows(town, "run_line").filter(pl.col("is_lead"))
    assert set(lines["quantity"]) == {Decimal("25000.13")}
    assert set(lines["activity"]) == {"purchase_capital"}
    assert rows(town, "run_usage")["quantity"].drop_nulls().to_list() == [Decimal("25000.13")]


def test_the_promise_is_listed_month_by_month(town: Path) -> None:
    """Lot 2 (50 000) on its day in February; lot 1 (100 000.50) by days, April 2024 to March 2025."""
    listed = rows(town, "run_superseded")
    assert set(listed["reason"]) == {"contract"}
    by_month = dict(listed.group_by("month").agg(pl.col("quantity").sum()).rows())
    in_2024 = sum(value for month, value in by_month.items() if month.month > 3)
    assert by_month[min(by_month)] == Decimal(50_000)
    # 275 of 365 days
    assert abs(in_2024 - Decimal("100000.5") * 275 / 365) < Decimal(20)


def test_the_same_notice_published_again_is_promised_once(town: Path, tmp_path: Path) -> None:
    before = rows(town, "run_superseded")["quantity"].sum()
    again = tmp_path / "again.xml"
    again.write_text(NOTICE.read_text(encoding="utf-8").replace("notice-1", "notice-2"), encoding="utf-8")
    answer = called(town, "import", str(again), "--org", "town")
    assert [issue["code"] for issue in answer["issues"]].count("overlap") == 2
    run = called(town, "calculate", "--year", "2024")["run"]
    listed = rows(town, "run_superseded").filter(pl.col("run") == run)
    promised, given_way = (
        listed.filter(pl.col("reason") == reason)["quantity"].sum() for reason in ("contract", "resolution")
    )
    assert (promised, given_way) == (before, before)
