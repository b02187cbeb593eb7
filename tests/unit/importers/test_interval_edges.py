"""Interval files of nearly nothing."""

from pathlib import Path

import pytest

from importers.base import ImportRequest
from importers.interval_csv import IntervalCsv
from tests.golden.standard.comparison import workspace


@pytest.mark.parametrize(
    ("text", "numbers", "code"),
    [
        ("Zeitpunkt;Verbrauch kWh\n01.05.2024 00:15;1,5\n", (1, 0, 1, 0), "no_interval"),
        ("Ende;Verbrauch kWh\n01.05.2024 00:15;1,5\n", (1, 0, 1, 0), "no_interval"),
        ("Zeitpunkt;Verbrauch kWh;Status\nx;1,5;G\n", (1, 0, 1, 0), "not_a_date"),
        ("Zeitpunkt;Verbrauch kWh;Status\n", (0, 0, 0, 0), None),
    ],
)
def test_what_has_no_interval_is_rejected(
    text: str, numbers: tuple[int, ...], code: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    result = IntervalCsv().read(path, ImportRequest(zone="Europe/Berlin"), workspace(tmp_path))
    result.check()
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert code is None or code in set(result.issues["code"])
