"""The chain in the database: added in one order by any number of writers, and never changed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bilanz.registry import trail
from bilanz.registry.engine import Registry, open_registry
from bilanz.trail import Break, Deed

WRITER = """
import sys
from bilanz.registry import trail
from bilanz.registry.engine import open_registry
from bilanz.trail import Deed

registry = open_registry(sys.argv[1])
for number in range(40):
    trail.record(registry, Deed(sys.argv[2], "release.create", str(number)))
"""


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    found = open_registry(url(tmp_path))
    yield found
    found.close()


def filled(registry: Registry, count: int = 3) -> None:
    trail.record(registry, *(Deed("Office", "release.create", f"r{number}") for number in range(count)))


def forced(registry: Registry, *statements: str) -> None:
    """Do to the tables what somebody with the file and no scruples can: without the triggers."""
    with registry.engine.begin() as connection:
        for name in ("trail_keeps_rows", "trail_keeps_content", "trailhead_stays", "trailhead_goes_on"):
            connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))


def test_a_new_trail_is_empty_and_intact(registry: Registry) -> None:
    assert trail.entries(registry) == []
    assert trail.broken_link(registry) is None


def test_entries_say_who_what_when_and_why(registry: Registry) -> None:
    trail.record(registry, Deed("Office", "batch.withdraw", "B1", "wrong meter", {"n": 3}))
    (entry,) = trail.entries(registry)
    assert (entry.by, entry.action, entry.subject, entry.reason) == (
        "Office",
        "batch.withdraw",
        "B1",
        "wrong meter",
    )
    assert entry.details == '{"n":3}'
    assert entry.at.endswith("+00:00")
    assert trail.entries(registry, "B2") == []


@pytest.mark.parametrize("deed", [Deed(" ", "batch.withdraw", "B1"), Deed("Office", "batch.eat", "B1")])
def test_nobody_and_unknown_actions_are_defects(registry: Registry, deed: Deed) -> None:
    with pytest.raises(ValueError, match="no entry of the trail"):
        trail.record(registry, deed)
    assert trail.entries(registry) == []
    assert trail.head(registry) == (0, "0" * 64)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET reason = 'x' WHERE sequence = 2",
        "DELETE FROM trail WHERE sequence = 3",
        "DELETE FROM trailhead",
        "UPDATE trailhead SET sequence = 1",
    ],
)
def test_the_database_refuses_to_change_or_remove_entries(registry: Registry, statement: str) -> None:
    filled(registry)
    with pytest.raises(IntegrityError, match="append-only"), registry.engine.begin() as connection:
        connection.execute(text(statement))
    assert trail.broken_link(registry) is None


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE trail SET by = 'Treasury' WHERE sequence = 2"], Break(2, "content")),
        (["UPDATE trail SET at = replace(at, '20', '19') WHERE sequence = 1"], Break(1, "content")),
        (["UPDATE trail SET details = '{ }' WHERE sequence = 3"], Break(3, "content")),
        (["UPDATE trail SET details = '{' WHERE sequence = 3"], Break(3, "content")),
        (["UPDATE trail SET details = '[]' WHERE sequence = 3"], Break(3, "content")),
        (["UPDATE trail SET hash = previous_hash WHERE sequence = 2"], Break(2, "content")),
        (["DELETE FROM trail WHERE sequence = 1"], Break(1, "missing")),
        (["DELETE FROM trail WHERE sequence = 3"], Break(3, "end")),
        (["DELETE FROM trail", "DELETE FROM trailhead"], Break(1, "end")),
        (["DELETE FROM trailhead"], Break(4, "end")),
        (
            [
                "UPDATE trail SET sequence = 9 WHERE sequence = 2",
                "UPDATE trail SET sequence = 2 WHERE sequence = 3",
                "UPDATE trail SET sequence = 3 WHERE sequence = 9",
            ],
            Break(2, "content"),
        ),
    ],
)
def test_what_is_changed_all_the_same_is_found(
    registry: Registry, statements: list[str], expected: Break
) -> None:
    filled(registry)
    forced(registry, *statements)
    assert trail.broken_link(registry) == expected


def test_an_entry_stands_only_if_what_it_tells_of_does(registry: Registry) -> None:
    with registry.session() as session:
        trail.append(session, Deed("Office", "release.create", "r"))
        session.rollback()
    filled(registry, 1)
    assert [entry.sequence for entry in trail.entries(registry)] == [1]
    assert trail.broken_link(registry) is None


def test_two_writers_make_one_chain(registry: Registry, tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url(tmp_path), name], stderr=subprocess.PIPE)
        for name in ("Office", "Treasury")
    ]
    assert [writer.wait() for writer in writers] == [0, 0], [writer.stderr for writer in writers]
    for writer in writers:
        assert writer.stderr is not None
        writer.stderr.close()
    found = trail.entries(registry)
    assert [entry.sequence for entry in found] == list(range(1, 81))
    assert sorted(entry.by for entry in found) == ["Office"] * 40 + ["Treasury"] * 40
    assert trail.broken_link(registry) is None
