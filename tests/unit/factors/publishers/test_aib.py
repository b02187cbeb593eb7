"""The residual mixes of the AIB: full disclosure is never a zero; what is shipped is read again the same."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from factors import intake
from factors.base import catalogue
from factors.publication import LayoutChanged, recognise
from factors.publishers.aib import ResidualMix

HEADER = (
    "", "RE Total", "RE unspecified", "RE biomass", "RE solar", "RE geothermal", "RE wind", "RE hydro",
    "Nuclear", "FO Total", "FO unspecified", "FO hard coal", "FO lignite", "FO oil", "FO gas", "Untracked %",
    "CO2 (gCO2/kWh)", "Rad waste (mg/kWh)",
)  # fmt: skip
SHARES = [0.1, *[0.0] * 6, 0.2, 0.7, *[0.0] * 5, 0.4]


def written(
    folder: Path,
    lines: list[tuple[str, str | float]],
    *,
    header: tuple[str, ...] = HEADER,
    name: str = "AIB-2025-residual-mix-results-25052026.xlsx",
) -> Path:
    with xlsxwriter.Workbook(folder / name) as book:
        book.add_worksheet("Comparison").write("A1", "CO2 (gCO2/kWh)")
        sheet = book.add_worksheet("Residual Mixes")
        sheet.write_row(0, 0, header)
        for row, (country, value) in enumerate(lines, 1):
            is_mix = value not in ("NA", "", 0)
            sheet.write_row(
                row, 0, [country, *(SHARES if is_mix else [0.0] * 15), value, 0.5 if is_mix else 0]
            )
    return folder / name


def test_full_disclosure_is_no_factor_and_no_zero(tmp_path: Path) -> None:
    lines: list[tuple[str, str | float]] = [
        ("AT", "NA"),
        ("BE", 171.01),
        ("NL", 0),
        ("SE", ""),
        ("EL", 512.5),
    ]
    found = intake.take(written(tmp_path, lines), ResidualMix())
    assert dict(found.extract.ignored) == {"Full disclosure: the country has no residual mix.": 3}
    assert (found.extract.edition, found.extract.n_read, found.n_accepted) == ("2025", 2, 1)
    rows = found.extract.rows.select(
        "region", "item", "value", "gas", "chain", "delivery", "valid_from", "valid_to"
    )
    assert rows.rows() == [
        ("BE", "BE", "171.01", "CO2", "direct", "consumed", "2025-01-01", "2026-01-01"),
        ("GR", "EL", "512.5", "CO2", "direct", "consumed", "2025-01-01", "2026-01-01"),
    ]
    assert found.extract.rows["locator"][0] == 'sheet "Residual Mixes" cell Q3'


def test_no_file_changes_a_shipped_figure(tmp_path: Path) -> None:
    found = intake.take(written(tmp_path, [("BE", 171.01), ("BG", 371.82)]), ResidualMix())
    assert (found.n_shipped, found.factors.height) == (1, 0)
    assert found.quarantined["reason"].to_list() == [
        "The shipped catalogue states another value for this factor."
    ]


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_the_shipped_figures_in_the_official_layout_are_read_again_the_same(
    tmp_path: Path, year: int
) -> None:
    shipped = catalogue().factors.filter(source="aib_residual_mix", edition=str(year))
    lines: list[tuple[str, str | float]] = [
        (region, float(value)) for region, value in shipped.select("region", "value").iter_rows()
    ]
    found = intake.take(written(tmp_path, lines, name=f"AIB-{year}-residual-mix-results.xlsx"), ResidualMix())
    assert found.n_shipped == found.n_accepted == shipped.height >= 25
    both = found.extract.rows.select("factor_id", pl.col("value").cast(shipped["value"].dtype).alias("read"))
    joined = shipped.join(both, on="factor_id", how="full")
    assert joined.filter(pl.col("value").ne_missing(pl.col("read"))).height == 0


def test_a_real_zero_beside_a_mix_is_a_figure(tmp_path: Path) -> None:
    path = written(tmp_path, [("NO", 1)], name="AIB-2030.xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Residual Mixes")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["NO", *SHARES, 0, 0])
    assert ResidualMix().read(path).rows["value"].to_list() == ["0"]


def test_lines_about_no_country_are_counted_and_bad_cells_quarantined(tmp_path: Path) -> None:
    path = written(tmp_path, [("Total", 300), ("BE", "about 5"), ("XK", 1.5)], name="AIB-2031.xlsx")
    found = intake.take(path, ResidualMix())
    assert dict(found.extract.ignored) == {"The line is about no country.": 1}
    assert found.quarantined["row"].to_list() == [3]
    assert found.factors.select("region", "value").rows() == [("XK", Decimal("1.5"))]


@pytest.mark.parametrize(
    ("header", "name", "place", "expected"),
    [
        (
            (*HEADER[:16], "CO2 (g/kWh)", HEADER[17]),
            "AIB-2025.xlsx",
            'sheet "Residual Mixes", row 1',
            "CO2 (gCO2/kWh)",
        ),
        ((*HEADER, "CO2 (gCO2/kWh)"), "AIB-2025.xlsx", 'sheet "Residual Mixes", row 1', "CO2 (gCO2/kWh)"),
        (HEADER, "residual mixes.xlsx", "name of the file", "a year such as 2025"),
    ],
)
def test_a_changed_layout_names_place_and_expectation(
    tmp_path: Path, header: tuple[str, ...], name: str, place: str, expected: str
) -> None:
    path = written(tmp_path, [("BE", 171.01)], header=header, name=name)
    assert recognise(path) is not None
    with pytest.raises(LayoutChanged) as raised:
        ResidualMix().read(path)
    assert place in str(raised.value)
    assert expected in str(raised.value)
