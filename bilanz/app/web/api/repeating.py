"""Requests with an `Idempotency-Key`: sent again, they are answered as the first time and done once.

no key ─────────────────────────► done
key ─► new ─────────────────────► done, the answer is kept
    ├► same content, answered ──► the answer of the first time, `Idempotency-Replayed: true`
    ├► same content, in progress► 409
    └► other content ───────────► 422
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, BinaryIO, Final, TypeVar

from fastapi import Header, Response
from pydantic import BaseModel

from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.errors import Refused, UsageError
from bilanz.job import Repeatable
from bilanz.registry import repeatable

KEPT: Final = timedelta(days=1)
"""How long a key is remembered."""

REPLAYED: Final = "Idempotency-Replayed"
_LONGEST: Final = 64
_CHUNK: Final = 1 << 20

Answer = TypeVar("Answer", bound=BaseModel)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=_LONGEST,
        pattern=r"^[A-Za-z0-9._:~-]+$",
        description="Chosen by the program, new for every deed: the same key and content are done once.",
        examples=["5f0b6a52-2f0e-4c9e-9f0b-1f6f3b0f6c11"],
    ),
]

REPEATABLE: Final[dict[str, Any]] = {
    REPLAYED: {
        "description": "`true`: this is the answer of the first time.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
"""How the head of an answer that may be a repeated one is described."""


def digest(stream: BinaryIO | None, *stated: str) -> str:
    """Return the hash of what was asked: a file, read to its end and set back, and what was stated beside."""
    found = hashlib.sha256()
    for text in stated:
        found.update(f"{len(text)}:{text}".encode())
    while stream is not None and (chunk := stream.read(_CHUNK)):
        found.update(chunk)
    if stream is not None:
        stream.seek(0)
    return found.hexdigest()


def once(
    server: Server,
    caller: Caller,
    response: Response,
    key: str | None,
    content: str,
    model: type[Answer],
    act: Callable[[], Answer],
) -> Answer:
    """Do something, or return what it gave when it was asked for under the same key before.

    Args:
        server: where keys are kept.
        caller: whose key it is.
        response: whose head tells that the answer is that of the first time.
        key: of the request; None: it is done in any case.
        content: `digest` of what is asked.
        model: of the answer.
        act: does it.

    Raises:
        UsageError: something else was asked under this key.
        Refused: it is being done at this moment.
    """
    if key is None:
        return act()
    user, registry = caller.user.id, server.registry
    repeatable.forget_older(registry, (datetime.now(UTC) - KEPT).isoformat(timespec="microseconds"))
    before = repeatable.begin(registry, user, key, content)
    if before is not None:
        return _repeated(before, content, model, response)
    try:
        made = act()
    except BaseException:
        repeatable.forget(registry, user, key)
        raise
    location = response.headers.get("location")
    kept = {"answer": made.model_dump(mode="json"), "status": response.status_code, "location": location}
    repeatable.answered(registry, user, key, kept)
    return made


def _repeated(before: Repeatable, content: str, model: type[Answer], response: Response) -> Answer:
    if before.content != content:
        message = "Something else was asked under this key before. Take a new one."
        raise UsageError(message, code="key_used")
    if before.answer is None:
        message = "What was asked under this key is being done at this moment. Ask again later."
        raise Refused(message, code="key_busy")
    response.headers[REPLAYED] = "true"
    if before.answer["status"] is not None:
        response.status_code = before.answer["status"]
    if before.answer["location"] is not None:
        response.headers["location"] = before.answer["location"]
    return model.model_validate(before.answer["answer"])
