"""Memberships and deliveries are kept by their rules."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bilanz.errors import BilanzError, Refused, UnknownName, UsageError
from bilanz.organisation import Delivery, Membership, OrganisationUnit
from bilanz.registry.deliveries import deliveries_frame, put_delivery, remove_delivery
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.memberships import (
    memberships,
    memberships_frame,
    put_membership,
    remove_membership,
)
from bilanz.registry.organisations import put_organisation


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    opened = open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    for name, parent in (("town", None), ("works", "town"), ("bus", "works"), ("hall", "town")):
        put_organisation(opened, OrganisationUnit(id=name, name=name, kind="agency", parent=parent))
    yield opened
    opened.close()


def member(organisation: str, parent: str, **told: object) -> Membership:
    given: dict[str, Any] = {
        "valid_from": date(2024, 1, 1),
        "equity_share": Decimal(1),
        "operational_control": True,
        "financial_control": True,
    }
    return Membership(organisation=organisation, parent=parent, **(given | told))


def delivery(identifier: str, seller: str = "works", buyer: str = "hall", **told: object) -> Delivery:
    given: dict[str, Any] = {
        "kind": "generates",
        "activity": "district_heat",
        "valid_from": date(2024, 1, 1),
        "evidence": "contract",
    }
    return Delivery(id=identifier, seller=seller, buyer=buyer, **(given | told))


def test_without_a_membership_the_present_parent_counts(registry: Registry) -> None:
    rows = {row["organisation"]: row for row in memberships_frame(registry).iter_rows(named=True)}
    assert {name: row["parent"] for name, row in rows.items()} == {
        "works": "town",
        "bus": "works",
        "hall": "town",
    }
    assert not any(row["is_declared"] for row in rows.values())


def test_a_declared_membership_takes_the_place_of_the_parent(registry: Registry) -> None:
    put_membership(registry, member("bus", "town", equity_share=Decimal("0.6")))
    rows = memberships_frame(registry).filter(organisation="bus").to_dicts()
    assert [(row["parent"], row["equity_share"], row["is_declared"]) for row in rows] == [
        ("town", Decimal("0.6"), True)
    ]


def test_two_memberships_at_once_are_refused(registry: Registry) -> None:
    put_membership(registry, member("bus", "town"))
    with pytest.raises(UsageError, match="hold at once"):
        put_membership(registry, member("bus", "hall", valid_from=date(2024, 7, 1)))
    put_membership(registry, member("bus", "town", valid_to=date(2024, 7, 1)))
    put_membership(registry, member("bus", "hall", valid_from=date(2024, 7, 1)))
    assert [row.parent for row in memberships(registry)] == ["town", "hall"]


def test_a_circle_is_found_on_the_day_it_would_begin(registry: Registry) -> None:
    """From July the works would lie below the bus company, which lies below the works."""
    with pytest.raises(UsageError, match="own ancestor"):
        put_membership(registry, member("works", "bus", valid_from=date(2024, 7, 1)))
    put_membership(registry, member("bus", "works", valid_to=date(2024, 7, 1)))
    put_membership(registry, member("works", "bus", valid_from=date(2024, 7, 1)))


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"valid_to": date(2024, 1, 1)}, "ends before"),
        ({"parent": "bus"}, "own ancestor"),
    ],
)
def test_memberships_that_cannot_be(registry: Registry, told: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        put_membership(registry, member("bus", **({"parent": "town"} | told)))


@pytest.mark.parametrize(
    ("told", "error", "match"),
    [
        ({"kind": "gives"}, UnknownName, "generates"),
        ({"buyer": "works"}, Refused, "own balance"),
        ({"activity": None}, Refused, "needs an activity"),
        ({"evidence": " "}, Refused, "evidence"),
        ({"valid_to": date(2023, 1, 1)}, Refused, "ends before"),
        ({"buyer": "nobody"}, UnknownName, "not registered"),
    ],
)
def test_deliveries_that_cannot_be(
    registry: Registry, told: dict[str, Any], error: type[BilanzError], match: str
) -> None:
    with pytest.raises(error, match=match):
        put_delivery(registry, delivery("d", **told))


def test_the_same_purchase_cannot_be_declared_twice(registry: Registry) -> None:
    put_delivery(registry, delivery("d1"))
    with pytest.raises(Refused, match="same quantity"):
        put_delivery(registry, delivery("d2", seller="bus"))
    put_delivery(registry, delivery("d1", valid_to=date(2024, 7, 1)))
    put_delivery(registry, delivery("d2", seller="bus", valid_from=date(2024, 7, 1)))
    assert deliveries_frame(registry)["id"].to_list() == ["d1", "d2"]


def test_one_seller_may_have_many_buyers(registry: Registry) -> None:
    put_delivery(registry, delivery("d1"))
    put_delivery(registry, delivery("d2", buyer="bus"))
    assert deliveries_frame(registry).height == 2


def test_what_was_declared_by_mistake_is_taken_back(registry: Registry) -> None:
    put_membership(registry, member("bus", "town"))
    put_delivery(registry, delivery("d1"))
    with pytest.raises(UnknownName, match="2024-01-01"):
        remove_membership(registry, "bus", date(2023, 1, 1))
    with pytest.raises(UnknownName, match="d1"):
        remove_delivery(registry, "d2")
    remove_membership(registry, "bus", date(2024, 1, 1))
    remove_delivery(registry, "d1")
    assert memberships(registry) == []
    assert deliveries_frame(registry).is_empty()
    assert memberships_frame(registry).filter(organisation="bus")["parent"].to_list() == ["works"]
