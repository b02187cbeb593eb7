"""What a scheduled run remembers between runs, and that only one works at a time.

The journal closes two gaps a crash can leave: a file committed but still in its inbox (it must not come back
as a duplicate), and data imported but not yet calculated.
"""

import json
from contextlib import AbstractContextManager
from pathlib import Path

from bilanz.app.alone import only_one

_FILE = "run-journal.json"


class Journal:
    """Remembers in the data directory; written before and after each step that must not be repeated."""

    def __init__(self, data: Path) -> None:
        self._path = data / _FILE
        self._state: dict[str, str | bool] = {}
        if self._path.exists():
            self._state = json.loads(self._path.read_text(encoding="utf-8"))

    @property
    def in_hand(self) -> str | None:
        """SHA-256 of the file a run was importing when it last wrote; None: none."""
        return str(self._state["in_hand"]) if "in_hand" in self._state else None

    @property
    def is_stale(self) -> bool:
        """Whether data came in, or may have, that no finished calculation contains."""
        return bool(self._state)

    def take(self, sha256: str) -> None:
        """Note that a file is about to be imported."""
        self._state["in_hand"] = sha256
        self._write()

    def lay_down(self, *, is_new: bool) -> None:
        """Note that the file taken is put away, and whether it brought data."""
        del self._state["in_hand"]
        if is_new:
            self._state["is_stale"] = True
        self._write()

    def settle(self) -> None:
        """Note that everything imported is calculated and rendered."""
        self._state = {}
        self._write()

    def _write(self) -> None:
        fresh = self._path.with_suffix(".tmp")
        fresh.write_text(json.dumps(self._state), encoding="utf-8")
        fresh.replace(self._path)


def hold(data: Path, wait: float) -> AbstractContextManager[None]:
    """Keep other runs over the same data directory out.

    Raises:
        StoreBusy: another run holds it for longer than `wait` seconds.
    """
    message = "Another scheduled run works on {data}. Nothing was imported; the files wait."
    return only_one(data, "run", message, wait=wait)
