"""Taking a publication: what passes, what is quarantined, and that no file changes a shipped figure."""

from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError, FileRefused
from bilanz.factor import FACTOR_SCHEMA
from factors import custom, intake, publication
from factors.base import catalogue
from factors.publication import Extract, LayoutChanged, Publication
from factors.table import FILE, ROW

SHIPPED = "uba_strommix:cc16_2026:electricity:DE:2024:total"


def row(line: int, **told: str | None) -> dict[str, object]:
    cells: dict[str, object] = dict.fromkeys(FACTOR_SCHEMA) | {
        "factor_id": f"pub:2024:item{line}",
        "source": "pub",
        "edition": "2024",
        "category": "Fuels > Gaseous fuels",
        "item": f"Butane {line}",
        "region": "GB",
        "valid_from": "2024-01-01",
        "valid_to": "2025-01-01",
        "gas": "CO2e",
        "value": "1.74533",
        "mass_unit": "kg",
        "per_unit": "l",
        "basis": "none",
        "chain": "direct",
        "gwp": "AR5",
        "evidence": "primary",
        "publisher": "p",
        "title": "t",
        "locator": f"row {line}",
        "licence": "x",
    }
    return cells | told | {FILE: "p.xlsx", ROW: line}


class Fixed(Publication):
    name = "fixed"

    def __init__(self, *rows: dict[str, object], unreadable: tuple[tuple[int, str], ...] = ()) -> None:
        schema = dict.fromkeys((*FACTOR_SCHEMA, FILE), pl.String) | {ROW: pl.Int64}
        self.rows = pl.DataFrame(list(rows), schema=schema, orient="row")
        self.unreadable = unreadable

    def identify(self, path: Path) -> str | None:
        return path.name

    def read(self, path: Path) -> Extract:
        count = self.rows.height + len(self.unreadable)
        return Extract("pub", path.stem, self.rows, count, self.unreadable, {"Empty.": 3})


def take(*rows: dict[str, object], unreadable: tuple[tuple[int, str], ...] = ()) -> intake.Taken:
    return intake.take(Path("2024.xlsx"), Fixed(*rows, unreadable=unreadable))


def test_good_rows_are_accepted_and_counted_by_gas_and_category() -> None:
    taken = take(row(7), row(8, gas="CH4", value="0.002", chain="direct", factor_id="pub:2024:item7"))
    assert taken.summary()["quarantined"] == []
    assert taken.summary() | {"ignored": {}} == {
        "source": "pub",
        "edition": "2024",
        "rows": 2,
        "accepted": 2,
        "already_shipped": 0,
        "ignored": {},
        "quarantined": [],
        "flagged": [],
        "gases": {"CH4": 1, "CO2e": 1},
        "categories": {"Fuels": 2},
    }
    assert dict(taken.factors.schema) == FACTOR_SCHEMA


def test_a_bad_row_takes_its_factor_with_it_and_nothing_else() -> None:
    taken = take(
        row(7, factor_id="pub:2024:a"),
        row(8, factor_id="pub:2024:a", gas="CH4", value="x"),
        row(9),
        unreadable=((12, 'A plain decimal with a point is expected ("0.25").'),),
    )
    assert taken.n_accepted == 1
    assert taken.quarantined["row"].to_list() == [7, 8, 12]
    assert taken.extract.n_read == taken.n_accepted + taken.quarantined.height


def test_a_shipped_figure_counts_once_and_cannot_be_changed() -> None:
    (shipped,) = catalogue().factors.filter(pl.col("factor_id") == SHIPPED).to_dicts()
    text = {name: None if value is None else str(value) for name, value in shipped.items()}
    same = take(row(7, **text))
    assert (same.n_accepted, same.n_shipped, same.factors.height) == (1, 1, 0)
    other = take(row(7, **{**text, "value": "41.4"}))
    assert (other.n_accepted, other.factors.height) == (0, 0)
    assert other.quarantined.rows() == [(7, intake._DIFFERS, "p.xlsx")]  # noqa: SLF001 - the sentence itself


def test_a_file_claimed_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "publications", lambda: (Fixed(), Fixed()))
    with pytest.raises(FileRefused, match="claimed by several"):
        publication.recognise(Path("p.xlsx"))


def test_a_changed_layout_names_place_and_expectation() -> None:
    error = LayoutChanged("p.xlsx", 'sheet "Fuels" cell D12', "kg CO2e", "kg CO2")
    assert str(error) == (
        'p.xlsx, sheet "Fuels" cell D12: kg CO2e is expected, found: kg CO2. Nothing was taken.'
    )


def test_published_figures_come_from_an_import_only(tmp_path: Path) -> None:
    taken = take(row(7))
    path = tmp_path / "pub_2024.csv"
    custom.save(taken.factors, path)
    assert "pub" in set(catalogue([path]).factors["source"])
    path.write_text(path.read_text(encoding="utf-8").replace("1.74533", "0.00174533"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"pub_2024\.csv holds published figures"):
        catalogue([path])
    path.with_suffix(".sha256").unlink()
    with pytest.raises(CatalogueError, match=r"pub_2024\.csv holds published figures"):
        catalogue([path])


def test_an_extract_that_breaks_the_contract_is_told_by_name() -> None:
    broken = Fixed(row(7))
    broken.rows = broken.rows.drop("note")
    with pytest.raises(CatalogueError, match="pub 2024 lacks note"):
        intake.take(Path("2024.xlsx"), broken)
    text = Fixed(row(7))
    text.rows = text.rows.with_columns(pl.col(ROW).cast(pl.String))
    assert intake.take(Path("2024.xlsx"), text).n_accepted == 1


def test_a_publication_that_cannot_open_a_file_does_not_recognise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind(Fixed):
        def identify(self, path: Path) -> str | None:
            raise UnicodeDecodeError("utf-8", b"\xe4", 0, 1, path.name)

    monkeypatch.setattr(publication, "publications", lambda: (Blind(), Fixed()))
    found = publication.recognise(Path("p.xlsx"))
    assert found is not None
    assert found[1] == "p.xlsx"
