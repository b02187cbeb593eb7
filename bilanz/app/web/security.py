"""The security log: signing in, refusals, limits. Short-lived, without payloads."""

import json
import logging
import threading
from datetime import UTC, datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Final

from fastapi import Request

from bilanz.app.web.state import Server

DAYS: Final = 90
"""How long it is kept."""

_LONGEST: Final = 100
_OPENING: Final = threading.Lock()
"""Requests are answered by threads: two at once would enter every later event twice."""


def open_log(data: Path) -> logging.Logger:
    """Return the security log of a data directory: a line of JSON each, a file a day."""
    log = logging.getLogger(f"bilanz.security.{abs(hash(data.resolve()))}")
    with _OPENING:
        if not log.handlers:
            _write_to(log, data / "logs")
    return log


def _write_to(log: logging.Logger, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    handler = TimedRotatingFileHandler(
        folder / "security.log", when="midnight", utc=True, backupCount=DAYS, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def note(server: Server, request: Request, event: str, subject: str = "") -> None:
    """Enter an event: when, what, from where, who is named. No line can be forged: it is JSON."""
    told = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "from": request.client.host if request.client else None,
        "method": request.method,
        "path": request.url.path[:_LONGEST],
        "subject": subject[:_LONGEST],
    }
    open_log(server.settings.data).info(json.dumps(told, ensure_ascii=True, separators=(",", ":")))
