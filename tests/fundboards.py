"""The fund of the fictional league, for tests: registered once, with two yearly effects made up."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from bilanz.app.demoleague.build import league_data
from bilanz.app.fund import observations
from bilanz.app.settings import Settings
from bilanz.fund.observed import AVOIDED, SAVED, TONNES
from bilanz.fund.project import FundObservation

YEAR = 2024


def observation(project: str, indicator: str, value: str, unit: str, half: str | None) -> FundObservation:
    """Return a measured figure."""
    return FundObservation(
        id=f"{project}-{indicator}-{YEAR}",
        project=project,
        indicator=indicator,
        year=YEAR,
        value=Decimal(value),
        unit=unit,
        sight="ex_post",
        half_width=None if half is None else Decimal(half),
        evidence="meters (test)",
    )


MEASURED = (
    observation("MH-04", SAVED, "40000", "kWh", "3000"),
    observation("MH-04", AVOIDED, "16", TONNES, "1.8"),
    observation("MD-02", SAVED, "59000", "kWh", "3300"),
    observation("MD-02", AVOIDED, "23.6", TONNES, "2.3"),
)


@cache
def _made() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    settings = league_data(Path(folder.name), [], "en")
    summary = observations.save(settings, MEASURED, "test")
    assert summary.exit_code == 0, summary.as_json()
    return folder


def league(folder: Path) -> Settings:
    """Return a data directory of its own with the fund of the league."""
    copytree(Path(_made().name) / "data", folder / "data")
    return Settings(data=folder / "data", lang="en")
