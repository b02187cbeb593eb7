"""Importing series: what is taken, what is missing, what is refused."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bilanz.app.catalogue.series import Stated, import_series, load_series
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError, CatalogueError, FileRefused, Refused, UnknownName, UsageError

FUELS = "production_type,g_per_kwh,gas,chain,gwp,source,locator,licence,evidence\n"
COAL = "Coal,900,CO2,direct,,own,p. 1,none,custom\n"
GAS = "Gas,400,CO2,direct,,own,p. 2,none,custom\n"
GENERATION = "Datum von;Datum bis;Coal [MWh];Gas [MWh]\n"
ROW = "01.06.2024 {0:02d}:00;01.06.2024 {1:02d}:00;{2};{3}\n"


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", lang="en")


def take(
    settings: Settings, text: str, *, fuels: str | None = None, dry_run: bool = False, **told: object
) -> dict[str, Any]:
    path = settings.data.parent / "grid.csv"
    path.write_text(text, encoding="utf-8")
    given: dict[str, Any] = {
        "name": "grid",
        "region": "DE",
        "source": "own",
        "title": "own",
        "licence": "none",
    }
    if fuels is not None:
        table = settings.data.parent / "fuels.csv"
        table.write_text(FUELS + fuels, encoding="utf-8")
        given["factors"] = table
    else:
        given["chain"] = "direct"
    return import_series(path, Stated(**(given | told)), settings, dry_run=dry_run)


def hours(*values: str, header: str = "timestamp,Intensity gCO2/kWh") -> str:
    rows = [f"2024-06-01T{hour:02d}:00Z,{value}" for hour, value in enumerate(values)]
    return "\n".join([header, *rows, ""])


def generation(*rows: tuple[str, str]) -> str:
    return GENERATION + "".join(ROW.format(hour, hour + 1, *row) for hour, row in enumerate(rows))


def test_intensities_are_taken_as_they_are(chosen: Settings) -> None:
    found = take(chosen, hours("353.123456789012", "-", "0"))
    (series,) = load_series(chosen)
    assert series.values.rows() == [
        (datetime(2024, 6, 1, 0), Decimal("353.123456789012")),  # noqa: DTZ001 - UTC without a zone, as stored
        (datetime(2024, 6, 1, 2), Decimal(0)),  # noqa: DTZ001 - zero is a value, a dash is none
    ]
    assert (found["gas"], found["gwp"], found["mass_unit"], found["per_unit"]) == ("CO2", None, "g", "kWh")
    assert (found["minutes"], found["values"], found["missing"], found["delivery"]) == (60, 2, 1, None)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("gCO2eq/kWh", ("g", "CO2e", "kWh")),
        ("Carbon intensity gCO₂eq/kWh (direct)", ("g", "CO2e", "kWh")),
        ("kg CO2e/MWh", ("kg", "CO2e", "MWh")),
        ("t CO2 per MWh", ("t", "CO2", "MWh")),
    ],
)
def test_the_unit_stands_in_the_header_or_is_stated(
    chosen: Settings, unit: str, expected: tuple[str, str, str]
) -> None:
    told = {} if expected[1] == "CO2" else {"gwp": "AR5"}
    found = take(chosen, hours("1", "2", header=f"timestamp,{unit}"), dry_run=True, **told)
    assert (found["mass_unit"], found["gas"], found["per_unit"]) == expected
    stated = take(chosen, hours("1", "2", header="timestamp,value"), unit=unit, dry_run=True, **told)
    assert (stated["mass_unit"], stated["gas"], stated["per_unit"]) == expected


def test_a_dry_run_keeps_nothing_and_a_name_is_given_once(chosen: Settings) -> None:
    take(chosen, hours("1", "2"), dry_run=True)
    assert load_series(chosen) == ()
    take(chosen, hours("1", "2"))
    with pytest.raises(Refused, match="grid is there already"):
        take(chosen, hours("3", "4"))
    with pytest.raises(UnknownName, match="There are: grid"):
        load_series(chosen, ("gird",))


def test_rows_that_cannot_be_read_are_listed_and_their_hours_missing(chosen: Settings) -> None:
    text = (
        hours("1", "2", "3.x", "4", "5")
        + "2024-06-01T04:00Z,6\n2024-06-01T05:30Z,7\nyesterday,8\n2024-06-01T07:00Z,9\n"
    )
    found = take(chosen, text)
    assert [(entry["row"], entry["value"]) for entry in found["rejected"]] == [
        (4, "3.x"),  # no number
        (6, "2024-06-01T04:00Z"),  # twice
        (7, "2024-06-01T04:00Z"),
        (8, "2024-06-01T05:30Z"),  # beside the grid
        (9, "yesterday"),
    ]
    assert len({entry["reason"] for entry in found["rejected"]}) == 4
    assert (found["values"], found["missing"]) == (4, 4)  # of the hours from 0 to 7: 0, 1, 3 and 7


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("01:30 01:45 02:00 02:15 02:30 02:45 02:00 02:15 02:30 02:45 03:00", 11),
        ("01:30 01:45 02:00 02:15 02:30 02:45 03:00", 3),  # one pass: nobody knows which
    ],
)
def test_the_doubled_hour(chosen: Settings, clock: str, expected: int) -> None:
    rows = [f"27.10.2024 {at};{100 + index},5" for index, at in enumerate(clock.split())]
    found = take(chosen, "\n".join(["Zeitstempel;gCO2/kWh", *rows, ""]))
    (series,) = load_series(chosen)
    assert (found["minutes"], series.values.height, len(found["rejected"])) == (
        15,
        expected,
        len(clock.split()) - expected,
    )
    assert series.first == datetime(2024, 10, 26, 23, 30)  # noqa: DTZ001 - UTC without a zone, as stored
    assert series.end == datetime(2024, 10, 27, 2, 15)  # noqa: DTZ001 - UTC without a zone, as stored


def test_local_time_of_a_named_zone(chosen: Settings) -> None:
    take(
        chosen, "start,gCO2/kWh\n2024-06-01 00:00,1\n2024-06-01 01:00,2\n", zone="Europe/Lisbon", region="PT"
    )
    (series,) = load_series(chosen)
    assert (series.first, series.about.zone) == (datetime(2024, 5, 31, 23), "Europe/Lisbon")  # noqa: DTZ001 - UTC without a zone, as stored


def test_the_older_layout_of_smard_has_date_and_clock_apart(chosen: Settings) -> None:
    text = "Datum;Anfang;Ende;Coal[MWh]\n01.06.2022;00:00;00:15;2.500,5\n01.06.2022;00:15;00:30;1.000\n"
    found = take(chosen, text, fuels=COAL)
    assert (found["minutes"], found["values"], found["first"]) == (15, 2, "2022-05-31T22:00:00Z")


def test_the_newer_layout_of_entsoe_marks_the_doubled_hour(chosen: Settings) -> None:
    marks = [
        ("01:00", "02:00", "CEST"),
        ("02:00", "02:00", "CEST"),
        ("02:00", "03:00", "CET"),
        ("03:00", "04:00", "CET"),
    ]
    rows = [f'"27/10/2024 {low}:00 ({mark}) - 27/10/2024 {high}:00 ({mark})","BZN|DE","{index}"'
            for index, (low, high, mark) in enumerate(marks, start=1)]  # fmt: skip
    text = "\n".join(['"MTU (CET/CEST)","Area","Coal  - Actual Aggregated [MW]"', *rows, ""])
    take(chosen, text, fuels=COAL)
    (series,) = load_series(chosen)
    assert [start.hour for start in series.values["start"]] == [23, 0, 1, 2]


def test_a_column_that_is_no_generation_is_left_out_by_declaration(chosen: Settings) -> None:
    text = generation(("1", "2"), ("3", "4")).replace("Gas [MWh]", "Preis [€/MWh]")
    found = take(chosen, text, fuels=COAL, excluded=("Preis",))
    assert found["most"] == "900"


def test_a_type_without_a_factor_is_named(chosen: Settings) -> None:
    with pytest.raises(UnknownName, match=r'No factor for the production type "Gas"'):
        take(chosen, generation(("1", "2"), ("1", "2")), fuels=COAL)
    found = take(chosen, generation(("1", "2"), ("1", "2")), fuels=COAL, excluded=("Gas",))
    assert (found["least"], found["most"], found["excluded"]) == ("900", "900", ("Gas",))


def test_what_is_declared_must_be_in_the_file(chosen: Settings) -> None:
    for told in ({"excluded": ("Tide",)}, {"zero": ("Tide",)}):
        with pytest.raises(UnknownName, match=r'no production type "Tide"\. It has: Coal, Gas'):
            take(chosen, generation(("1", "2")), fuels=COAL + GAS, **told)


def test_a_type_that_is_missing_makes_the_hour_missing_unless_declared(chosen: Settings) -> None:
    text = generation(("1", "1"), ("3", "-"), ("1", "3"))
    found = take(chosen, text, fuels=COAL + GAS, dry_run=True)
    assert (found["values"], found["missing"], found["incomplete"]) == (2, 1, 1)
    found = take(chosen, text, fuels=COAL + GAS, zero=("Gas",))
    (series,) = load_series(chosen)
    # (900 + 400) / 2 = 650; 3·900 / 3 = 900; (900 + 3·400) / 4 = 525
    assert series.values["value"].to_list() == [650, 900, 525]


def test_negative_generation_gives_no_intensity(chosen: Settings) -> None:
    found = take(chosen, generation(("1", "1"), ("3", "-1"), ("1", "3")), fuels=COAL + GAS)
    assert (found["negative"], found["values"], found["missing"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("told", "error", "match"),
    [
        ({"text": hours("1.234", "2.345"), "gwp": "AR5"}, UsageError, "gwp AR5"),
        ({"text": hours("1", "2", header="timestamp,value")}, UsageError, "states no unit"),
        ({"text": hours("1", "2", header="timestamp,gCO2e/kWh")}, UsageError, "AR4, AR5, AR6, unstated"),
        ({"text": hours("1", "2"), "chain": None}, UsageError, "--chain"),
        ({"text": hours("1", "2"), "chain": "upstream"}, UsageError, "direct, total"),
        ({"text": hours("1", "2"), "delivery": "sold"}, UsageError, "generated, consumed"),
        ({"text": hours("1", "2"), "excluded": ("Coal",)}, UsageError, "--factors"),
        ({"text": hours("1", "2"), "name": "Grid 1"}, UsageError, "cannot name a series"),
        ({"text": hours("1", "2"), "region": "Deutschland"}, UsageError, "not a region"),
        ({"text": hours("1", "2"), "zone": "Europe/Entenhausen"}, UnknownName, "Entenhausen"),
        ({"text": hours("1", "2"), "column": "Intensität"}, UnknownName, "Similar"),
        ({"text": "timestamp,a gCO2/kWh,b gCO2/kWh\n2024-06-01T00:00Z,1,2\n"}, UsageError, "--column"),
        ({"text": "a,gCO2/kWh\n1,2\n"}, FileRefused, "no column of times"),
        (
            {"text": "timestamp,gCO2/kWh\n2024-06-01T00:00Z,1\n2024-06-02T00:00Z,2\n"},
            FileRefused,
            "1440 minutes",
        ),
        ({"text": hours("-", "-")}, FileRefused, "no interval with a value"),
        ({"text": "timestamp;gCO2/kWh\n01/02/2024 00:00;1\n01/02/2024 01:00;2\n"}, FileRefused, "--declare"),
        (
            {"text": "timestamp;gCO2/kWh\n2024-06-01 00:00;1.234\n2024-06-01 01:00;2.345\n"},
            FileRefused,
            "1.234,56",
        ),
    ],
)
def test_what_is_not_clear_is_refused(
    chosen: Settings, told: dict[str, Any], error: type[BilanzError], match: str
) -> None:
    with pytest.raises(error, match=match):
        take(chosen, told.pop("text"), **told)
    assert load_series(chosen) == ()


@pytest.mark.parametrize(
    ("fuels", "match"),
    [
        ("Coal,x,CO2,direct,,own,p. 1,none,custom\n", '"g_per_kwh": "x"'),
        ("Coal,-1,CO2,direct,,own,p. 1,none,custom\n", "g_per_kwh"),
        (COAL + COAL, "production_type"),
        (COAL + GAS.replace("direct", "total"), "one gas"),
        (COAL.replace("custom", "doubtful"), "evidence"),
        (COAL.replace("p. 1", ""), "locator"),
    ],
)
def test_a_table_of_factors_is_taken_whole_or_not_at_all(chosen: Settings, fuels: str, match: str) -> None:
    with pytest.raises(FileRefused, match=match):
        take(chosen, generation(("1", "2")), fuels=fuels)


def test_units_are_never_mixed(chosen: Settings) -> None:
    text = generation(("1", "2"), ("3", "4")).replace("Gas [MWh]", "Gas [MW]")
    with pytest.raises(FileRefused, match="MW, MWh"):
        take(chosen, text, fuels=COAL + GAS)


def test_a_file_that_is_no_series_is_named(chosen: Settings) -> None:
    take(chosen, hours("1", "2"))
    path = chosen.data / "series" / "grid.parquet"
    path.write_bytes(b"nonsense")
    with pytest.raises(CatalogueError, match=r"grid\.parquet is no series"):
        load_series(chosen)


def test_the_hash_follows_values_and_facts(chosen: Settings) -> None:
    first = take(chosen, hours("1", "2"), dry_run=True)["hash"]
    assert first == take(chosen, hours("1", "2"), dry_run=True)["hash"]
    assert first != take(chosen, hours("1", "3"), dry_run=True)["hash"]
    assert first != take(chosen, hours("1", "2"), licence="CC0", dry_run=True)["hash"]
    stored = take(chosen, hours("1", "2"))["hash"]
    assert [entry.hash() for entry in load_series(chosen)] == [stored]
