"""The book of an administration: scopes 1, 2 and business travel; electricity both ways, nothing netted."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from ledger import Ledger, co2e, factor, instrument, quantity, term, with_factors

import factors
from bilanz.app.master.data import import_masterdata
from bilanz.app.settings import Settings
from bilanz.books import chosen, digest, read_all
from bilanz.compensation import declared
from bilanz.registry.compensations import compensations_frame
from bilanz.registry.engine import open_registry
from bilanz.result import Beside
from reports.base import Wording
from reports.sections.administration import Administration
from reports.sections.compensation import Compensation

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
BOOKS = ("administration", "administration_market")
FOLDER = Path(factors.__file__).parent / "books"


def a_year() -> Ledger:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *YEAR)
    ledger.bill("boiler", "natural_gas", "1000", *YEAR, basis="Hi")
    ledger.bill("trips", "travel_car", "1000", *YEAR, unit="pkm")
    ledger.bill("way", "commuting", "1000", *YEAR, unit="pkm")
    ledger.bill("rented", "natural_gas", "500", *YEAR, basis="Hi")
    ledger.terms = [
        term("meter"),
        term("boiler", activity="natural_gas"),
        term("trips", activity="travel_car"),
        term("way", activity="commuting"),
        term("rented", activity="natural_gas", tenure="rented", control=False),
    ]
    ledger.instruments = [instrument("green", "own:green")]
    return ledger


OWN = with_factors([factor("electricity", "0", factor_id="own:green")])


def test_a_book_brings_the_one_beside_it() -> None:
    books = read_all(FOLDER)
    assert [book.id for book in chosen(books, ("administration",))] == [*BOOKS]
    assert not {*BOOKS} & {book.id for book in chosen(books, ())}


def test_a_rule_that_a_book_does_not_use_leaves_its_hash_alone() -> None:
    shipped = read_all(FOLDER)["ghgp_location"]
    assert digest((shipped,)) == digest((shipped.model_copy(update={"counted": (), "beside": None}),))
    assert digest((shipped,)) != digest((shipped.model_copy(update={"counted": ("1",)}),))


def test_green_electricity_stands_both_ways_and_everything_else_alike() -> None:
    result = a_year().calculate(books=BOOKS, catalogue=OWN)
    location, market = (co2e(result, book, scope="2") for book in BOOKS)
    assert location > 0
    # upstream parts lie outside the boundary: their absence is no gap
    assert "no_upstream" not in set(result.assumptions["code"])
    assert market == 0
    assert [co2e(result, book, scope="1") for book in BOOKS] == [co2e(result, BOOKS[0], scope="1")] * 2
    assert co2e(result, BOOKS[0], scope="3") == co2e(result, BOOKS[0], category="3.6") > 0


def test_what_lies_outside_the_boundary_is_memo_and_not_lost() -> None:
    result = a_year().calculate(books=(*BOOKS, "ghgp_location"), catalogue=OWN)
    memo = result.lines.filter(pl.col("book") == BOOKS[0], pl.col("scope") == "memo")
    assert {"3.3", "3.8", "excluded"} >= set(memo["category"]) >= {"3.8", "excluded"}
    assert quantity(memo.filter("is_lead"), source="rented") == Decimal(
        500
    )  # needs a factor, so it is shown with its emissions
    assert memo.filter(pl.col("source") == "rented")["co2e_kg"].sum() > 0
    inside = ["1", "2", "3.6"]
    counted = result.lines.filter(
        pl.col("book") == "ghgp_location", pl.col("scope").is_in(inside) | pl.col("category").is_in(inside)
    )
    total = result.lines.filter(pl.col("book") == BOOKS[0], pl.col("scope").is_in(["1", "2", "3"]))
    assert total["co2e_kg"].sum() == counted["co2e_kg"].sum()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", lang="en")


HEADER = "id;organisation;year;kind;tonnes;standard;evidence;cancelled_on"


def master(folder: Path, *rows: str) -> Path:
    folder.mkdir(exist_ok=True)
    units = "id;name;kind\ncity;City;municipality\n"
    (folder / "organisations.csv").write_text(units, encoding="utf-8")
    (folder / "compensations.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return folder


def test_compensation_is_declared_and_in_no_total(tmp_path: Path, settings: Settings) -> None:
    rows = (
        "c1;city;2024;reduction;12.5;Standard A, project 7;register X 123, 2025-02-01;2025-02-01",
        "c2;city;2024;removal;3;Standard B;register Y 9;",
        "c3;city;2023;removal;1;Standard B;register Y 8;2024-01-01",
    )
    assert import_masterdata(master(tmp_path / "m", *rows), settings).exit_code == 0
    registry = open_registry(settings.registry)
    held = declared(compensations_frame(registry), 2024, ["city"])
    registry.close()
    assert held.select("id", "tonnes", "is_cancelled").rows() == [
        ("c1", Decimal("12.500000"), True),
        ("c2", Decimal(3), False),
    ]
    plain = a_year().calculate(books=BOOKS, catalogue=OWN)
    with_it = type(plain)(
        **{name: getattr(plain, name) for name in plain.__dataclass_fields__ if name != "beside"},
        beside=Beside(compensations=held),
    )
    (panel,) = Compensation().panels(with_it, Wording("en"))
    assert "Emissions avoided elsewhere: 12.500 t" in panel.finding
    assert "Not cancelled: 3.000 t" in panel.finding
    assert not any(column.is_totalled for column in panel.columns)
    pairs = {BOOKS[0]: BOOKS[1], BOOKS[1]: BOOKS[0]}
    shown = [Administration().panels(each, Wording("en", pairs=pairs)) for each in (plain, with_it)]
    assert shown[0][0].table.equals(shown[1][0].table)
    assert len(shown[0]) == 1


@pytest.mark.parametrize(
    "row",
    [
        "c1;city;2024;reduction;-5;A;B;2025-02-01",
        "c1;city;2024;offset;5;A;B;2025-02-01",
        "c1;nobody;2024;removal;5;A;B;2025-02-01",
        "c1;city;2024;removal;5;A;;2025-02-01",
    ],
)
def test_a_compensation_without_sense_is_refused(tmp_path: Path, settings: Settings, row: str) -> None:
    summary = import_masterdata(master(tmp_path / "m", row), settings)
    assert summary.tables["compensations"].rejected == 1
