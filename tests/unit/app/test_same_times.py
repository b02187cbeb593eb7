"""Values of the same times in one interval file are stored in no way, and the source is named."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bilanz.app.intake.ingest import import_file
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError
from bilanz.organisation import OrganisationUnit
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation
from bilanz.store.connection import open_store

QUARTERS = [datetime.fromisoformat("2024-03-04") + timedelta(minutes=15 * step) for step in range(96)]


@pytest.mark.parametrize(
    ("column", "kinds"),
    [
        ("OBIS", {"1-1:1.29.0": "3,25;kWh", "1-1:1.29.1": "2,25;kWh", "1-1:1.29.2": "1,00;kWh"}),
        ("Reihe", {"Arbeit": "3,25;kWh", "Leistung": "13,00;kW"}),
    ],
)
def test_a_total_or_power_beside_energy_is_refused(
    tmp_path: Path, column: str, kinds: dict[str, str]
) -> None:
    settings = Settings(data=tmp_path / "data", lang="en")
    registry = open_registry(settings.registry)
    put_organisation(registry, OrganisationUnit(id="town", name="Town", kind="municipality", region="DE"))
    registry.close()
    rows = [
        f"DE001;{time:%d.%m.%Y %H:%M};{kind};{value}" for time in QUARTERS for kind, value in kinds.items()
    ]
    path = tmp_path / "profile.csv"
    path.write_text("\n".join((f"Zählpunkt;Zeitstempel;{column};Wert;Einheit", *rows)), encoding="utf-8")
    with pytest.raises(BilanzError, match="several values of the same times for DE001") as told:
        import_file(path, organisation="town", settings=settings)
    assert told.value.code == "rollup"
    with open_store(settings.store_file) as store:
        assert store.rows("SELECT count(*) FROM batch_series") == [(0,)]
