"""What is handed in by somebody who may do so for some organisations only."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app.intake.ingest import hand_in, import_file
from bilanz.app.intake.opening import open_intake
from bilanz.app.intake.summary import ImportSummary
from bilanz.app.intake.taking import Terms
from bilanz.errors import Forbidden, Refused, UnknownName
from bilanz.organisation import OrganisationUnit, Source, SourceTerm
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.organisations import put_organisation
from bilanz.registry.sources import put_source, put_term
from bilanz.store.connection import open_store
from importers.base import ImportRequest

COLUMNS = "organisation,source,start,end,quantity"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a town with works and schools; W1 is a meter of the works, X1 was theirs until 2025."""
    use_toys(monkeypatch)
    city = found_city(tmp_path)
    with closing(open_registry(city.settings.registry)) as registry:
        for name in ("works", "schools"):
            put_organisation(registry, OrganisationUnit(id=name, name=name, kind="agency", parent="town"))
        put_source(registry, Source(id="W1", activity="electricity", unit="kWh"))
        put_source(registry, Source(id="X1", activity="electricity", unit="kWh"))
        put_term(registry, term("W1", "works"))
        put_term(registry, term("X1", "works", to=date(2025, 1, 1)))
        put_term(registry, term("X1", "schools", since=date(2025, 1, 1)))
    return city


def term(source: str, organisation: str, since: date | None = None, to: date | None = None) -> SourceTerm:
    return SourceTerm(
        source=source,
        organisation=organisation,
        role="consumed",
        tenure="owned",
        control=True,
        valid_from=since,
        valid_to=to,
    )


@pytest.fixture
def registry(city: City) -> Iterator[Registry]:
    with closing(open_registry(city.settings.registry)) as opened:
        yield opened


def handed_in(city: City, path: Path, on_overlap: str = "first", source: str | None = None) -> ImportSummary:
    """Hand in a file as an officer of the schools."""
    terms = Terms(
        "schools",
        ImportRequest(source=source),
        on_overlap=on_overlap,
        reason="because",
        within=frozenset({"schools"}),
    )
    with open_intake(terms, city.settings) as intake:
        found = hand_in(path, intake, lambda _share: None, intake.finish)
    assert isinstance(found, ImportSummary)
    assert found.read == found.accepted + found.rejected + found.ignored
    return found


def held(city: City) -> dict[str, Decimal]:
    """Return source → sum of all records and readings in the store."""
    with open_store(city.settings.store_file) as store:
        return dict(
            store.rows(
                """SELECT source, sum(quantity) FROM (
                SELECT source, quantity FROM activity
                UNION ALL SELECT source, quantity FROM daily JOIN series USING (series_key))
                GROUP BY source ORDER BY source"""
            )
        )


def codes(summary: ImportSummary) -> list[tuple[str, int | None, str | None]]:
    errors = summary.issues.filter(summary.issues["severity"] == "error")
    return list(errors.select("code", "source_row", "value").iter_rows())


def test_no_row_lands_on_a_meter_of_others(city: City) -> None:
    path = city.file(
        "a.csv",
        COLUMNS,
        ",W1,2024-01-01,2024-02-01,999",
        "schools,W1,2024-02-01,2024-03-01,999",
        ",S1,2024-01-01,2024-02-01,10",
    )
    found = handed_in(city, path)
    assert (found.read, found.accepted, found.rejected) == (3, 1, 2)
    assert codes(found) == [("source_of_others", 3, "W1"), ("source_of_others", 4, "W1")]
    assert held(city) == {"S1": Decimal(10)}


def test_rows_of_other_organisations_are_rejected(city: City) -> None:
    path = city.file("a.csv", COLUMNS, "works,N1,2024-01-01,2024-02-01,999", ",S1,2024-01-01,2024-02-01,10")
    found = handed_in(city, path)
    assert codes(found) == [("unknown_value", 3, "works")]
    assert '"expected": "schools"' in found.issues["parameters"][0]
    assert held(city) == {"S1": Decimal(10)}


def test_a_meter_that_changed_hands_is_theirs_in_their_time_only(city: City) -> None:
    path = city.file(
        "a.csv",
        COLUMNS,
        ",X1,2024-06-01,2024-07-01,1",
        ",X1,2024-12-15,2025-01-15,2",  # reaches into the time of the works
        ",X1,2025-02-01,2025-03-01,4",
    )
    found = handed_in(city, path)
    assert codes(found) == [("source_of_others", 3, "X1"), ("source_of_others", 4, "X1")]
    assert held(city) == {"X1": Decimal(4)}


def test_who_held_a_meter_before_is_not_told_to_others(city: City) -> None:
    path = city.file("a.csv", COLUMNS, ",X1,2025-02-01,2025-03-01,4")
    terms = Terms("town", ImportRequest(), within=frozenset({"town", "schools"}))
    with open_intake(terms, city.settings) as intake:
        found = hand_in(path, intake, lambda _share: None, intake.finish)
    assert isinstance(found, ImportSummary)
    (told,) = found.issues.filter(found.issues["code"] == "source_elsewhere")["parameters"]
    assert json.loads(told) == {"expected": "schools", "found": "town"}


def test_the_day_a_meter_changes_hands_begins_where_the_organisation_is(city: City) -> None:
    path = city.readings("r.csv", [("2024-12-31T23:00", "1.5")], source="X1")  # midnight in Berlin
    assert handed_in(city, path).accepted == 1


