"""The log of scheduled runs: one JSON object per line, in the data directory and on standard error."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOGGER = logging.getLogger("bilanz.run")
LOG_FILE = "run.log.jsonl"


class JsonLine(logging.Formatter):
    """Writes `ts`, `level` and the fields of a step as one line; a trace stays inside its line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"ts": moment, "level": record.levelname.lower(), "step": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


@contextmanager
def opened(data: Path) -> Iterator[None]:
    """Send the steps of a run to its log file; to standard error too, unless a person watches there."""
    handlers: list[logging.Handler] = [logging.FileHandler(data / LOG_FILE, encoding="utf-8")]
    if not sys.stderr.isatty():
        handlers.append(logging.StreamHandler(sys.stderr))
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    for handler in handlers:
        handler.setFormatter(JsonLine())
        LOGGER.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            LOGGER.removeHandler(handler)
            handler.close()


def step(name: str, **fields: object) -> None:
    """Log one step."""
    LOGGER.info(name, extra={"fields": fields})


def defect(name: str, error: Exception, **fields: object) -> None:
    """Log a step that failed for a defect of the program, with its trace."""
    LOGGER.error(name, exc_info=error, extra={"fields": fields})
