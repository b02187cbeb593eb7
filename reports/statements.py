"""What has to be read with the figures of a result: label and sentence, for the cover of every form."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import coverage, gaps, intervals, names, numbers
from reports.base import Wording
from reports.totals import counted, named

Statement = tuple[str, str]


def organisation_names(result: Result) -> str:
    """Return the names of the organisations all others belong to."""
    organisations = result.organisations
    within = organisations["organisation"].implode()
    roots = organisations.filter(pl.col("parent").is_null() | ~pl.col("parent").is_in(within))["name"]
    return " · ".join(roots)


def period(result: Result, language: Language) -> str:
    """Return the first and last day of the period."""
    year = result.manifest.year
    return f"{numbers.day(date(year, 1, 1), language)} – {numbers.day(date(year, 12, 31), language)}"


def statements(result: Result, wording: Wording, books: Sequence[str] = ()) -> list[Statement]:
    """Return who, when, which books and potentials, how complete, how sure, and the hashes.

    `books`: those the form is made of; none: all of the run.
    """
    language, chosen = wording.language, books or result.manifest.books
    return [
        (
            translate("Organisation", language),
            organisation_names(result) or translate("not stated", language),
        ),
        (translate("Period", language), period(result, language)),
        *_books(result, wording, chosen),
        *_completeness(result, language, chosen),
        *_certainty(result, language, chosen),
        *hashes(result, language),
    ]


def _books(result: Result, wording: Wording, books: Sequence[str]) -> list[Statement]:
    """Return the books, their potentials, verdicts and exclusions."""
    language = wording.language
    label = translate("Books", language)
    told = [
        (
            label,
            translate(
                "Each book answers another question about the same consumption. They are shown side by side "
                "and are never added.",
                language,
            ),
        ),
        (
            translate("Global warming potentials", language),
            names.potentials(result.manifest.gwp, language),
        ),
    ]
    for book in books:
        name = names.book(book, language)
        told += [(name, sentence) for sentence in wording.verdicts.get(book, ())]
        told += [
            (name, f"{translate('Left out by the book', language)}: {sentence}")
            for sentence in wording.exclusions.get(book, ())
        ]
    return told


def _completeness(result: Result, language: Language, books: Sequence[str]) -> list[Statement]:
    """Return how much of the year is known and has a factor."""
    part = coverage.source_months(result)
    told = translate(
        "{part} of {whole} expected source-months hold data ({share}); nothing was filled in for the others.",
        language,
        part=numbers.decimal(part.part, language),
        whole=numbers.decimal(part.whole, language),
        share=numbers.share(part.share, language),
    )
    label = translate("Coverage", language)
    found = [(label, told + gaps.sentence(result, language))]
    for book in books:
        having = coverage.with_factor(result, book)
        sentence = translate(
            "{book}: {part} of {whole} source-months that need a factor have one ({share}).",
            language,
            book=names.book(book, language),
            part=numbers.decimal(having.part, language),
            whole=numbers.decimal(having.whole, language),
            share=numbers.share(having.share, language),
        )
        found.append((label, sentence))
    return found


def _certainty(result: Result, language: Language, books: Sequence[str]) -> list[Statement]:
    """Return the shares by quality of the data and by grade of the factor, and the interval."""
    found = []
    for book in books:
        grades = coverage.by_grade(result).filter(pl.col("book") == book)
        for label, frame, name in (
            ("Quality of the quantities", _by_quality(result, book), names.quality),
            ("Fit of the factors", grades.select("grade", "share"), names.grade),
        ):
            parts = [
                f"{name(code, language)} {numbers.share(share, language)}"
                for code, share in frame.iter_rows()
            ]
            if parts:
                said = f"{names.book(book, language)}: {'; '.join(parts)}"
                found.append((translate(label, language), said))
        said = f"{names.book(book, language)}: {intervals.span(intervals.of_total(result, book), language)}"
        found.append((translate("95 % interval", language), said))
    return found


def _by_quality(result: Result, book: str) -> pl.DataFrame:
    """Return quality and its share of the absolute amounts of a book, the largest first."""
    size = pl.col("co2e_kg").cast(pl.Float64).abs().sum()
    sums = (
        counted(result.lines)
        .filter(pl.col("book") == book, pl.col("co2e_kg").is_not_null())
        .group_by("quality")
        .agg(size.alias("_size"))
    )
    whole = pl.col("_size").sum()
    shares = sums.with_columns(pl.when(whole > 0).then(pl.col("_size") / whole).alias("share"))
    return shares.sort(["share", "quality"], descending=[True, False]).select("quality", "share")


def hashes(result: Result, language: Language) -> list[Statement]:
    """Return what the figures can be found and checked by."""
    pinned = result.manifest
    release = (
        f"{pinned.release_name} ({pinned.factor_release})" if pinned.release_name else pinned.factor_release
    )
    return [
        (translate("Release of the factors", language), release),
        (translate("Version of the program", language), pinned.code_version),
        (translate("Hash of the result", language), pinned.result_hash),
        (translate("Hash of the manifest", language), pinned.manifest_hash),
    ]


def organisation_list(result: Result, language: Language) -> pl.DataFrame:
    """Return the organisations with a line in the balance: name and number of sources, by name."""
    told = result.lines.group_by("organisation").agg(pl.col("source").n_unique().alias("sources"))
    known = dict(result.organisations.select("organisation", "name").iter_rows())
    missing = numbers.missing(language)
    return named(
        told.sort("organisation", nulls_last=True),
        "organisation",
        lambda code: missing if code is None else known.get(code) or code,
        alias="name",
    )
