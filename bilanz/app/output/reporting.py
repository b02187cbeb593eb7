"""Results → dashboards on disk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING

from bilanz.app.beside.verdicts import NOT_CONFORM, verdict_of
from bilanz.app.shown.summary import summary
from bilanz.books import Book, read_all
from bilanz.errors import Refused, UsageError
from bilanz.messages import Language, translate
from bilanz.result import Result

if TYPE_CHECKING:
    from reports.base import Wording
    from reports.export import Export


def render(
    result: Result,
    language: Language,
    path: Path,
    *,
    title: str | None = None,
    books: Iterable[Book] | None = None,
    product_groups: Mapping[str, str] | None = None,
) -> Path:
    """Write the dashboard of a result as one self-contained HTML file and return its path.

    The file appears whole or not at all: it is written beside its place and moved there. The same result,
    language and title give the same bytes.

    Args:
        result: one run over one year.
        language: language of every text, number and month.
        path: the file; its folder is made where it is missing.
        title: heading of the page; None: a neutral one.
        books: the books of the run, for the reasons of verdicts and exclusions; None: the shipped ones.
        product_groups: code → name in the language; None: those of the shipped catalogue.

    Raises:
        UsageError: the path cannot be written.
    """
    from reports.page import page

    text = page(
        result,
        wording(language, books=books, product_groups=product_groups, result=result),
        title=title or translate("Climate balance", language),
    )
    return put_file(path, lambda target: target.write_bytes(text.encode()))


def render_pages(
    result: Result,
    language: Language,
    folder: Path,
    *,
    title: str | None = None,
    books: Iterable[Book] | None = None,
    product_groups: Mapping[str, str] | None = None,
    site_names: Mapping[str, str] | None = None,
    viewed: Callable[[Result], Result] = lambda part: part,
) -> Path:
    """Write the page of the whole and one per organisation and site into a folder; return its index.

    A folder of an earlier time is replaced as a whole, so that no page of it is left over.

    Raises:
        Refused: the folder holds something else than pages.
        UsageError: it cannot be written.
    """
    from reports.pages import pages

    if folder.exists() and any(entry.suffix != ".html" for entry in folder.iterdir()):
        raise Refused("{path} holds something else than pages; nothing was changed.", path=folder)
    said = wording(language, books=books, product_groups=product_groups, result=result)
    told = pages(
        result,
        said,
        title=title or translate("Climate balance", language),
        site_names=site_names or {},
        viewed=viewed,
    )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as work:
            made = Path(work) / folder.name
            made.mkdir()
            for name, text in told:
                (made / name).write_bytes(text.encode())
            if folder.exists():
                folder.rename(Path(work) / "former")
            made.rename(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder / "index.html"


def print_page(page: Path, path: Path) -> Path:
    """Print a page to PDF with Chromium and return the path.

    Raises:
        Refused: there is no Chromium, or it failed.
        UsageError: the path cannot be written.
    """
    from bilanz.app.output.printing import to_pdf

    return put_file(path, lambda target: to_pdf(page, target))


def write_export(form: "Export", result: Result, said: "Wording", path: Path) -> Path:
    """Write one export and return its path; the file appears whole or not at all.

    Raises:
        Refused: the result lacks what the form cannot be without.
        UsageError: the path cannot be written.
    """
    told = replace(said, summary=summary(result))
    return put_file(path, lambda target: form.write(result, told, target))


def put_file(path: Path, write: Callable[[Path], object]) -> Path:
    """Let a file be written beside its place and move it there."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            temporary = Path(stream.name)
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def _unwritable(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or error
    return UsageError('"{path}" could not be written ({reason}).', path=path, reason=reason)


def wording(
    language: Language,
    *,
    books: Iterable[Book] | None = None,
    product_groups: Mapping[str, str] | None = None,
    result: Result | None = None,
) -> "Wording":
    """Return what the sections need beside the frames: sentences of the books, names of product groups.

    `result`: the run whose own factors may change a verdict.
    """
    from reports.base import Wording

    known = _shipped_books() if books is None else tuple(books)
    told = {
        book.id: (book.verdict, book.reasons) if result is None else verdict_of(result, book)
        for book in known
    }
    return Wording(
        language,
        product_groups=_shipped_groups(language) if product_groups is None else product_groups,
        verdicts={
            name: tuple(reason.of(language) for reason in reasons) for name, (_, reasons) in told.items()
        },
        broken=frozenset(name for name, (verdict, _) in told.items() if verdict == NOT_CONFORM),
        exclusions={book.id: tuple(entry.reason.of(language) for entry in book.exclusions) for book in known},
        supplementary=frozenset(book.id for book in known if book.is_supplementary),
        pairs={book.id: book.beside for book in known if book.beside is not None},
    )


def _shipped_books() -> tuple[Book, ...]:
    """Return the shipped books."""
    import factors

    return tuple(read_all(Path(factors.__file__).parent / "books").values())


def _shipped_groups(language: Language) -> dict[str, str]:
    """Return code → name of the shipped product groups."""
    from factors.base import catalogue

    return dict(catalogue().product_groups.select("product_group", language).drop_nulls().iter_rows())
