"""A file as SMARD publishes it; it is not part of the repository, and the tests skip where it is absent."""

from pathlib import Path

import pytest

from bilanz.app.catalogue.seriesfile import open_series, read_series
from bilanz.errors import FileRefused
from factors.series import plain_type

DATA = Path(__file__).parents[4] / "shared" / "data"
SMARD = DATA / "metering" / "grid_series" / "smard_netzlast_tag_2017_2024_TransnetBW.csv"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the example files (../shared/data) are not here")


def test_its_header_states_times_and_types() -> None:
    opened = open_series(SMARD)
    assert opened.clock == ("Datum von",)
    assert [plain_type(text) for text in opened.values] == [
        "Gesamt (Netzlast)",
        "Residuallast",
        "Pumpspeicher",
    ]


def test_days_are_no_hours() -> None:
    opened = open_series(SMARD)
    with pytest.raises(FileRefused, match="1440 minutes"):
        read_series(opened, opened.values, zone="Europe/Berlin", scale=6, declared={})
