"""The security log: signing in, refusals, limits. Short-lived, without payloads."""

import json
import logging
from datetime import UTC, datetime
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Final

from fastapi import Request

from bilanz.app.web.state import Server

DAYS: Final = 90
"""How long it is kept."""

_LONGEST: Final = 100


def open_log(data: Path) -> logging.Logger:
    """Return the security log of a data directory: a line of JSON each, a file a day."""
    log = logging.getLogger(f"bilanz.security.{abs(hash(data.resolve()))}")
    if not log.handlers:
        folder = data / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        handler = TimedRotatingFileHandler(
            folder / "security.log", when="midnight", utc=True, backupCount=DAYS, delay=True, encoding="utf-8"
        )
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    return log


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
