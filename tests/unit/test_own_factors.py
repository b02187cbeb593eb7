"""Own factors: whose they are, where a book takes them, what they make of its verdict."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from ledger import CITY, Ledger, co2e, factor, organisations, with_factors

from bilanz.app.calculation import summary
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.output.reporting import render, wording
from bilanz.app.settings import Settings
from bilanz.errors import CatalogueError, FileRefused, UnknownName, UsageError
from bilanz.organisation import OrganisationUnit
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation
from bilanz.result import Result
from factors import custom
from factors.base import catalogue

JUNE = (date(2024, 6, 1), date(2024, 7, 1))
OIL = {"per_unit": "l", "chain": "total"}
FILE = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,182.5,g,kWh,total,AR5,exergy,Certificate of the network 2024
"""


def heat(value: str, name: str, organisation: str | None) -> dict[str, object]:
    told = {"factor_id": f"own:{name}", "organisation": organisation, "source": "own"}
    return factor("district_heat", value, chain="total", **told)


def test_the_own_factor_of_the_nearest_organisation_is_taken() -> None:
    ledger = Ledger()
    for name in (CITY, "school", "depot"):
        ledger.bill(name, "district_heat", "1000", *JUNE, organisation=name)
    rows = [heat("0.1", "all", None), heat("0.2", "city", CITY), heat("0.3", "school", "school")]
    frame = organisations(CITY, "school", "depot")
    result = ledger.calculate(catalogue=with_factors(rows), organisations=frame, books=("bisko",))
    # the school has its own; the depot takes the city's, which is nearer than everybody's
    sums = {name: co2e(result, "bisko", organisation=name) for name in (CITY, "school", "depot")}
    assert sums == {CITY: Decimal(200), "school": Decimal(300), "depot": Decimal(200)}


def test_the_own_factor_of_another_organisation_is_never_taken() -> None:
    ledger = Ledger()
    ledger.bill("meter", "district_heat", "1000", *JUNE, organisation="depot")
    frame = organisations(CITY, "school", "depot")
    rows = [heat("0.3", "school", "school")]
    result = ledger.calculate(catalogue=with_factors(rows), organisations=frame, books=("bisko",))
    assert co2e(result, "bisko") == Decimal(260)  # the national default of district heat
    assert result.lines["factor_id"].str.contains("own:school").sum() == 0


def oil(book: str) -> Result:
    own = factor("heating_oil", "3.1", factor_id="own:oil", **OIL)
    ledger = Ledger()
    ledger.bill("tank", "heating_oil", "1000", *JUNE, unit="l")
    return ledger.calculate(catalogue=with_factors([own]), books=(book,))


def test_an_own_factor_where_the_book_has_a_series_of_its_own_is_not_conform() -> None:
    result = oil("bisko")
    assert co2e(result, "bisko") == Decimal(3100)
    (told,) = summary(result)["books"]
    assert told["verdict"] == "not_conform"
    assert told["reasons"][0]["en"] == (
        "Not conform: own factors in place of the series of the book (own:oil)."
    )
    assert ("custom_factor", "heating_oil", "own:oil") in result.assumptions.rows()


def test_elsewhere_own_factors_leave_the_verdict_as_it_is() -> None:
    own = factor("heating_oil", "3.1", factor_id="own:oil", per_unit="l")
    ledger = Ledger()
    ledger.bill("tank", "heating_oil", "1000", *JUNE, unit="l")
    result = ledger.calculate(catalogue=with_factors([own]), books=("ghgp_location",))
    assert result.lines["grade"].to_list() == ["custom"]
    assert summary(result)["books"][0]["verdict"] == "unknown"
    assert "custom_factor" not in result.assumptions["code"].to_list()


def test_the_dashboard_says_so(tmp_path: Path) -> None:
    page = render(oil("bisko"), "en", tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Not conform. Not conform: own factors in place of the series of the book (own:oil)." in page
    assert wording("en").broken == frozenset()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data", lang="en")
    registry = open_registry(found.registry)
    put_organisation(registry, OrganisationUnit(id="town", name="Town", kind="municipality"))
    registry.close()
    return found


def test_an_import_for_an_organisation(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "heat.csv"
    path.write_text(FILE, encoding="utf-8")
    import_factors(path, settings, dry_run=False, organisation="town")
    second = tmp_path / "more.csv"
    second.write_text(FILE, encoding="utf-8")
    import_factors(second, settings, dry_run=False)
    found = catalogue_of(settings).factors
    owners = (
        found.filter(found["source"] == "custom").select("edition", "organisation").sort("edition").rows()
    )
    assert owners == [("heat", "town"), ("more", None)]
    with pytest.raises(UnknownName, match='"mars" is not registered'):
        import_factors(path, settings, dry_run=True, organisation="mars")


def test_a_publication_belongs_to_nobody(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factors.publication.recognise", lambda _path: (object(), "a publication"))
    with pytest.raises(UsageError, match="belongs to nobody"):
        import_factors(tmp_path / "official.xlsx", settings, dry_run=True, organisation="town")


def test_whose_factors_they_are_is_no_column_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "heat.csv"
    header, row = FILE.splitlines()
    path.write_text(f"{header},organisation\n{row},town\n", encoding="utf-8")
    with pytest.raises(FileRefused, match='the column "organisation" is unknown'):
        custom.read(path)


@pytest.mark.parametrize("source", ["geg", "uba_strommix", "desnz"])
def test_shipped_factors_cannot_be_changed_by_users(tmp_path: Path, settings: Settings, source: str) -> None:
    path = tmp_path / "heat.csv"
    path.write_text(FILE, encoding="utf-8")
    with pytest.raises(UsageError, match="cannot name own factors"):
        custom.read(path, source=source)
    # nor by a file put beside the imported ones
    own = custom.read(path).factors
    folder = settings.data / "factors"
    folder.mkdir(parents=True)
    text = own.with_columns(source=own["source"].str.replace("custom", source))
    renamed = text.with_columns(factor_id=text["factor_id"].str.replace("custom", source))
    custom.save(renamed, folder / f"{source}_heat.csv")
    with pytest.raises(CatalogueError, match="A shipped source; own factors never change it"):
        catalogue_of(settings)


def test_an_own_factor_never_takes_the_identifier_of_a_shipped_one(tmp_path: Path) -> None:
    shipped = catalogue().factors["factor_id"][0]
    path = tmp_path / "heat.csv"
    header, row = FILE.splitlines()
    path.write_text(f"{header},factor_id\n{row},{shipped}\n", encoding="utf-8")
    (name,) = custom.read(path).factors["factor_id"].unique()
    assert name == f"custom:heat:{shipped}"


def test_only_own_factors_belong_to_somebody() -> None:
    assert catalogue().factors["organisation"].null_count() == catalogue().factors.height
