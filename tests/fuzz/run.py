"""Read many damaged files: `make fuzz INPUTS=100000`. A defect ends the run with its smallest damage."""

import argparse
import resource
import sys
import time
import traceback
from collections import Counter
from multiprocessing import Process, SimpleQueue

from fuzz.mutate import CHANGES, Change, damaged, damaged_inside
from fuzz.reading import Seed, read_all, seeds
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

BATCH = 2000
"""Inputs drawn from one seed."""

MEMORY = 6 * 1024**3
"""Bytes of address space a worker may take."""


def examples(count: int, number: int, told: "SimpleQueue[tuple[str, object]]") -> None:
    """Read so many damaged files in this process; a defect ends its batch, the others go on."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    read: Counter[str] = Counter()
    for batch in range(-(-count // BATCH)):
        try:
            _batch(min(BATCH, count - batch * BATCH), number * 1_000_003 + batch, read)
        except Exception as error:  # noqa: BLE001 - told to the parent, which fails
            notes = "\n".join(getattr(error, "__notes__", ()))
            told.put(("defect", f"{''.join(traceback.format_exception(error)[-6:])}\n{notes}"))
    told.put(("done", dict(read)))


def _batch(count: int, number: int, read: Counter[str]) -> None:
    known = seeds()
    damages = st.lists(CHANGES, min_size=1, max_size=6)

    @seeded(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(seed=st.sampled_from(known), changes=damages, inside=st.booleans())
    def one(seed: Seed, changes: list[Change], inside: bool) -> None:  # noqa: FBT001 - drawn
        data = damaged_inside(seed.data, changes) if inside else damaged(seed.data, changes)
        read[seed.importer] += 1
        for name in read_all(seed, data):
            read[f"{name}: read to the end"] += 1

    one()


def main() -> int:
    """Run the workers and print what was read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given_ = parser.parse_args()
    start = time.monotonic()
    told: SimpleQueue[tuple[str, object]] = SimpleQueue()
    share = -(-given_.inputs // given_.workers)
    workers = [
        Process(target=examples, args=(share, given_.seed + number, told)) for number in range(given_.workers)
    ]
    for worker in workers:
        worker.start()
    counts: Counter[str] = Counter()
    failed = False
    open_ = len(workers)
    while open_:
        kind, content = told.get()
        failed = failed or kind == "defect"
        if isinstance(content, dict):
            counts.update(content)
            open_ -= 1
        else:
            sys.stdout.write(f"{content}\n")
            sys.stdout.flush()
    for worker in workers:
        worker.join()
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{name:40} {count:>8}\n")
    total = sum(count for name, count in counts.items() if ":" not in name)
    sys.stdout.write(f"{total} inputs, {time.monotonic() - start:.0f} s\n")
    return 1 if failed or any(worker.exitcode for worker in workers) else 0


if __name__ == "__main__":
    sys.exit(main())
