"""Whatever is done to an exported trail, the first link that does not hold is found."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from bilanz.trail import ACTIONS, START, Deed, TrailEntry, broken, broken_line, lines, link, told

WORDS = st.text(min_size=1, max_size=12).filter(lambda text: text.strip())
DEEDS = st.builds(
    Deed,
    by=WORDS,
    action=st.sampled_from(sorted(ACTIONS)),
    subject=WORDS,
    reason=st.none() | WORDS,
    details=st.dictionaries(WORDS, WORDS | st.integers() | st.lists(WORDS, max_size=2), max_size=3),
)
CHAINS = st.lists(DEEDS, min_size=1, max_size=6)


def chain(deeds: list[Deed]) -> list[TrailEntry]:
    entries: list[TrailEntry] = []
    for number, deed in enumerate(deeds, 1):
        entries.append(link(deed, sequence=number, previous_hash=entries[-1].hash if entries else START))
    return entries


def exported(deeds: list[Deed]) -> list[str]:
    entries = chain(deeds)
    return [*lines(entries, (len(entries), entries[-1].hash))]


@given(CHAINS)
def test_an_untouched_trail_is_intact(deeds: list[Deed]) -> None:
    text = exported(deeds)
    found, end = broken_line(text)
    assert found is None
    assert end is not None
    assert end[0] == len(deeds)
    entries = [told(entry) for entry in chain(deeds)]
    assert all(after["previous_hash"] == before["hash"] for before, after in pairwise(entries))


@given(CHAINS, st.data())
def test_any_changed_sign_is_found_at_its_entry(deeds: list[Deed], data: st.DataObject) -> None:
    text = exported(deeds)
    row = data.draw(st.integers(0, len(text) - 1))
    place = data.draw(st.integers(0, len(text[row]) - 1))
    sign = data.draw(st.characters(codec="utf-8"))
    assume(sign != text[row][place])
    changed = [*text]
    changed[row] = text[row][:place] + sign + text[row][place + 1 :]
    found, _ = broken_line(changed)
    assert found is not None
    assert found.sequence <= row + 1


@given(CHAINS, st.data())
def test_a_removed_row_is_found(deeds: list[Deed], data: st.DataObject) -> None:
    text = exported(deeds)
    row = data.draw(st.integers(0, len(text) - 1))
    found, _ = broken_line(text[:row] + text[row + 1 :])
    assert found is not None
    assert found.sequence == row + 1


@given(CHAINS, st.data())
def test_reordered_rows_are_found(deeds: list[Deed], data: st.DataObject) -> None:
    text = exported(deeds)
    order = data.draw(st.permutations(range(len(text))))
    moved = next((place for place, row in enumerate(order) if row != place), None)
    assume(moved is not None)
    found, _ = broken_line([text[row] for row in order])
    assert found is not None
    assert moved is not None
    assert found.sequence == moved + 1


@given(CHAINS, st.data())
def test_who_forges_one_entry_with_its_hash_breaks_the_next_link(
    deeds: list[Deed], data: st.DataObject
) -> None:
    entries = chain([*deeds, *deeds])
    row = data.draw(st.integers(0, len(entries) - 2))
    forged = link(
        Deed("forger", "batch.withdraw", "B1"), sequence=row + 1, previous_hash=entries[row].previous_hash
    )
    told_entries = [told(entry) for entry in entries]
    told_entries[row] = told(forged)
    found = broken(told_entries, (len(entries), entries[-1].hash))
    assert found is not None
    assert (found.sequence, found.code) == (row + 2, "link")
