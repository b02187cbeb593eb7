"""Small files in the layouts of SMARD and ENTSO-E, with invented values, worked out by hand."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bilanz.app.catalogue.series import Stated, import_series, load_series
from bilanz.app.settings import Settings

HERE = Path(__file__).parent
ABOUT = {"region": "DE", "source": "invented", "title": "invented", "licence": "none"}


def test_generation_in_the_layout_of_smard(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, lang="en")
    stated = Stated(name="smard", factors=HERE / "fuels.csv", excluded=("Pumpspeicher",), **ABOUT)
    found = import_series(HERE / "smard.csv", stated, settings, dry_run=False)
    (series,) = load_series(settings)
    # 01:00 local, summer time: (1000·1000 + 500.5·400.5 + 1499.5·0) / 3000 = 1 200 450.25 / 3000
    # 02:00, first pass: (900·1000 + 600·400.5) / 3000 = 1 140 300 / 3000 = 380.1; pumped storage is left out
    # 02:00, second pass: natural gas is not known: missing
    # 03:00, winter time: 700.25·1000 / 2001 = 349.950024987506…
    # 04:00: nothing was generated: no intensity
    assert series.values.rows() == [
        (datetime(2024, 10, 26, 23), Decimal("400.150083333")),  # noqa: DTZ001 - UTC without a zone, as stored
        (datetime(2024, 10, 27, 0), Decimal("380.1")),  # noqa: DTZ001 - UTC without a zone, as stored
        (datetime(2024, 10, 27, 2), Decimal("349.950024988")),  # noqa: DTZ001 - UTC without a zone, as stored
    ]
    assert (found["minutes"], found["missing"], found["incomplete"], found["without_generation"]) == (
        60,
        1,
        1,
        1,
    )
    assert (found["gas"], found["chain"], found["delivery"]) == ("CO2", "direct", "generated")
    assert (found["unused_factors"], found["excluded"], found["rejected"]) == (
        ["Kernenergie"],
        ("Pumpspeicher",),
        [],
    )
    assert [fuel["production_type"] for fuel in found["fuels"]] == ["Braunkohle", "Erdgas", "Wind Onshore"]


def test_generation_in_the_layout_of_entsoe(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, lang="en")
    fuels = tmp_path / "fuels.csv"
    text = (HERE / "fuels.csv").read_text(encoding="utf-8")
    fuels.write_text(
        text.replace("Braunkohle", "Fossil Brown coal/Lignite").replace("Erdgas", "Fossil Gas"),
        encoding="utf-8",
    )
    stated = Stated(
        name="entsoe",
        factors=fuels,
        excluded=("Hydro Pumped Storage - Actual Consumption",),
        zero=("Fossil Gas",),
        **ABOUT,
    )
    found = import_series(HERE / "entsoe.csv", stated, settings, dry_run=False)
    (series,) = load_series(settings)
    # the hour from 2 to 3 does not exist; without gas (declared): 900·1000 / 2400 = 375
    # (700·1000 + 100·400.5) / 1000 = 740.05
    assert series.values.rows() == [
        (datetime(2024, 3, 31, 0), Decimal("400.150083333")),  # noqa: DTZ001 - UTC without a zone, as stored
        (datetime(2024, 3, 31, 1), Decimal(375)),  # noqa: DTZ001 - UTC without a zone, as stored
        (datetime(2024, 3, 31, 2), Decimal("740.05")),  # noqa: DTZ001 - UTC without a zone, as stored
    ]
    assert (found["missing"], found["rejected"], found["zero"]) == (0, [], ("Fossil Gas",))