def test_no_reading_lands_on_a_meter_of_others(city: City) -> None:
    path = city.readings("r.csv", [("2024-01-01T00:00", "1.5"), ("2024-01-01T00:15", "2")], source="W1")
    found = handed_in(city, path)
    assert (found.read, found.accepted, found.rejected) == (2, 0, 2)
    assert codes(found) == [("source_of_others", None, "W1")]
    assert not city.settings.store_file.exists()
    assert "W1" in found.rejects_csv()


def test_readings_that_reach_into_the_time_of_others_are_rejected(city: City) -> None:
    path = city.readings("r.csv", [("2024-12-31T22:45", "1"), ("2024-12-31T23:00", "2")], source="X1")
    assert (handed_in(city, path).accepted, held_or_none(city)) == (0, None)


def held_or_none(city: City) -> dict[str, Decimal] | None:
    return held(city) if city.settings.store_file.exists() else None


def test_a_name_made_of_another_organisation_is_theirs(city: City) -> None:
    path = city.file("a.csv", COLUMNS, ",works:electricity,2024-01-01,2024-02-01,999")
    assert codes(handed_in(city, path)) == [("source_of_others", 3, "works:electricity")]
    own = city.file("b.csv", COLUMNS, ",schools:electricity,2024-01-01,2024-02-01,1")
    assert handed_in(city, own).accepted == 1


def test_a_source_somebody_else_was_first_to_name_is_theirs(city: City) -> None:
    import_file(
        city.file("w.csv", COLUMNS, ",NEW,2024-01-01,2024-02-01,5"),
        organisation="works",
        settings=city.settings,
    )
    path = city.file("a.csv", COLUMNS, ",NEW,2024-03-01,2024-04-01,999")
    assert codes(handed_in(city, path)) == [("source_of_others", 3, "NEW")]
    assert held(city) == {"NEW": Decimal(5)}


def test_the_source_of_others_lends_nothing(city: City) -> None:
    path = city.file("a.csv", COLUMNS, ",S1,2024-01-01,2024-02-01,10")
    with pytest.raises(UnknownName) as told:
        handed_in(city, path, source="W1")
    assert str(told.value) == 'The source "W1" is not registered. Similar: –.'


@pytest.mark.parametrize("rule", ["replace", "both"])
def test_what_others_handed_in_is_neither_replaced_nor_doubled(city: City, rule: str) -> None:
    import_file(
        city.file("w.csv", COLUMNS, ",X1,2025-02-01,2025-03-01,5"),
        organisation="works",  # by mistake: the meter is that of the schools by then
        settings=city.settings,
    )
    path = city.file("a.csv", COLUMNS, ",X1,2025-02-01,2025-03-01,6")
    with pytest.raises(Refused, match="handed in for another organisation"):
        handed_in(city, path, rule)
    assert held(city) == {"X1": Decimal(5)}
    assert handed_in(city, path).accepted == 1  # it gives way, and stands in the list of overlaps


def test_own_data_can_be_replaced(city: City) -> None:
    handed_in(city, city.file("a.csv", COLUMNS, ",S1,2024-01-01,2024-02-01,10"))
    assert (
        handed_in(city, city.file("b.csv", COLUMNS, ",S1,2024-01-01,2024-02-01,11"), "replace").accepted == 1
    )


def test_nothing_is_handed_in_for_an_organisation_outside(city: City) -> None:
    terms = Terms("works", ImportRequest(), within=frozenset({"schools"}))
    with pytest.raises(Forbidden), open_intake(terms, city.settings):
        pass


def test_the_sums_of_what_is_left_are_still_held_against_the_file(city: City) -> None:
    """The control sum of the column is 1009: 999 of them are set apart, 10 must be stored."""
    path = city.file("a.csv", COLUMNS, ",W1,2024-01-01,2024-02-01,999", ",S1,2024-01-01,2024-02-01,10")
    found = handed_in(city, path)
    assert [total["quantity"] for total in found.as_json()["totals"]] == ["10"]


def test_a_source_that_changes_hands_after_reading_is_noticed(city: City, registry: Registry) -> None:
    path = city.file("a.csv", COLUMNS, ",LATE,2024-01-01,2024-02-01,10")
    terms = Terms("schools", ImportRequest(), within=frozenset({"schools"}))
    with open_intake(terms, city.settings) as intake:
        taken = intake.take(path)
        examined = intake.examine(taken, lambda _share: None)
        put_source(registry, Source(id="LATE"))
        put_term(registry, term("LATE", "works"))
        with pytest.raises(Refused, match="meanwhile"):
            intake.finish(taken, examined)
        taken.close()
    assert held(city) == {}


def test_a_rehearsal_says_what_a_commit_would_and_leaves_nothing(city: City) -> None:
    handed_in(city, city.file("a.csv", COLUMNS, ",S1,2024-01-01,2024-02-01,10"))
    handed_in(city, city.readings("r.csv", [("2024-01-01T00:00", "1.5")], source="S2"))
    before = held(city)
    terms = Terms("schools", ImportRequest(), within=frozenset({"schools"}))
    for path in (
        city.file("b.csv", COLUMNS, ",S1,2024-01-15,2024-02-15,10"),
        city.readings("s.csv", [("2024-01-01T00:00", "2"), ("2024-01-01T00:15", "2")], source="S2"),
    ):
        with open_intake(terms, city.settings) as intake:
            taken = intake.take(path)
            examined = intake.examine(taken, lambda _share: None)
            summary, overlaps = intake.rehearse(examined)
            taken.close()
        assert summary.batch is None
        assert overlaps["organisation"].to_list() == ["schools"]
        assert overlaps["new_loses"].to_list() == [True]
    assert held(city) == before
    assert len(list((city.settings.data / "readings").iterdir())) == 1
