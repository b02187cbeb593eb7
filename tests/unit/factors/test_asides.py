"""Prices, degree days and indices: what a broken table says, what an import keeps, and what is pinned."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError, FileRefused
from bilanz.messages import catalogue as texts
from bilanz.weather import DEGREE_DAY_SCHEMA, Definition
from factors import asides, base, indices, table
from factors.base import catalogue
from factors.publication import Extract


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(table.DATA, folder)
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("prices/uba_mk32.csv", ",uba_0_percent,", ",uba_1_percent,", "Differs within one series"),
        ("prices/uba_mk32.csv", ",300,fixed,1,", ",300,fixed,one,", "percentage"),
        ("prices/uba_mk32.csv", ",300,", ",300000,", "Implausible"),
        ("prices/uba_mk32.csv", ",300,", ",30O,", "decimal"),
        ("prices/uba_mk32.csv", "2024-01-01,2025-01-01,300", "2024-02-01,2025-01-01,300", "Whole years"),
        ("prices/behg_2026.csv", ",45,fixed,", ",45,about,", "fixed, min or max"),
        ("prices/behg_2026.csv", ":2024:fixed,", ":2023:fixed,", "identifier twice"),
        ("prices/source.toml", 'gas = "CO2"', 'gas = "CO2e"', "per tonne of CO2"),
        ("prices/source.toml", 'currency = "EUR"', 'currency = "XXX"', "Not a currency"),
        ("degree_days/eurostat_2024.csv", "2024,DE,2024", "2024,Germany,2024", "ISO 3166"),
        ("degree_days/eurostat_2024.csv", "3653.29", "365329", "Implausible"),
        ("degree_days/dwd_try2011.csv", "3401.5", "-1", "Implausible"),
        ("degree_days/source.toml", '"vdi_3807_g20_15"', '"eurostat_hdd"', "by country, not by place"),
        ("degree_days/source.toml", '"vdi_3807_g20_15"', '"g20"', "Not a definition"),
        ("degree_days/source.toml", 'unit = "K d"', 'unit = "1"', '"K d"'),
        ("indices/destatis_vpi_2026.csv", ",100.0,", ",100.1,", "must be 100"),
        ("indices/destatis_vpi_2026.csv", "2011-01-01,2012-01-01", "2011-01-01,2013-01-01", "One year a row"),
        ("indices/destatis_vpi_2026.csv", ":2011,", ":2010,", "identifier twice"),
        ("indices/ecb_2026.csv", ",USD,", ",EUR,", "different currencies"),
        (
            "indices/ecb_2026.csv",
            "2015-01-01,2016-01-01,1.477661",
            "2015-01-02,2016-01-01,1.477661",
            "months",
        ),
        ("indices/ustg_2026.csv", ",19,", ",190,", "tax rate"),
        ("indices/ustg_2026.csv", ",standard,2007", ",full,2007", "standard or reduced"),
        ("indices/source.toml", 'kind = "price_index"', 'kind = "margin"', "base year"),
        ("indices/source.toml", 'base_year = "2020"\n', "", "year of the base"),
    ],
)
def test_a_broken_table_stops_the_program_and_says_why(
    data: Path, file: str, old: str, new: str, words: str
) -> None:
    path = data / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        base.load(data)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("prices/uba_mk32.csv", ",300,", ",301,"),
        ("degree_days/dwd_try2011.csv", "3401.5", "3401.6"),
        ("indices/ustg_2026.csv", ",16,", ",15,"),
    ],
)
def test_a_changed_figure_changes_the_release(data: Path, file: str, old: str, new: str) -> None:
    path = data / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert base.load(data).release != catalogue().release


def test_rates_of_time_preference_are_separate_series() -> None:
    costs = catalogue().prices.filter(pl.col("kind") == "climate_cost")
    rates = dict(costs.group_by("series").agg(pl.col("time_preference").unique().sort()).iter_rows())
    assert sorted(rates) == ["uba_0_percent", "uba_1_percent", "uba_give_central"]
    assert [[int(rate) for rate in rates[name]] for name in ("uba_0_percent", "uba_1_percent")] == [[0], [1]]
    of_2024 = costs.filter(pl.col("valid_from").dt.year() == 2024)
    assert dict(of_2024.select("series", pl.col("value").cast(int)).iter_rows()) == {
        "uba_1_percent": 300,
        "uba_0_percent": 880,
    }


def test_every_degree_day_states_one_definition() -> None:
    counted = catalogue().degree_days["definition"].value_counts().sort("definition")
    assert counted.rows() == [("eurostat_hdd", 1015), ("vdi_3807_g20_15", 15)]


def test_every_text_has_a_german_one() -> None:
    shelf = catalogue()
    notes = {note for name in asides.ASIDES for note in getattr(shelf, name)["note"].drop_nulls()}
    reasons = {rule.reason for aside in asides.ASIDES.values() for rule in aside.checks()}
    reasons |= {asides._DIFFERS, indices._RAGGED}  # noqa: SLF001 - every reason, also of files that are fine
    assert len(notes) >= 4
    assert len(reasons) > 30
    assert notes | reasons <= set(texts("de"))


def row(value: str, **told: str | None) -> dict[str, str | None]:
    """Return a degree day of Germany in 2023 as text, the shipped one for 2661.88."""
    return (
        dict.fromkeys(DEGREE_DAY_SCHEMA)
        | {
            "degree_day_id": "eurostat:2024:eurostat_hdd:DE:2023",
            "definition": Definition.EUROSTAT_HDD.value,
            "region": "DE",
            "valid_from": "2023-01-01",
            "valid_to": "2024-01-01",
            "value": value,
            "unit": "K d",
            "source": "eurostat",
            "edition": "2024",
            "evidence": "primary",
            "publisher": "Eurostat",
            "title": "T",
            "locator": "L",
            "licence": "CC BY 4.0",
        }
        | told
    )


def extract(*rows: dict[str, str | None]) -> Extract:
    cells = [[*told.values(), "f.tsv", str(number)] for number, told in enumerate(rows, start=2)]
    return Extract("eurostat", "2024", table.framed(cells, DEGREE_DAY_SCHEMA), len(rows), table="degree_days")


def test_a_row_that_is_shipped_counts_once_and_another_value_is_refused() -> None:
    held = catalogue().degree_days
    new = row("12.5", degree_day_id="eurostat:2024:eurostat_cdd:DE:2023", definition="eurostat_cdd")
    same = asides.take(extract(row("2661.880"), new), held)
    assert (same.n_accepted, same.rows.height, same.quarantined.height) == (2, 1, 0)
    other = asides.take(extract(row("2661.89")), held)
    assert (other.n_accepted, other.rows.height) == (0, 0)
    assert other.quarantined.rows() == [
        (
            2,
            "eurostat:2024:eurostat_hdd:DE:2023",
            "The catalogue states something else under this identifier.",
        )
    ]


def test_one_broken_cell_of_a_line_does_not_take_the_others_with_it() -> None:
    good = row("1", degree_day_id="eurostat:2024:eurostat_hdd:AL:2023", region="AL")
    bad = row(
        "99999",
        degree_day_id="eurostat:2024:eurostat_hdd:AL:2022",
        region="AL",
        valid_from="2022-01-01",
        valid_to="2023-01-01",
    )
    cells = [[*told.values(), "f.tsv", "7"] for told in (good, bad)]
    whole = Extract("eurostat", "2024", table.framed(cells, DEGREE_DAY_SCHEMA), 2, table="degree_days")
    taken = asides.take(whole, catalogue().degree_days)
    assert taken.rows["degree_day_id"].to_list() == ["eurostat:2024:eurostat_hdd:AL:2023"]
    assert taken.quarantined.select("row", "item").rows() == [(7, "eurostat:2024:eurostat_hdd:AL:2022")]
    assert taken.n_accepted + taken.quarantined.height == whole.n_read


def test_what_was_kept_is_read_back_and_pinned(tmp_path: Path) -> None:
    new = row("12.50", degree_day_id="eurostat:2024:eurostat_cdd:DE:2023", definition="eurostat_cdd")
    taken = asides.take(extract(row("2661.88"), new), catalogue().degree_days)
    path = tmp_path / "degree_days" / "eurostat_2024.csv"
    table.save(taken.rows, path)
    known = catalogue(beside={"degree_days": [path]})
    assert known.degree_days.height == catalogue().degree_days.height + 1
    assert known.release != catalogue().release
    path.write_text(path.read_text(encoding="utf-8").replace("12.5", "x"), encoding="utf-8")
    with pytest.raises(CatalogueError):
        catalogue(beside={"degree_days": [path]})


OWN = "kind,region,product_group,category,valid_from,valid_to,value,unit,per_unit,base_year,title\n"


def own(tmp_path: Path, *lines: str) -> asides.Taken:
    path = tmp_path / "Our indices 2024.csv"
    path.write_text(OWN + "\n".join(lines) + "\n", encoding="utf-8")
    return asides.take(indices.own(path), catalogue().indices)


def test_own_indices_are_taken_row_by_row(tmp_path: Path) -> None:
    taken = own(
        tmp_path,
        "price_index,DE,C26,,2023-01-01,2024-01-01,95.1,,,2020,Producer prices",
        "price_index,DE,C26,,2024-01-01,2025-01-01,94.2,,,2020,Producer prices",
        "margin,DE,C26,,2024-01-01,2025-01-01,0.82,,,,Supply table",
        "exchange_rate,,,,2024-05-01,2024-06-01,1.08,USD,EUR,,Bank",
        "margin,DE,C27,,2024-01-01,2025-01-01,1.82,,,,Supply table",
        "exchange_rate,,,,2024-05-03,2024-05-04,1.08,USD,EUR,,Bank",
        'price_index,DE,C26,,2022-01-01,2023-01-01,"95,1",,,2020,Producer prices',
        "too,short",
    )
    assert taken.n_accepted == 4
    assert taken.n_accepted + taken.quarantined["row"].n_unique() == taken.extract.n_read == 8
    reasons = dict(taken.quarantined.select("row", "reason").iter_rows())
    first = {row: reason.split()[0] for row, reason in reasons.items()}
    assert first == {6: "A", 7: "Whole", 8: "A", 9: "The"}
    assert set(taken.rows["evidence"]) == {"custom"}
    assert taken.extract.edition == "our_indices_2024"


def test_the_example_of_the_documentation_is_taken_whole(tmp_path: Path) -> None:
    text = (Path(table.__file__).parents[1] / "docs" / "factors.md").read_text(encoding="utf-8")
    example = text.partition("```csv\nkind,")[2].partition("```")[0]
    assert example.count("\n") > 3
    path = tmp_path / "example.csv"
    path.write_text(f"kind,{example}", encoding="utf-8")
    taken = asides.take(indices.own(path), catalogue().indices)
    assert taken.quarantined.is_empty()
    assert taken.n_accepted == example.count("\n") - 1


def test_an_own_table_with_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("kind,value,title\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="valid_from"):
        indices.own(path)
    path.write_text("kind,valid_from,value,title,colour\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="colour"):
        indices.own(path)
