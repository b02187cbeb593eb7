"""Which half width holds for a quantity or a factor, and what a table must be."""

from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError, FileRefused
from bilanz.halfwidth import HALF_WIDTH_SCHEMA, KEYS, chosen
from factors.halfwidths import half_widths, load, own, shipped


def factor(**known: str | float | None) -> pl.DataFrame:
    names = {**dict.fromkeys(KEYS["factor"], pl.String), "uncertainty": pl.Float64}
    return pl.DataFrame({name: [known.get(name)] for name in names}, schema=names)


def of_factor(table: pl.DataFrame, **known: str | float | None) -> tuple[float | None, str | None]:
    return chosen(factor(**known), table, "factor").select("half_width", "half_width_id").row(0)


GAS = {"factor": "x", "activity": "natural_gas", "category": "stationary_combustion"}


@pytest.mark.parametrize(
    ("gas", "chain", "expected"),
    [
        ("CO2", "direct", 5.0),
        ("CO2", "biogenic", 5.0),
        ("CO2e", "total", 10.0),
        ("CH4", "direct", 150.0),
        ("N2O", "upstream", 150.0),
        ("CO2e", "upstream", 50.0),
    ],
)
def test_defaults_tell_gases_and_parts_of_the_chain_apart(gas: str, chain: str, expected: float) -> None:
    assert of_factor(shipped(), **GAS, gas=gas, chain=chain)[0] == expected


def test_a_publication_comes_before_a_default_and_an_own_row_that_names_the_factor_before_both(
    tmp_path: Path,
) -> None:
    known = {**GAS, "gas": "CO2", "chain": "direct"}
    assert of_factor(shipped(), **known, uncertainty=3.0) == (3.0, "stated")
    file = tmp_path / "uncertainty.csv"
    file.write_text(
        "of,factor,category,half_width,title\nfactor,x,,1,a\nfactor,,stationary_combustion,7,b\n", "utf-8"
    )
    table = half_widths(tmp_path)
    assert of_factor(table, **known, uncertainty=3.0) == (1.0, "own:2")
    assert of_factor(table, **{**known, "factor": "y"}, uncertainty=3.0) == (3.0, "stated")
    assert of_factor(table, **{**known, "factor": "y"}) == (7.0, "own:3")


def test_quantities_by_source_and_quality(tmp_path: Path) -> None:
    (tmp_path / "uncertainty.csv").write_text(
        "of,source,half_width,title\nactivity,M1,0.5,Eichschein\n", "utf-8"
    )
    subjects = pl.DataFrame(
        {
            "source": ["M1", "M2", "M2"],
            "activity": ["electricity"] * 3,
            "quality": ["measured", "measured", "estimated"],
        }
    )
    assert chosen(subjects, half_widths(tmp_path), "activity")["half_width"].to_list() == [0.5, 5.0, 50.0]


def test_what_no_row_speaks_for_has_no_half_width() -> None:
    assert of_factor(pl.DataFrame(schema=HALF_WIDTH_SCHEMA), **GAS) == (None, None)
    assert of_factor(
        shipped().filter(pl.col("half_width_id") == "factor:upstream"), **GAS, chain="direct"
    ) == (None, None)


def test_every_default_says_how_well_it_is_known() -> None:
    table = shipped()
    assert dict(table.schema) == HALF_WIDTH_SCHEMA
    for name in ("standing", "publisher", "title", "de", "en", "edition"):
        assert not table[name].is_null().any(), name
    assert "unconfirmed" in set(table["standing"])
    assert half_widths() is table


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("of,half_width\nactivity,5\n", "title"),
        ("of,half_width,title\nactivity,5 %,x\n", 'line 2, column "half_width"'),
        ("of,half_width,title\nactivity,-5,x\n", "half_width"),
        ("of,half_width,title\nactivity,nan,x\n", "half_width"),
        ("of,half_width,title\nactivity,,x\n", "half_width"),
        ("of,half_width,title\nmeter,5,x\n", "of"),
        ("of,half_width,title\nactivity,5,\n", "title"),
        ("of,gas,half_width,title\nactivity,CO2,5,x\n", "gas"),
        ("of,quality,half_width,title\nfactor,measured,5,x\n", "quality"),
        ("of,quality,half_width,title\nactivity,good,5,x\n", "quality"),
        ("of,activity,half_width,title\nactivity,cheese,5,x\n", "activity"),
        ("of,half_width,title\nactivity,5,x\nactivity,6,x\n", "same"),
        ("of,half_width,title\nactivity,5\n", "line 2"),
        ("of,half_width,title,colour\nactivity,5,x,red\n", "colour"),
    ],
)
def test_an_own_file_is_taken_whole_or_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "uncertainty.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        own(file)
    assert message in str(refused.value)


def test_a_broken_default_is_a_defect(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text('[editions.d]\nedition = "d"\n', encoding="utf-8")
    (tmp_path / "d.csv").write_text(
        "half_width_id,of,half_width,standing,title\nx,factor,5,sure,t\n", "utf-8"
    )
    with pytest.raises(CatalogueError, match="standing"):
        load(tmp_path)
