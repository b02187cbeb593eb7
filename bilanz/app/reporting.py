"""Results → dashboards on disk."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from bilanz.books import Book
from bilanz.errors import UsageError
from bilanz.messages import Language, translate
from bilanz.result import Result

if TYPE_CHECKING:
    from reports.base import Wording


def render(
    result: Result,
    language: Language,
    path: Path,
    *,
    title: str | None = None,
    books: Iterable[Book] = (),
    product_groups: Mapping[str, str] | None = None,
) -> Path:
    """Write the dashboard of a result as one self-contained HTML file and return its path.

    The file appears whole or not at all: it is written beside its place and moved there.

    Args:
        result: one run over one year.
        language: language of every text, number and month.
        path: the file; its folder is made where it is missing.
        title: heading of the page; None: a neutral one.
        books: the books of the run, for the reasons of their verdicts and exclusions.
        product_groups: code → name in the language; a code without a name is shown as it is.

    Raises:
        UsageError: the path cannot be written.
    """
    from reports.page import page

    wording = wording_of(language, books=books, product_groups=product_groups or {})
    text = page(result, wording, title=title or translate("Climate balance", language))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            stream.write(text.encode())
        temporary = Path(stream.name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(
            'The dashboard could not be written to "{path}" ({reason}).',
            path=path,
            reason=error.strerror or error,
        ) from error
    return path


def wording_of(language: Language, *, books: Iterable[Book], product_groups: Mapping[str, str]) -> "Wording":
    """Return what the sections need beside the frames: the sentences of the books and names of groups."""
    from reports.base import Wording

    known = tuple(books)
    return Wording(
        language,
        product_groups=product_groups,
        verdicts={book.id: tuple(reason.of(language) for reason in book.reasons) for book in known},
        exclusions={book.id: tuple(entry.reason.of(language) for entry in book.exclusions) for book in known},
    )
