"""The stamp grows with what a page about a balance shows, and with nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bilanz.registry import trail
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.stamps import stamp
from bilanz.trail import ACTIONS, Deed

STAMPED = {
    "masterdata.change",
    "masterdata.withdraw",
    "instrument.remove",
    "factors.import",
    "factors.withdraw",
    "release.create",
    "release.pin",
    "release.unpin",
    "period.release",
    "period.close",
    "period.reopen",
    "period.restate",
}
"""Everything else is about files, runs to come, or persons."""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    opened = open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield opened
    opened.close()


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_only_what_a_page_shows_moves_the_stamp(registry: Registry, action: str) -> None:
    trail.record(registry, Deed("olga", "masterdata.change", "sites"))
    assert stamp(registry) == 1
    trail.record(registry, Deed("olga", action, "subject"))
    assert stamp(registry) == (2 if action in STAMPED else 1)


def test_without_an_entry_it_is_zero_and_rows_of_the_fund_move_it(registry: Registry) -> None:
    assert stamp(registry) == 0
    trail.record(registry, Deed("olga", "masterdata.change", "fund_flows"))
    assert stamp(registry) == 1
