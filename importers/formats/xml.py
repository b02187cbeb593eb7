"""XML as a stream of elements: no entities, no document type, no network, no giant nodes.

A file is read once, element by element; what has been handed over is cleared, so that memory depends on one
element and not on the file. Elements are addressed by local name: prefixes and versions of namespaces differ
between senders, names do not.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias, cast

from lxml import etree

from bilanz.errors import FileRefused

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for its elements

LIMIT: Final = 2 * 1024**3
"""Largest file read, in bytes. A single text (an attachment) may have 10 MB: the parser's own guard."""

MARKS: Final = 12_000_000
"""Most tags and attributes of a file whose elements need not be those that are handed over: what is not
cleared stays in memory, with up to 250 bytes for each."""

_CHUNK: Final = 1 << 20
_LINES_EXACT: Final = 65_535
_PROLOG_BYTES: Final = 65_536
_BEFORE_ROOT: Final = re.compile(r"<\?[^>]*?\?>|<!--.*?-->", re.DOTALL)
_ROOT: Final = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")
_FIRST_ELEMENT: Final = re.compile(r"<[A-Za-z_]")
_ENCODINGS: Final = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


class LocalNames(dict[object, str]):
    """Full name of an element → its name without namespace, cut once: for loops over many elements."""

    def __missing__(self, tag: object) -> str:
        """Cut a name met for the first time."""
        return self.setdefault(tag, str(tag).rpartition("}")[2])


def row(element: Element) -> int:
    """Return the 1-based physical line of an element's tag.

    The parser keeps 16 bits of it; beyond, it reports the line where the text behind the tag ends.
    """
    line = cast("int | None", element.sourceline) or 1
    if line < _LINES_EXACT or not len(element):
        return line
    if element.text:
        return line - element.text.count("\n")
    return row(element[0])


def children(element: Element, *path: str) -> Iterator[Element]:
    """Yield the elements below `element` along a path of local names, in document order."""
    if not path:
        yield element
        return
    for child in element:
        if local(child) == path[0]:
            yield from children(child, *path[1:])


def child(element: Element, *path: str) -> Element | None:
    """Return the first element along a path of local names, or None."""
    return next(children(element, *path), None)


def text(element: Element, *path: str) -> str | None:
    """Return the trimmed text of the first element along a path; None where there is none or it is empty."""
    found = child(element, *path)
    value = (found.text or "").strip() if found is not None else ""
    return value or None


def texts(element: Element, *path: str) -> tuple[str, ...]:
    """Return the trimmed texts of every element along a path, empty ones left out."""
    return tuple(value for found in children(element, *path) if (value := (found.text or "").strip()))


def head_text(head: bytes) -> str:
    """Return the first bytes of a file as text, for a look at the root element; never raises."""
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), "utf-8")
    return head.decode(encoding, errors="replace").lstrip("\ufeff")


def root_name(head: bytes) -> str | None:
    """Return the local name of the root element from the first bytes of a file; None: no XML, or not seen."""
    found = _ROOT.match(_BEFORE_ROOT.sub("", head_text(head)))
    return found[1] if found is not None else None


def read(
    path: Path,
    *,
    items: Callable[[Element], None],
    names: frozenset[str],
    drop: frozenset[str] = frozenset(),
    limit: int = LIMIT,
    marks: int | None = None,
) -> Element:
    """Hand every element named in `names` to `items` and clear it; return the root with what is left.

    Args:
        path: the file.
        items: called at the end of each such element, in document order.
        names: local names of the elements to hand over.
        drop: local names of elements whose content is cleared unread (attachments).
        limit: largest file size in bytes.
        marks: most tags and attributes; None: as many as fit.

    Raises:
        FileRefused: larger than the limits, a document type or entities, or not well-formed.
    """
    _check_size(path, limit)
    _check_prolog(path)
    if marks is not None:
        _check_marks(path, marks)
    try:
        return _parse(path, items, names, drop)
    except etree.XMLSyntaxError as error:
        raise _refusal(path, error) from None


def _refusal(path: Path, error: etree.XMLSyntaxError) -> FileRefused:
    reason, row = error.msg or "–", error.lineno or 1
    if "depth" in reason.lower():
        message = "{file} is nested more deeply than any document of this kind; such XML is not read."
        return FileRefused(message, code="unsafe_xml", file=path.name)
    if "huge" in reason.lower():
        message = "{file} holds a text of more than 10 MB (an attachment); such XML is not read."
        return FileRefused(message, code="too_large", file=path.name)
    if "encoding" in reason.lower():
        message = "{file}, row {row}: the file is not written in the encoding it states ({reason})."
        return FileRefused(message, code="malformed_xml", file=path.name, row=row, reason=reason)
    message = "{file}, row {row}: this is not well-formed XML ({reason})."
    return FileRefused(message, code="malformed_xml", file=path.name, row=row, reason=reason)


def _parse(
    path: Path, items: Callable[[Element], None], names: frozenset[str], drop: frozenset[str]
) -> Element:
    with path.open("rb") as stream:
        events = etree.iterparse(
            stream,
            events=("end",),
            tag=[f"{{*}}{name}" for name in sorted(names | drop)],
            load_dtd=False,
            no_network=True,
            resolve_entities=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
        )
        known = LocalNames()
        for _, element in events:
            if known[element.tag] in names:
                items(element)
            _clear(element)
        root: Element = events.root
    if cast("etree.DTD | None", root.getroottree().docinfo.internalDTD) is not None:
        raise _document_type(path)
    return root


def _clear(element: Element) -> None:
    """Empty an element and remove its siblings that were emptied before: the tree stays small."""
    element.clear()
    before = element.getprevious()
    parent = element.getparent()
    if before is not None and parent is not None and before.tag == element.tag:
        parent.remove(before)


def _check_size(path: Path, limit: int) -> None:
    size = path.stat().st_size
    if size > limit:
        raise FileRefused(
            "{file} has {size} MB; XML of this kind is read up to {limit} MB.",
            code="too_large",
            file=path.name,
            size=size // 1024**2,
            limit=limit // 1024**2,
        )


def _check_marks(path: Path, marks: int) -> None:
    found = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found += chunk.count(b"<") + chunk.count(b"=")
            if found > marks:
                message = (
                    "{file} holds more than {limit} tags and attributes; such XML is not read. Split it."
                )
                raise FileRefused(message, code="too_large", file=path.name, limit=marks)


def _check_prolog(path: Path) -> None:
    with path.open("rb") as stream:
        prolog = head_text(stream.read(_PROLOG_BYTES))
    first = _FIRST_ELEMENT.search(prolog)
    if "<!DOCTYPE" in prolog[: first.start() if first else None]:
        raise _document_type(path)


def _document_type(path: Path) -> FileRefused:
    return FileRefused(
        "{file} declares a document type or entities; such XML is not read.",
        code="unsafe_xml",
        file=path.name,
    )
