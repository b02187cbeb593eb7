"""What an instrument must prove before it counts."""

from datetime import date
from pathlib import Path

import pytest

from bilanz.errors import BilanzError, UnknownName
from bilanz.instrument import INSTRUMENT_SCHEMA
from bilanz.organisation import EnergyInstrument, OrganisationUnit
from bilanz.registry.bulk import Batch, put_all
from bilanz.registry.engine import open_registry
from bilanz.registry.instruments import check_instrument, instrument, instruments_frame, remove_instrument


def made(**told: object) -> EnergyInstrument:
    given: dict[str, object] = {
        "id": "go",
        "kind": "certificate",
        "organisation": "town",
        "activity": "electricity",
        "factor": "custom:green:1",
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2025, 1, 1),
        "quantity_kwh": 400_000,
        "evidence": "HKNR, statement 4711, 2025-02-03",
        "vintage": "2024",
        "cancelled_on": date(2025, 2, 3),
    }
    return EnergyInstrument(**(given | told))


def contract(**told: object) -> EnergyInstrument:
    given: dict[str, object] = {
        "kind": "contract",
        "quantity_kwh": None,
        "vintage": None,
        "cancelled_on": None,
    }
    return made(**(given | told))


@pytest.mark.parametrize(
    "good",
    [
        made(),
        made(organisation=None, source="meter"),
        made(
            vintage="2023-08", cancelled_on=date(2025, 2, 28)
        ),  # 18 months after August 2023: until March 2025
        contract(valid_to=None),
        contract(activity="district_heat", quantity_kwh=10),
    ],
)
def test_what_is_proved_is_taken(good: EnergyInstrument) -> None:
    check_instrument(good, [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (made(kind="promise"), '"promise" is not one of certificate'),
        (made(activity="natural_gas"), '"natural_gas" is not one of electricity'),
        (made(source="meter"), "either an organisation or a source"),
        (made(organisation=None), "either an organisation or a source"),
        (made(evidence="  "), "needs evidence"),
        (made(evidence_sha256="abc"), "is not the sha256"),
        (made(quantity_kwh=None), "needs the covered quantity"),
        (made(quantity_kwh=0), "more than zero"),
        (made(valid_to=date(2024, 1, 1)), "ends before it starts"),
        (made(valid_to=date(2024, 12, 31)), "first day of a month"),
        (made(valid_from=date(2024, 1, 15)), "first day of a month"),
        (made(valid_to=date(2025, 2, 1)), "must end within the year"),
        (contract(quantity_kwh=5, valid_to=None), "must end within the year"),
        (contract(kind="supplier_label", activity="district_heat"), "electricity only"),
        (made(cancelled_on=None), "only cancelled certificates count"),
        (made(vintage=None), "only cancelled certificates count"),
        (made(vintage="lately"), "not a year or month"),
        (made(vintage="2023-08", cancelled_on=date(2025, 3, 1)), "expired 2025-03-01"),
        (made(vintage="2022"), "expired 2024-07-01"),
    ],
)
def test_what_is_not_proved_is_refused(bad: EnergyInstrument, reason: str) -> None:
    with pytest.raises(BilanzError, match=reason):
        check_instrument(bad, [])


def test_two_without_limit_at_the_same_time_are_refused() -> None:
    new = contract(id="new", valid_from=date(2024, 7, 1))
    with pytest.raises(BilanzError, match='"new" and "go" overlap'):
        check_instrument(new, [contract()])
    for other in (
        contract(valid_to=date(2024, 7, 1)),
        contract(organisation="other"),
        contract(kind="supplier_label"),
        contract(activity="district_heat"),
        contract(quantity_kwh=100),
        contract(id="new"),  # itself
    ):
        check_instrument(new, [other])


def test_the_same_statement_twice_is_refused() -> None:
    with pytest.raises(BilanzError, match='"again" repeats "go"'):
        check_instrument(made(id="again"), [made()])
    check_instrument(made(id="more", technology="wind"), [made()])
    check_instrument(made(id="more", evidence="HKNR, statement 4712"), [made()])


def test_kept_shown_and_removed(tmp_path: Path) -> None:
    registry = open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    town = OrganisationUnit(id="town", name="Town", kind="municipality")
    put_all(registry, [Batch((town,)), Batch((made(),))])
    frame = instruments_frame(registry)
    assert dict(frame.schema) == INSTRUMENT_SCHEMA
    assert frame.row(0, named=True)["quantity_kwh"] == 400_000
    with pytest.raises(UnknownName, match="Similar: go"):
        instrument(registry, "goo")
    assert remove_instrument(registry, "go", by="A").evidence.startswith("HKNR")
    assert instruments_frame(registry).is_empty()
    registry.close()
