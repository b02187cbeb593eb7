"""Documents nobody vouches for: whatever stands where, texts come out and nothing is lost."""

from decimal import Decimal

import pytest

from importers.metering.document import first, has_members, nodes, objects, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        (1, "1"),
        (Decimal("0.10"), "0.10"),
        (True, "true"),
        ([], "[…]"),
        ({"a": 1}, "{…}"),
        ("\ud800x", "\ufffdx"),
    ],
)
def test_scalars_are_texts(value: object, expected: str | None) -> None:
    assert text(value) == expected


def test_objects_come_in_the_order_of_the_document_however_deep() -> None:
    deep: object = {"n": 3}
    for _ in range(50_000):
        deep = [deep]
    document = [{"n": 1, "inner": {"n": 2}}, deep, {"n": 4}]
    assert [entry["n"] for entry in objects(document)] == [1, 2, 3, 4]


def test_what_is_no_object_has_nothing_to_say() -> None:
    assert nodes([1, None, {"a": 1}, "x"]) == [{"a": 1}]
    assert nodes({"a": 1}) == [{"a": 1}]
    assert nodes("x") == []
    assert first({"a": " ", "b": 7}, ("a", "b")) == "7"


def test_members_are_names_not_values() -> None:
    assert has_members(b'{"cups": "x", "date" : 1}', "cups", "date")
    assert not has_members(b'{"a": "cups"}', "cups")
    assert not has_members(b"cups,date", "cups")
    assert not has_members(b"\x00\x01", "cups")
