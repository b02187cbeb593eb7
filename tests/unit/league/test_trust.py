import pytest

from bilanz.errors import Refused, UsageError
from bilanz.league.trust import Pin, pinned, pins_of, state_of, text_of

ONE, OTHER = "1" * 64, "2" * 64
KNOWN = {"a": Pin(ONE, "2026-01-01")}


def test_the_file_comes_back() -> None:
    assert pins_of(text_of(KNOWN)) == KNOWN
    assert pins_of("") == {}


def test_a_key_is_pinned_at_first_sight_and_told() -> None:
    told, fresh = pinned(KNOWN, [("a", ONE), ("b", OTHER)], "2026-02-02")
    assert fresh == ["b"]
    assert told == {**KNOWN, "b": Pin(OTHER, "2026-02-02")}


def test_a_changed_key_is_refused() -> None:
    with pytest.raises(Refused, match="2026-01-01") as refused:
        pinned(KNOWN, [("a", OTHER)], "2026-02-02")
    assert refused.value.code == "key_changed"


def test_two_keys_of_a_new_member_in_one_go_are_refused() -> None:
    with pytest.raises(Refused):
        pinned({}, [("a", ONE), ("a", OTHER)], "2026-02-02")


def test_states() -> None:
    assert [state_of(KNOWN, *pair) for pair in (("a", ONE), ("a", OTHER), ("b", ONE))] == [
        "known",
        "changed",
        "first",
    ]


@pytest.mark.parametrize("text", ["a 1", "a 1 2 3", f"a {ONE} 2026-01-01\na {OTHER} 2026-01-01"])
def test_a_broken_file_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="file of keys"):
        pins_of(text)
