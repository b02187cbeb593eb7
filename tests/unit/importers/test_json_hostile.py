"""Whatever stands in a document: an import that counts, or a file refused with a reason."""

import copy
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from golden.standard.comparison import workspace

from bilanz.errors import FileRefused
from importers.base import FileSample, Importer, ImportRequest, importers_found

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = (
    *("acn_data", "datadis", "enedis", "energinet", "fingrid", "fluvius", "mijn_aansluiting"),
    *("ocpi", "ocpp"),
)
FILES = [path for name in NAMES for path in sorted((GOLDEN / name).glob("*.json"))]
ODD: list[Any] = [
    *(None, True, 0, -1, "", [], {}, "x", "\ud800", "\x00", "null", "1,5", [None], [[]], {"a": {}}),
    *("9" * 30, 10**40, 1e308, 1e-300, "24:00", "25:00", "2024/02/30", "9999-12-31T23:59:59Z"),
    *("0001-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "2024-03-31 02:30:00", "2024-10-27 02:30:00"),
    *("P1M", "P1D", "P10000Y", "PT0S", "PT15M", "kVArh", "m3", "Mon, 32 Jan 2024 00:00:00 GMT"),
]


def places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield from places(inner, (*place, key))


def at(document: Any, place: tuple[Any, ...]) -> Any:  # noqa: ANN401 - what a JSON document holds
    for key in place:
        document = document[key]
    return document


def changed(document: Any, choice: random.Random) -> Any:  # noqa: ANN401 - what a JSON document holds
    """Return a document with one to three places deleted, doubled, or holding something else."""
    document = copy.deepcopy(document)
    for _ in range(choice.randint(1, 3)):
        every = [place for place in places(document) if place]
        if not every:
            break
        *outer, key = choice.choice(every)
        inside = at(document, tuple(outer))
        kind = choice.random()
        if kind < 0.15:
            del inside[key]
        elif kind < 0.3:
            inside[key] = copy.deepcopy(at(document, choice.choice(every)))
        elif kind < 0.4 and isinstance(inside, list):
            inside.extend(copy.deepcopy(inside))
        else:
            inside[key] = copy.deepcopy(choice.choice(ODD))
    return document


def taken(importer: Importer, path: Path) -> None:
    importer.identify(FileSample.of(path))
    with suppress(FileRefused):
        importer.read(path, ImportRequest(), workspace(path.parent)).check()


def test_there_are_files() -> None:
    assert len(FILES) >= 2 * len(NAMES) - 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_changed_documents(path: Path, tmp_path: Path) -> None:
    importer = next(it for it in importers_found() if it.name == path.parent.name)
    document, choice = json.loads(path.read_text(encoding="utf-8")), random.Random(path.stem)  # noqa: S311
    target = tmp_path / "file.json"
    for _ in range(12):
        target.write_text(json.dumps(changed(document, choice)), encoding="utf-8")
        taken(importer, target)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"null", b"1", b'""', b"[[[]]]", b"{", b"[" * 100_000, b"\xff\xfe"]
)
def test_documents_that_hold_nothing(name: str, data: bytes, tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    target.write_bytes(data)
    taken(next(it for it in importers_found() if it.name == name), target)
