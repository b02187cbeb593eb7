from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from ledger import Ledger, factor, organisations, term, with_factors
from polars.testing import assert_frame_equal

from bilanz.errors import UnknownName
from bilanz.manifest import result_hash
from bilanz.store import runs

FRAMES = ("lines", "usage", "exceptions", "superseded", "coverage", "assumptions", "factors", "batches")


def ledger() -> Ledger:
    made = Ledger()
    made.terms = [term("meter"), term("sub", role="sub_meter", parent="meter")]
    for source in ("meter", "sub"):
        made.bill(source, "electricity", "1000.5", date(2024, 1, 1), date(2024, 4, 1), cost_net=Decimal(10))
    made.bill("gas", "natural_gas", "100", date(2024, 1, 1), date(2024, 4, 1))
    return made


def test_a_run_comes_back_as_it_was() -> None:
    made = ledger()
    result = made.calculate()
    run = runs.save(made.store, result)
    loaded = runs.load(made.store, run)
    assert loaded.manifest == result.manifest
    for name in FRAMES:
        before, after = getattr(result, name), getattr(loaded, name)
        assert before.height > 0 or name == "usage"
        assert_frame_equal(after, before, check_row_order=False)
    assert result_hash(loaded.lines) == result.manifest.result_hash


def test_the_figures_of_organisations_are_kept() -> None:
    made = ledger()
    frame = organisations().with_columns(
        population=pl.lit(100), floor_area_m2=pl.lit("12.5").cast(pl.Decimal(18, 2))
    )
    loaded = runs.load(made.store, runs.save(made.store, made.calculate(organisations=frame)))
    told = loaded.organisations.select("organisation", "population", "floor_area_m2", "staff").rows()
    assert told == [("city", 100, Decimal("12.5"), None)]


def test_saving_again_changes_nothing() -> None:
    made = ledger()
    result = made.calculate()
    runs.save(made.store, result)
    runs.save(made.store, made.calculate())
    assert len(runs.runs(made.store)) == 1
    assert runs.load(made.store, result.manifest.run).lines.height == result.lines.height


def test_the_latest_run_of_a_year() -> None:
    made = ledger()
    assert runs.latest(made.store, 2024) is None
    run = runs.save(made.store, made.calculate())
    assert runs.latest(made.store, 2024) == run
    assert runs.latest(made.store, 2023) is None


def test_a_run_of_one_organisation_never_stands_for_the_whole() -> None:
    made = ledger()
    frame = organisations("city", "school")
    whole = runs.save(made.store, made.calculate(organisations=frame))
    part = runs.save(made.store, made.calculate(organisations=frame, organisation="school"))
    made.store.con.execute("UPDATE run SET created_at = TIMESTAMP '2030-01-01' WHERE run = ?", [part])
    assert whole != part
    assert runs.latest(made.store, 2024) == whole
    assert runs.latest(made.store, 2024, "school") == part
    assert runs.latest(made.store, 2024, "depot") is None
    assert runs.load(made.store, part).manifest.organisation == "school"


def test_a_run_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match="nothing"):
        runs.load(ledger().store, "nothing")


def test_of_two_runs_in_the_same_second_the_one_saved_last_is_the_latest_and_a_release_chooses() -> None:
    made = ledger()
    made.bill("hall", "district_heat", "10", date(2024, 6, 1), date(2024, 7, 1))
    shelves = [replace(with_factors([factor("district_heat", text)]), release=text * 64) for text in "12"]
    saved = [runs.save(made.store, made.calculate(catalogue=shelf)) for shelf in shelves]
    made.store.con.execute("UPDATE run SET created_at = TIMESTAMP '2030-01-01'")
    assert runs.latest(made.store, 2024) == saved[1]
    assert runs.latest(made.store, 2024, None, "1" * 64) == saved[0]
    assert runs.latest(made.store, 2024, None, "3" * 64) is None
    runs.save(made.store, made.calculate(catalogue=shelves[0]))
    made.store.con.execute("UPDATE run SET created_at = TIMESTAMP '2030-01-01'")
    assert runs.latest(made.store, 2024) == saved[0]
