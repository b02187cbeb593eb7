"""Mapping profiles: read as they say, recognised by their header, written as TOML and read back the same."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilanz.errors import FileRefused, UsageError
from importers.base import ImportRequest, ImportResult, Workspace
from importers.mapped import Mapped
from importers.profiles.profile import MappingProfile, fingerprint, parse, to_toml

WIDE = MappingProfile.model_validate(
    {
        "name": "list",
        "header": ["Objekt", "Jahr", "Strom", "Gas"],
        "columns": {"site": "Objekt", "year": "Jahr"},
        "values": [
            {"column": "Strom", "activity": "electricity", "unit": "kWh"},
            {"column": "Gas", "activity": "natural_gas", "unit": "MWh", "basis": "Hs"},
        ],
        "given": {"quality": "billed"},
        "period": "year",
        "zone": "Europe/Berlin",
    }
)
LOAD = MappingProfile.model_validate(
    {
        "name": "load",
        "kind": "interval",
        "header": ["T", "X"],
        "columns": {"stamp": "T"},
        "values": [{"column": "X", "activity": "electricity", "unit": "kW", "direction": "feed_in"}],
        "stamp": "end",
        "zone": "Europe/Berlin",
        "negative": "reversed",
    }
)


def read(directory: Path, text: str, profile: MappingProfile, **asked: dict[str, str]) -> ImportResult:
    path = directory / "file.csv"
    path.write_text(text, encoding="utf-8")
    workspace = Workspace(directory, scratch=lambda: None)  # type: ignore[arg-type, return-value]
    result = Mapped().read(path, ImportRequest(source="S", profile=profile, **asked), workspace)  # type: ignore[arg-type]
    result.check()
    return result


def test_a_table_is_read_as_the_profile_says(tmp_path: Path) -> None:
    text = "Liste der Stadtwerke\nObjekt;Jahr;Strom;Gas\nRathaus;2023;1.234,5;20\nBad;2023;;7\n"
    result = read(tmp_path, text, WIDE)
    assert (result.read, result.accepted, result.ignored) == (4, 3, 1)
    assert result.activities.select("activity", "quantity", "unit", "basis", "quality").rows() == [
        ("electricity", Decimal("1234.5"), "kWh", "none", "billed"),
        ("natural_gas", Decimal(20), "MWh", "Hs", "billed"),
        ("natural_gas", Decimal(7), "MWh", "Hs", "billed"),
    ]
    assert result.issues["code"].to_list() == ["profile_applied", "blank"]


def test_another_case_in_the_header_is_the_same_layout(tmp_path: Path) -> None:
    profile = WIDE.model_copy(update={"formats": {"Strom": "1.234,56"}})
    result = read(tmp_path, "OBJEKT;JAHR;STROM;;GAS\nRathaus;2023;1.234;;1\n", profile)
    assert result.activities["quantity"].to_list() == [Decimal(1234), Decimal(1)]


def test_which_way_the_energy_of_a_column_flows_is_kept(tmp_path: Path) -> None:
    told = WIDE.model_dump(mode="json")
    told["values"][0]["direction"] = "feed_in"
    result = read(tmp_path, "Objekt;Jahr;Strom;Gas\nA;2023;5;1\n", MappingProfile.model_validate(told))
    assert result.activities["direction"].to_list() == ["feed_in", "consumption"]


def test_interval_values_are_read_as_the_profile_says(tmp_path: Path) -> None:
    rows = "\n".join(f"01.05.2024 {hour:02}:00;-{hour},0" for hour in range(1, 24))
    result = read(tmp_path, f"T;X\n{rows}\n", LOAD)
    assert result.readings is not None
    readings = pl.read_parquet(result.readings)
    assert (result.accepted, readings["quantity"].sum()) == (23, Decimal(276))  # 1 + 2 + … + 23
    assert str(readings["start"].min()) == "2024-04-30 22:00:00"  # the hour that ends at 01:00 local
    assert result.series.select("direction", "unit", "source").rows() == [("feed_in", "kWh", "S")]


def test_a_file_with_another_header_is_refused(tmp_path: Path) -> None:
    for profile in (WIDE, LOAD):
        with pytest.raises(FileRefused) as refused:
            read(tmp_path, "A;B\n1;2\n", profile)
        assert refused.value.code == "no_header"


def test_no_profile_no_reading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("A;B\n1;2\n")
    workspace = Workspace(tmp_path, scratch=lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(UsageError, match="needs a profile"):
        Mapped().read(tmp_path / "a.csv", ImportRequest(), workspace)


def test_a_declared_format_of_the_caller_goes_before_the_profile(tmp_path: Path) -> None:
    profile = WIDE.model_copy(update={"formats": {"Strom": "1.234,56"}})
    text = "Objekt;Jahr;Strom;Gas\nRathaus;2023;1.234;1\n"
    assert read(tmp_path, text, profile).activities["quantity"].to_list()[0] == Decimal(1234)
    declared = read(tmp_path, text, profile, declared={"Strom": "1,234.56"})
    assert declared.activities["quantity"].to_list()[0] == Decimal("1.234")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"columns": {"colour": "Objekt"}}, "columns: colour"),
        ({"columns": {"site": "Haus"}}, "header: Haus"),
        ({"values": []}, "values"),
        ({"columns": {"site": "Objekt", "quantity": "Gas"}}, "values"),
        ({"name": "../evil"}, "name"),
        ({"values": [{"column": "Gas", "activity": "gaz"}]}, "activity: gaz"),
        ({"values": [{"column": "Gas", "unit": "kWurst"}]}, "unit: kWurst"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_no_profile_is_named(change: dict[str, object], named: str) -> None:
    import json

    held = {**WIDE.model_dump(mode="json"), **change}
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in held.items() if value is not None)
    with pytest.raises(UsageError) as refused:
        parse(text, file="p.toml")
    assert named in json.dumps(refused.value.parameters)


def _toml(value: object) -> str:
    import json

    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items() if v is not None) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return json.dumps(value)


def test_the_fingerprint_counts_order_and_not_case() -> None:
    assert fingerprint(["Strom (kWh)", "", "Jahr"]) == fingerprint(["STROM [kwh]", "jahr"])
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])


TEXTS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)


@given(header=st.lists(TEXTS, min_size=2, max_size=5, unique=True), title=st.text(max_size=20))
def test_a_profile_survives_toml(header: list[str], title: str) -> None:
    title = title.encode("utf-8", "replace").decode("utf-8")
    profile = MappingProfile.model_validate(
        {
            "name": "p",
            "title": "".join(sign for sign in title if sign.isprintable()),
            "header": header,
            "columns": {"date": header[0]},
            "values": [{"column": header[1], "activity": "electricity", "unit": "kWh"}],
            "formats": {header[1]: "1.234,56"},
            "period": "day",
        }
    )
    assert parse(to_toml(profile), file="p.toml") == profile
