"""A few damaged files of every importer; many of them are read by `make fuzz`."""

import pytest
from fuzz.mutate import CHANGES, Change, damaged, damaged_inside
from fuzz.reading import Seed, read_all, seeds
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from importers.base import importers_found

SEEDS = seeds()


def test_every_importer_has_a_seed() -> None:
    assert {seed.importer for seed in SEEDS} == {importer.name for importer in importers_found()}


POINTERS = {"territory_population"}
"""Importers that refuse every file, because another command reads it."""

READ = [seed for seed in SEEDS if seed.importer not in POINTERS]


@pytest.mark.parametrize("seed", READ, ids=lambda seed: f"{seed.importer}-{seed.name}")
def test_a_good_file_is_read_to_the_end(seed: Seed) -> None:
    assert seed.importer in read_all(seed, seed.data)


@settings(
    max_examples=120,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
@given(seed=st.sampled_from(SEEDS), changes=st.lists(CHANGES, min_size=1, max_size=6), inside=st.booleans())
def test_a_damaged_file_is_refused_or_counted(seed: Seed, changes: list[Change], inside: bool) -> None:  # noqa: FBT001
    read_all(seed, damaged_inside(seed.data, changes) if inside else damaged(seed.data, changes))
