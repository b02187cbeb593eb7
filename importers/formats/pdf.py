"""The invoice inside a PDF: the XML attachment of Factur-X, ZUGFeRD or a hybrid XRechnung.

Pages are not looked at. Objects of a PDF may be packed, so a file can unfold; file, packed streams and the
attachment are bounded.
"""

import logging
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError

from bilanz.errors import FileRefused

LIMIT: Final = 64 * 1024**2
"""Largest PDF read, in bytes."""

PAGES: Final = 2_000
ATTACHMENT_LIMIT: Final = 32 * 1024**2
NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Names of the attachment in the order of preference; capitals do not matter."""

_ATTACHES: Final = re.compile(rb"/EmbeddedFiles|/ObjStm")  # written with escapes, or packed
MARK: Final = b"%PDF-"
_NAMED: Final = re.compile(rb"(?:factur-x|zugferd-invoice|xrechnung)\.xml", re.IGNORECASE)
_BROKEN: Final = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    OSError,
)
"""What the library raises at a broken file, beside its own errors."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with the file is said by the refusal


def has_invoice(path: Path, head: bytes) -> bool:
    """Tell whether a file is a PDF that names an invoice as attachment; never raises.

    The name is looked for in the bytes; only where it may be written otherwise is the file opened.
    """
    if not head.lstrip().startswith(MARK):
        return False
    try:
        if not 0 < path.stat().st_size <= LIMIT:
            return False
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if _NAMED.search(data):
                return True
            if not _ATTACHES.search(data):
                return False
        return any(_attached(PdfReader(path)))
    except (*_BROKEN, RecursionError):
        return False


def attachment(path: Path) -> tuple[str, bytes]:
    """Return name and content of the attached invoice.

    Raises:
        FileRefused: `too_large`, `encrypted_pdf`, `malformed_pdf`, or `no_invoice_in_pdf`.
    """
    size = path.stat().st_size
    if size > LIMIT:
        message = "{file} has {size} MB; a PDF is read up to {limit} MB."
        raise FileRefused(
            message, code="too_large", file=path.name, size=size // 1024**2, limit=LIMIT // 1024**2
        )
    try:
        return _first(path)
    except LimitReachedError:
        _refuse_unpacked(path)
    except (*_BROKEN, RecursionError) as error:
        message = "{file} is no PDF that can be read ({reason})."
        raise FileRefused(
            message, code="malformed_pdf", file=path.name, reason=str(error)[:80] or type(error).__name__
        ) from None


def _first(path: Path) -> tuple[str, bytes]:
    reader = PdfReader(path)
    if reader.is_encrypted:
        message = "{file} is encrypted. Ask for the invoice without a password."
        raise FileRefused(message, code="encrypted_pdf", file=path.name)
    if len(reader.pages) > PAGES:
        message = "{file} has {count} pages; an invoice has up to {limit}."
        raise FileRefused(message, code="too_large", file=path.name, count=len(reader.pages), limit=PAGES)
    found = sorted(_attached(reader), key=lambda one: one[0])
    if not found:
        message = "{file} is a PDF without an invoice in it; ask the supplier for XRechnung or ZUGFeRD."
        raise FileRefused(message, code="no_invoice_in_pdf", file=path.name)
    _, name, entry = found[0]
    content: bytes = entry.content  # type: ignore[attr-defined]
    if len(content) > ATTACHMENT_LIMIT:
        _refuse_unpacked(path)
    return name, content


def _attached(reader: PdfReader) -> Iterator[tuple[int, str, object]]:
    """Yield (preference, name, entry) of the attachments that are an invoice by their name."""
    for entry in reader.attachment_list:
        for named in (entry.name, entry.alternative_name):
            name = (named or "").rpartition("/")[2].strip()
            if name.casefold() in NAMES:
                yield NAMES.index(name.casefold()), name, entry
                break


def _refuse_unpacked(path: Path) -> NoReturn:
    message = "{file}: the attached invoice is larger than {limit} MB when unpacked."
    raise FileRefused(message, code="too_large", file=path.name, limit=ATTACHMENT_LIMIT // 1024**2) from None
