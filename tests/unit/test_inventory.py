"""What an inventory has to state: declared or missing, never guessed."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from unit.reports.synthetic import empty_result, full_result

import factors
from bilanz.app.beside.standards import categories, stated
from bilanz.app.beside.verdicts import verdict_of
from bilanz.app.output.reporting import wording
from bilanz.app.settings import Settings
from bilanz.books import digest, read_all
from bilanz.errors import UsageError
from bilanz.inventory import NEEDED, Declared, disclosures, read, scope3
from bilanz.result import Beside
from reports.base import Wording
from reports.sections.statements import Statements

BOOKS = ("ghgp_location", "ghgp_market")
SHIPPED = read_all(Path(factors.__file__).parent / "books")
WHOLE = """
consolidation_approach = "operational_control"
operational_boundary = "All sites and vehicles of the town and its agencies"
base_year = 2019
base_year_reason = "First year with complete meter readings"
recalculation_policy = "Changes above 5 % of the base year"
exclusions = []
"""


def declared(folder: Path, text: str) -> Declared:
    (folder / "inventory.toml").write_text(text, encoding="utf-8")
    return read(folder)


def states(told: Declared) -> dict[int, str]:
    return dict(scope3(full_result(), BOOKS, told).select("category", "state").iter_rows())


def test_the_books_ask_for_what_is_known_and_their_numbers_do_not_depend_on_it() -> None:
    for name in BOOKS:
        book = SHIPPED[name]
        assert book.disclosures == NEEDED
        assert digest((book,)) == digest((book.model_copy(update={"disclosures": ()}),))


def test_what_nobody_declared_is_missing() -> None:
    told = Declared()
    found = disclosures(BOOKS[0], NEEDED, told, scope3(full_result(), BOOKS, told))
    assert not found["is_stated"].any()
    assert found["item"].to_list() == [*NEEDED]


def test_the_fifteen_categories(tmp_path: Path) -> None:
    # the made-up year has purchases (3.1) and upstream of energy (3.3); "Kunst" lacks a factor
    assert states(Declared()) == {
        number: "present" if number in {1, 3} else "not_assessed" for number in range(1, 16)
    }
    some = '[scope3.14]\nstate = "not_relevant"\nreason = "The town grants no franchises"\n'
    more = '[scope3.1]\nstate = "not_relevant"\nreason = "We buy nothing"\n'
    found = states(declared(tmp_path, some + more))
    assert (found[14], found[1], found[2]) == ("not_relevant", "contradicted", "not_assessed")


def test_figures_stand_beside_their_category() -> None:
    found = scope3(full_result(), BOOKS, Declared())
    bought = found.filter(pl.col("category") == 1, pl.col("book") == BOOKS[0])
    assert bought["co2e_kg"].to_list() == [Decimal(99_900)]  # 77 500 + 17 600 + 4 800
    assert found.height == 15 * 2


def test_quantities_without_a_factor_are_not_absent() -> None:
    bare = replace(empty_result(), exceptions=full_result().exceptions)
    found = dict(scope3(bare, BOOKS, Declared()).select("category", "state").iter_rows())
    assert found[1] == "no_figure"


def test_the_verdict_names_what_is_missing(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, lang="de")
    result = full_result()
    plain = replace(result, beside=Beside(disclosures=stated(settings, result)))
    verdict, reasons = verdict_of(plain, SHIPPED[BOOKS[0]])
    assert verdict == "unknown"
    assert reasons[0].de.startswith(
        "Für eine Bilanz nach GHG Protocol fehlen Angaben: Konsolidierungsansatz,"
    )
    rest = "".join(
        f'[scope3.{number}]\nstate = "not_assessed"\nreason = "planned"\n'
        for number in range(1, 16)
        if number not in {1, 3}
    )
    declared(tmp_path, WHOLE + rest)
    whole = replace(result, beside=Beside(disclosures=stated(settings, result)))
    assert verdict_of(whole, SHIPPED[BOOKS[0]])[1] == SHIPPED[BOOKS[0]].reasons
    assert verdict_of(result, SHIPPED[BOOKS[0]])[1] == SHIPPED[BOOKS[0]].reasons
    assert wording("en", result=plain).verdicts[BOOKS[0]][0].startswith("Statements an inventory")
    assert not [text for text in wording("en", result=plain).verdicts["bisko"] if "inventory" in text]


def test_the_section_shows_fifteen_rows_and_says_what_is_missing(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, lang="en")
    declared(tmp_path, WHOLE)
    result = full_result()
    view = Beside(disclosures=stated(settings, result), scope3=categories(settings, result))
    required, table = Statements().panels(replace(result, beside=view), Wording("en"))
    assert required.finding.startswith("6 of 7 statements")
    said = dict(required.table.select("item", "statement").iter_rows())
    assert said["Consolidation approach"] == "Operational control"
    assert said["Exclusions with reasons"] == "no exclusions"
    assert said["Scope 3 categories without a statement"].startswith("3.2 3.4 3.5")
    assert table.table.height == 15
    assert "In the balance: 2 of 15. Not relevant, with a reason: 0. Not assessed: 13." in table.finding


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('consolidation_approach = "ours"', "consolidation_approach"),
        ("base_year = 19", "base_year"),
        ('surprise = "x"', "surprise"),
        ('[scope3.16]\nstate = "not_relevant"\nreason = "x"', "scope3"),
        ('[scope3.2]\nstate = "not_relevant"', "scope3.2.reason"),
        ('[scope3.2]\nstate = "present"\nreason = "x"', "scope3.2.state"),
        ('[[exclusions]]\nwhat = "fleet"', "exclusions.0.reason"),
    ],
)
def test_a_declaration_that_is_none_is_refused_with_its_place(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(UsageError) as told:
        declared(tmp_path, text)
    assert told.value.parameters["name"] == named
    with pytest.raises(UsageError):
        declared(tmp_path, "[scope3")
