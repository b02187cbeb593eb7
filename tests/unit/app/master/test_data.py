from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.app.master.data import export_masterdata, import_masterdata
from bilanz.app.settings import Settings
from bilanz.errors import FileRefused, UsageError
from bilanz.registry.engine import open_registry
from bilanz.registry.frames import organisations_frame, sites_frame, source_terms_frame
from bilanz.registry.sources import Found, register_assumed

FILES = {
    "organisations": [
        "id;parent;name;kind;zone;active_from",
        "schools;town;Schools;agency;;01.02.2020",
        "town;;Town;municipality;Europe/Berlin;",
    ],
    "figures": [
        "organisation;valid_from;population;floor_area_m2;staff;source",
        "town;2024-01-01;18000;;12,5;register office",
    ],
    "sites": [
        "id;organisation;name;region;kind;floor_area_m2;area_kind;population_equivalent;light_points;burn_hours",
        "hall;town;Town hall;DE-SH;non_residential;4200,5;net_floor;;;",
    ],
    "sources": [
        "id;activity;unit;basis;minutes;heating_share;parent",
        "SUB;electricity;kWh;;15;;MAIN",
        "MAIN;Strom;kWh;none;15;0.25;",
    ],
    "terms": [
        "source;organisation;site;role;tenure;control;valid_from;valid_to;evidence",
        "MAIN;town;hall;consumed;owned;ja;;2024-01-01;contract 7",
        "MAIN;schools;;consumed;rented;no;2024-01-01;;",
        "SUB;town;hall;sub_meter;owned;true;;;",
    ],
    "memberships": [
        "organisation;parent;valid_from;valid_to;equity_share;operational_control;financial_control;evidence",
        "schools;town;01.02.2020;;0,6;ja;nein;articles of association",
    ],
    "deliveries": [
        "id;kind;seller;buyer;activity;seller_source;buyer_source;valid_from;valid_to;evidence",
        "d1;generates;town;schools;Fernwärme;;SUB;2024-01-01;2025-01-01;heat contract",
    ],
}
COUNTS = {
    "organisations": 2,
    "figures": 1,
    "sites": 1,
    "sources": 2,
    "terms": 3,
    "memberships": 1,
    "deliveries": 1,
}
ORDER = [
    *(
        "organisations",
        "figures",
        "sites",
        "sources",
        "terms",
        "instruments",
        "targets",
        "measures",
        "growth",
    ),
    *("memberships", "deliveries", "compensations", "notation_keys", "weights", "overlaps"),
    *("fund_members", "fund_figures", "fund_keys", "fund_payments", "fund_programmes", "fund_projects"),
    *("fund_flows", "fund_financing", "fund_sources", "fund_observations"),
    *("fund_findings", "fund_claims", "fund_rates", "fund_factors"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", lang="en")


def write(folder: Path, files: dict[str, list[str]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder


def tallies(summary: dict[str, dict[str, int]], name: str) -> tuple[int, ...]:
    """Return read, added, changed, unchanged, rejected; the first is the sum of the others."""
    count = summary[name]
    assert count["read"] == sum(value for key, value in count.items() if key != "read")
    return tuple(count.values())


def test_every_table_is_read_and_written_back_unchanged(tmp_path: Path, settings: Settings) -> None:
    first = import_masterdata(write(tmp_path / "in", FILES), settings)
    assert first.as_json()["issues"] == []
    assert {name: tallies(first.as_json()["tables"], name)[1] for name in FILES} == COUNTS
    written = export_masterdata(tmp_path / "out", settings)
    assert [path.stem for path in written] == ORDER
    again = import_masterdata(tmp_path / "out", settings)
    assert again.exit_code == 0
    assert {name: tallies(again.as_json()["tables"], name)[3] for name in FILES} == COUNTS
    elsewhere = Settings(data=tmp_path / "copy", lang="en")
    import_masterdata(tmp_path / "out", elsewhere)
    for frame in (organisations_frame, source_terms_frame):
        frames = []
        for place in (settings, elsewhere):
            registry = open_registry(place.registry)
            frames.append(frame(registry))
            registry.close()
        assert frames[0].equals(frames[1])
        assert frames[0].height == {organisations_frame: 2, source_terms_frame: 3}[frame]


def test_a_difference_is_never_taken_over_silently(tmp_path: Path, settings: Settings) -> None:
    import_masterdata(write(tmp_path / "in", FILES), settings)
    changed = write(tmp_path / "in", {"organisations": ["id;name;kind", "town;Big town;municipality"]})
    for name in ("figures", "sites", "sources", "terms"):
        (changed / f"{name}.csv").unlink()
    refused = import_masterdata(changed, settings)
    assert refused.exit_code == 1
    assert tallies(refused.as_json()["tables"], "organisations") == (1, 0, 0, 0, 1)
    (issue,) = refused.as_json()["issues"]
    assert issue["message"] == (
        "organisations.csv, row 2: town is registered otherwise (name: Town → Big town). "
        "The row was not imported."
    )
    taken = import_masterdata(changed, settings, update=True)
    assert tallies(taken.as_json()["tables"], "organisations") == (1, 0, 1, 0, 0)
    assert taken.as_json()["issues"][0]["code"] == "masterdata_changed"
    registry = open_registry(settings.registry)
    town = organisations_frame(registry).row(0, named=True)
    registry.close()
    assert (town["name"], town["kind"]) == ("Big town", "municipality")


@pytest.mark.parametrize(
    ("table", "row", "code", "column"),
    [
        ("organisations", "x;;;agency;;", "missing_value", "name"),
        ("organisations", "x;;X;club;;", "unknown_value", "kind"),
        ("organisations", "x;;X;agency;Europe/Bonn;", "unknown_value", "zone"),
        ("organisations", "x;;X;agency;;31.02.2024", "not_a_date", "active_from"),
        ("organisations", "x;mars;X;agency;;", "unknown_reference", "parent"),
        ("organisations", "x;x;X;agency;;", "masterdata_refused", None),
        ("figures", "town;2024-01-02;1.5;;;register", "not_a_number", "population"),
        ("figures", "town;2024-01-02;;1.23,5;;register", "not_a_number", "floor_area_m2"),
        ("figures", "town;2024-01-02;;;;", "missing_value", "source"),
        ("sources", "X;Strohm;kWh;;;;", "unknown_activity", "activity"),
        ("sources", "X;electricity;kWhh;;;;", "unknown_unit", "unit"),
        ("sources", "X;electricity;kWh;;;1.5;", "not_a_number", "heating_share"),
        ("sources", "X;electricity;kWh;;;;X", "masterdata_refused", None),
        ("terms", "MAIN;town;;consumed;owned;maybe;2030-01-01;;", "unknown_value", "control"),
        ("terms", "MAIN;town;;consumed;owned;yes;2030-01-01;;", "masterdata_refused", None),
        ("terms", "NONE;town;;consumed;owned;yes;;;", "unknown_reference", "source"),
    ],
)
def test_a_bad_row_is_an_issue_and_the_others_are_taken(
    tmp_path: Path, settings: Settings, table: str, row: str, code: str, column: str | None
) -> None:
    files = {name: [*lines, row] if name == table else lines for name, lines in FILES.items()}
    summary = import_masterdata(write(tmp_path / "in", files), settings).as_json()
    (issue,) = summary["issues"]
    assert (issue["file"], issue["row"], issue["code"], issue["column"]) == (
        f"{table}.csv",
        len(files[table]),
        code,
        column,
    )
    assert tallies(summary["tables"], table) == (len(FILES[table]), len(FILES[table]) - 1, 0, 0, 1)


def test_a_missing_column_is_named_and_an_unknown_one_too(tmp_path: Path, settings: Settings) -> None:
    folder = write(tmp_path / "in", {"organisations": ["id,title,kind", "town,Town,agency"]})
    summary = import_masterdata(folder, settings)
    assert [(issue["code"], issue["column"]) for issue in summary.as_json()["issues"]] == [
        ("column_ignored", "title"),
        ("missing_column", None),
    ]
    assert summary.exit_code == 1


def test_stated_terms_take_the_place_of_assumed_ones(tmp_path: Path, settings: Settings) -> None:
    files = {name: FILES[name] for name in ("organisations", "sources")}
    import_masterdata(write(tmp_path / "in", files), settings)
    registry = open_registry(settings.registry)
    found = [Found(name, "town", None, None, None, None, "consumed") for name in ("MAIN2", "SUB2")]
    register_assumed(registry, found)
    terms = ["source;organisation;role;tenure;control", "MAIN2;schools;consumed;rented;no"]
    import_masterdata(write(tmp_path / "more", {"terms": terms}), settings)
    assert source_terms_frame(registry).select("source", "tenure", "is_assumed").rows() == [
        ("MAIN2", "rented", False),
        ("SUB2", "owned", True),
    ]
    registry.close()


def test_a_folder_without_tables_and_a_file_that_is_not_utf8_are_refused(
    tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(UsageError, match=r"organisations\.csv, figures\.csv"):
        import_masterdata(write(tmp_path / "in", {}), settings)
    (tmp_path / "in" / "organisations.csv").write_bytes("id;name;kind\nk;Köln;agency\n".encode("cp1252"))
    with pytest.raises(FileRefused, match="not UTF-8"):
        import_masterdata(tmp_path / "in", settings)


def test_a_column_that_stands_twice_is_refused_and_the_other_files_are_taken(
    tmp_path: Path, settings: Settings
) -> None:
    """The last of the two would count silently."""
    lines = ["id;organisation;name;name", "pool;town;Pool;Old pool"]
    files = FILES | {"sites": lines, "terms": FILES["terms"][:1]}
    told = import_masterdata(write(tmp_path / "in", files), settings).as_json()
    assert [(issue["file"], issue["row"], issue["code"], issue["value"]) for issue in told["issues"]] == [
        ("sites.csv", 1, "repeated_column", "name")
    ]
    assert tallies(told["tables"], "sites") == (1, 0, 0, 0, 1)
    assert tallies(told["tables"], "sources") == (2, 2, 0, 0, 0)
    registry = open_registry(settings.registry)
    assert sites_frame(registry).height == 0
    registry.close()


def test_a_column_nobody_reads_may_stand_twice(tmp_path: Path, settings: Settings) -> None:
    lines = ["id;name;kind;note;note", "town;Town;municipality;a;b"]
    summary = import_masterdata(write(tmp_path / "in", {"organisations": lines}), settings).as_json()
    assert tallies(summary["tables"], "organisations") == (1, 1, 0, 0, 0)


def test_a_row_named_like_the_unknown_one_it_belongs_to_is_refused(
    tmp_path: Path, settings: Settings
) -> None:
    files = FILES | {"sites": ["id;organisation;name", "mars;mars;Mars"], "terms": FILES["terms"][:1]}
    summary = import_masterdata(write(tmp_path / "in", files), settings).as_json()
    assert [(issue["code"], issue["column"]) for issue in summary["issues"]] == [
        ("unknown_reference", "organisation")
    ]


def test_a_number_is_never_rounded(tmp_path: Path, settings: Settings) -> None:
    lines = ["id;organisation;name;floor_area_m2", "a;town;A;1,234", "b;town;B;1,20", "c;town;C;1e3"]
    files = FILES | {"sites": lines, "terms": FILES["terms"][:1]}
    summary = import_masterdata(write(tmp_path / "in", files), settings).as_json()
    assert [(issue["code"], issue["value"]) for issue in summary["issues"]] == [("number_too_fine", "1,2340")]
    registry = open_registry(settings.registry)
    areas = dict(sites_frame(registry).select("site", "floor_area_m2").iter_rows())
    registry.close()
    assert areas == {"b": Decimal("1.20"), "c": Decimal(1000)}


def test_what_is_stated_of_a_site_is_kept_and_blank_stays_blank(tmp_path: Path, settings: Settings) -> None:
    import_masterdata(write(tmp_path / "in", FILES), settings)
    registry = open_registry(settings.registry)
    try:
        row = sites_frame(registry).row(0, named=True)
    finally:
        registry.close()
    assert row == {
        "site": "hall",
        "organisation": "town",
        "name": "Town hall",
        "kind": "non_residential",
        "floor_area_m2": Decimal("4200.50"),
        "area_kind": "net_floor",
        "population_equivalent": None,
        "light_points": None,
        "burn_hours": None,
    }


@pytest.mark.parametrize(
    ("column", "cell"),
    [("kind", "house"), ("floor_area_m2", "0"), ("floor_area_m2", "-4"), ("area_kind", "BGF")],
)
def test_a_site_with_a_wrong_fact_is_rejected(
    column: str, cell: str, tmp_path: Path, settings: Settings
) -> None:
    files = {**FILES, "sites": [f"id;organisation;name;{column}", f"hall;town;Town hall;{cell}"]}
    summary = import_masterdata(write(tmp_path / "in", files), settings).as_json()
    assert summary["tables"]["sites"]["rejected"] == 1
    assert {issue["column"] for issue in summary["issues"] if issue["value"] == cell} == {column}


def test_memberships_and_deliveries_that_cannot_be_are_issues(tmp_path: Path, settings: Settings) -> None:
    import_masterdata(write(tmp_path / "in", FILES), settings)
    bad = {
        "memberships": [
            "organisation;parent;valid_from;equity_share;operational_control;financial_control",
            "town;schools;2020-02-01;1;true;true",
            "schools;town;2024-07-01;1;true;true",
            "schools;nobody;2024-07-01;1;true;true",
            "schools;town;2019-01-01;1.5;true;true",
        ],
        "deliveries": [
            "id;kind;seller;buyer;activity;buyer_source;valid_from;evidence",
            "d2;generates;town;schools;district_heat;;2024-06-01;contract",
            "d3;resells;town;town;electricity;;2024-06-01;contract",
            "d4;resells;town;schools;electricity;NONE;2024-06-01;contract",
        ],
    }
    summary = import_masterdata(write(tmp_path / "bad", bad), settings).as_json()
    assert tallies(summary["tables"], "memberships") == (4, 0, 0, 0, 4)
    assert tallies(summary["tables"], "deliveries") == (3, 0, 0, 0, 3)
    said = " ".join(issue["message"] for issue in summary["issues"])
    for part in ("own ancestor", "hold at once", "nobody", "0–1", "same quantity", "own balance", "NONE"):
        assert part in said
