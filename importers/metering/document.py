"""A JSON document as a tree nobody vouches for: found by keys, wherever they stand, whatever stands there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from importers.formats.json import head_text

Node = Mapping[str, Any]
"""One object of a document."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def objects(document: object) -> Iterator[Node]:
    """Yield every object of a document in its order, the outer before the inner one."""
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            stack.extend(reversed(value.values()))
        elif isinstance(value, list):
            stack.extend(reversed(value))


def nodes(value: object) -> list[Node]:
    """Return the objects of a list, or the object itself; whatever else there is has nothing to say."""
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


def node(value: object) -> Node:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str | None:
    """Return a scalar as text, numbers with all their digits; null is None.

    A list or an object where a scalar belongs becomes a sign that is neither a number nor a date, so that the
    value is rejected with its place.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value) if not value.isascii() else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    return str(value)


def first(entry: Node, names: Sequence[str]) -> str | None:
    """Return the first of several members that says anything, as text."""
    for name in names:
        found = text(entry.get(name))
        if found is not None and found.strip():
            return found.strip()
    return None


def has_members(head: bytes, *names: str) -> bool:
    """Return whether the first bytes of a file begin a JSON document with members of these names."""
    text_ = head_text(head)
    return text_ is not None and all(re.search(f'"{re.escape(name)}"\\s*:', text_) for name in names)
