"""What a file is by its first bytes, whatever its name says: a web page, a picture, a PDF, an archive."""

from typing import Final

from importers.formats.compound import SIGNATURE

_MARKS: Final = (
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (SIGNATURE[:4], "office"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"\x1f\x8b", "compressed"),
    (b"\xfd7zXZ", "compressed"),
    (b"(\xb5/\xfd", "compressed"),
    (b"7z\xbc\xaf", "compressed"),
    (b"Rar!", "compressed"),
    (b"SQLite format 3\0", "database"),
)
_PAGES: Final = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"


def nature(head: bytes) -> str | None:
    """Return what the first bytes show: "html", "xml", "pdf", "picture", "archive", …; None: no mark."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    bare = head
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        bare = head[2:].replace(b"\0", b"")
    start = bare.lstrip(_BLANKS)[:64].lower()
    if start.startswith(_PAGES):
        return "html"
    return "xml" if start.startswith(b"<?xml") else None
