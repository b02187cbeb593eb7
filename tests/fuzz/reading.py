"""One damaged file through every reader: a refusal or a counted result, in bounded time; else a defect."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from bilanz.errors import BilanzError
from bilanz.store.scratch import ScratchDatabase, new_scratch
from importers.base import FileSample, ImportRequest, Workspace, importers_found
from importers.profiles.profile import MappingProfile

GOLDEN = Path(__file__).parents[1] / "golden"
SECONDS = 20
"""No damaged file of some kilobytes may take longer."""

PROFILE = MappingProfile.model_validate(
    {
        "name": "fuzz",
        "header": ["Objekt", "Jahr", "Strom kWh", "Gas kWh"],
        "columns": {"site": "Objekt", "year": "Jahr"},
        "values": [
            {"column": "Strom kWh", "activity": "electricity", "unit": "kWh"},
            {"column": "Gas kWh", "activity": "natural_gas", "unit": "kWh", "basis": "Hs"},
        ],
        "period": "year",
    }
)


REQUESTS = {
    "mapped": ImportRequest(source="S", zone="Europe/Berlin", profile=PROFILE),
    "open_energy_dashboard": ImportRequest(
        source="S", zone="America/Chicago", unit="kWh", declared={"reading": "interval"}
    ),
}
"""What has to be stated beside the files of an importer."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A good file, and who reads it."""

    importer: str
    name: str
    data: bytes = field(repr=False)


def seeds() -> list[Seed]:
    """Return the golden inputs of all importers, the small ones: damage spreads better there."""
    names = {importer.name for importer in importers_found()}
    found = [
        Seed(folder.name, path.name, path.read_bytes())
        for folder in sorted(GOLDEN.iterdir())
        if folder.name in names - {"mapped"}  # each of its files has a profile of its own
        for path in sorted(folder.iterdir())
        if path.is_file() and _is_input(path) and path.stat().st_size < 60_000
    ]
    table = "Objekt;Jahr;Strom kWh;Gas kWh\nRathaus;2023;1.234,5;20\nBad;2023;;7\n"
    return [*found, Seed("mapped", "list.csv", table.encode())]


def _is_input(path: Path) -> bool:
    expected = (
        ".py",
        ".records.csv",
        ".issues.csv",
        ".readings.csv",
        ".series.csv",
        ".expected.json",
        ".rejects.csv",
    )
    if path.name.endswith(expected):
        return False
    twins = [other for other in path.parent.iterdir() if other.stem == path.stem and other != path]
    return not (
        path.suffix == ".json" and any(other.suffix in {".xml", ".txt", ".edi", ".pdf"} for other in twins)
    )


class TooSlow(Exception):
    """A reader took longer than anything of this size may."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Interrupt what takes too long."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(seconds)

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def read_all(seed: Seed, data: bytes) -> set[str]:
    """Let every importer look at a file, and those that claim it (and the seed's own) read it.

    Returns: names of the importers that read it to the end.

    Raises:
        AssertionError: a reader lost rows.
        Exception: a reader raised something other than a refusal: a defect.
    """
    done = set()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name, limited(SECONDS):
        directory = Path(name)
        path = directory / seed.name
        path.write_bytes(data)
        sample = FileSample.of(path)
        for importer in importers_found():
            claim = importer.identify(sample) if sample.size else None
            if claim is None and importer.name != seed.importer:
                continue
            work = directory / importer.name
            work.mkdir()
            opened: list[ScratchDatabase] = []

            def lend(work: Path = work, opened: list[ScratchDatabase] = opened) -> ScratchDatabase:
                opened.append(new_scratch(work))
                return opened[-1]

            request = REQUESTS.get(importer.name, ImportRequest(source="S", zone="Europe/Berlin"))
            try:
                importer.read(path, request, Workspace(work, scratch=lend)).check()
                done.add(importer.name)
            except BilanzError:
                continue
            finally:
                for database in opened:
                    database.con.close()
    return done
