from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import MASS, Result
from reports import behind, charts, coverage, gaps, intervals, names, numbers, territory, theme
from reports.base import Card, Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import named, organisation_name, scope_of, total_of

SCOPES = ("1", "2", "3", "outside", "memo")


class Headline(Section):
    """What the balance says, and how far it can be relied on."""

    name: ClassVar[str] = "headline"
    position: ClassVar[int] = 10

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("At a glance", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return totals, coverage, grades and what the balance rests on."""
        language = wording.language
        found = [
            _totals(result, language),
            *_coverage(result, language),
            *_grades(result, language),
            _basis(result, wording),
        ]
        return found if result.lines.height or result.exceptions.height or result.batches.height else []


def _totals(result: Result, language: Language) -> Panel:
    """Return one card and one row per book."""
    rows = [
        {
            "book": names.book(book, language),
            **{scope: scope_of(result.lines, book, scope) for scope in SCOPES},
            "total": total_of(result.lines, book),
        }
        for book in result.manifest.books
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"book": pl.String}
    schema |= dict.fromkeys([*SCOPES, "total"], MASS)
    columns = (
        Column("book", translate("Book", language)),
        *(_scope_column(scope, language) for scope in SCOPES[:3]),
        Column(
            "total",
            translate("Total of scopes 1 to 3", language),
            kind="mass",
            lines={"scope": behind.COUNTED},
        ),
        *(_scope_column(scope, language) for scope in SCOPES[3:]),
    )
    return Panel(
        identifier="headline-totals",
        heading=translate("Emissions {year}", language, year=result.manifest.year),
        finding=_totals_finding(result, language),
        table=pl.DataFrame(rows, schema=schema),
        columns=columns,
        cards=tuple(_card(result, book, language) for book in result.manifest.books),
        lines=tuple({"book": book} for book in result.manifest.books),
        note=translate(
            "Each book answers another question about the same consumption. They are shown side by side and "
            "are never added.",
            language,
        ),
    )


def _scope_column(scope: str, language: Language) -> Column:
    return Column(scope, names.scope(scope, language), kind="mass", lines={"scope": scope})


def _totals_finding(result: Result, language: Language) -> str:
    """Return the totals in one sentence."""
    said = [
        f"{names.book(book, language)}: {numbers.tonnes(total, language)}"
        for book in result.manifest.books
        if (total := total_of(result.lines, book)) is not None
    ]
    if not said:
        return translate("No quantity of this year has a factor yet; there is no total.", language)
    text = translate("Scopes 1 to 3 by book: {totals}.", language, totals="; ".join(said))
    return text + gaps.sentence(result, language)


def _card(result: Result, book: str, language: Language) -> Card:
    """Return the card of a book: total, scopes, what limits it."""
    part = coverage.with_factor(result, book)
    held = coverage.source_months(result).share
    grades = coverage.by_grade(result).filter(pl.col("book") == book)
    exact = grades.filter(pl.col("grade") == "exact")["share"].sum() if grades.height else None
    details = [
        (names.scope(scope, language), numbers.tonnes(value, language))
        for scope in SCOPES
        if (value := scope_of(result.lines, book, scope)) is not None
    ]
    details += [
        (translate("Source-months with data", language), numbers.share(held, language)),
        (translate("Source-months with a factor", language), numbers.share(part.share, language)),
        (translate("Share with an exact factor", language), numbers.share(exact, language)),
        (translate("95 % interval", language), intervals.span(intervals.of_total(result, book), language)),
        (translate("Basis of the quantities", language), intervals.qualities_text(result, book, language)),
    ]
    if book == "bisko":
        details.append((translate("Conformity", language), territory.verdict(result, language)))
    return Card(
        names.book(book, language), numbers.tonnes(total_of(result.lines, book), language), tuple(details)
    )


def _coverage(result: Result, language: Language) -> list[Panel]:
    """Return the coverage by organisation."""
    frame = coverage.by_organisation(result)
    if frame.is_empty():
        return []
    frame = named(frame, "organisation", organisation_name(result, language))
    part = coverage.source_months(result)
    shares = [round(100 * value, 1) for value in frame["share"].to_list()]
    finding = translate(
        "{part} of {whole} expected source-months hold data ({share}); nothing was filled in for the others.",
        language,
        part=numbers.decimal(part.part, language),
        whole=numbers.decimal(part.whole, language),
        share=numbers.share(part.share, language),
    )
    return [
        Panel(
            identifier="headline-coverage",
            heading=translate("Coverage", language),
            finding=finding,
            table=frame,
            columns=(
                Column("organisation", translate("Organisation", language)),
                Column("sources", translate("Sources", language), kind="number", is_totalled=True),
                Column("expected", translate("Expected months", language), kind="number", is_totalled=True),
                Column("held", translate("Months with data", language), kind="number", is_totalled=True),
                Column(
                    "estimated", translate("of these only estimated", language), "number", is_totalled=True
                ),
                Column("share", translate("Coverage", language), kind="share"),
                Column("days_share", translate("Share of days known", language), kind="share"),
            ),
            figure=charts.bars(
                frame["organisation"].to_list()[: charts.LONGEST],
                [Series(translate("Coverage", language), shares[: charts.LONGEST])],
                unit="%",
                language=language,
            ),
            note=translate(
                "A source-month is one meter or contract in one month; expected is every month in which it "
                "belongs to the organisation. Refuelling, deliveries to stock and purchases have no expected "
                "months.",
                language,
            ),
        )
    ]


def _grades(result: Result, language: Language) -> list[Panel]:
    """Return the share of each book's total by grade of match."""
    frame = coverage.by_grade(result)
    if frame.is_empty():
        return []
    books = [book for book in result.manifest.books if book in set(frame["book"].to_list())]
    shown = named(frame, "book", lambda code: names.book(code, language))
    shown = named(shown, "grade", lambda code: names.grade(code, language))
    return [
        Panel(
            identifier="headline-grades",
            heading=translate("How well the factors fit", language),
            finding=_grades_finding(result, frame, language),
            table=shown.select("book", "grade", "co2e_kg", "share", "lines"),
            columns=(
                Column("book", translate("Book", language)),
                Column("grade", translate("Grade of match", language)),
                Column("co2e_kg", translate("Emissions", language), kind="mass"),
                Column("share", translate("Share of the book", language), kind="share"),
                Column("lines", translate("Balance lines", language), kind="number"),
            ),
            figure=charts.bars(
                [names.book(book, language) for book in books],
                _grade_series(frame, books, language),
                unit="%",
                language=language,
                is_stacked=True,
            ),
            note=translate(
                "Exact: activity, region and year are the ones the factor was published for. Every other "
                "grade is a declared fallback.",
                language,
            ),
        )
    ]


def _grade_series(frame: pl.DataFrame, books: list[str], language: Language) -> list[Series]:
    """Return one series of percentages per grade, best first."""
    shares = {
        (book, grade): share for book, grade, share in frame.select("book", "grade", "share").iter_rows()
    }
    found = set(frame["grade"].to_list())
    known = [grade for grade in names.GRADES if grade in found]
    return [
        Series(
            names.grade(grade, language),
            [round(100 * (shares.get((book, grade)) or 0.0), 2) for book in books],
            theme.grade_mark(grade),
        )
        for grade in [*known, *sorted(found.difference(known))]
    ]


def _grades_finding(result: Result, frame: pl.DataFrame, language: Language) -> str:
    """Return the share of exact matches per book in one sentence."""
    exact = dict(frame.filter(pl.col("grade") == "exact").select("book", "share").iter_rows())
    said = [
        f"{names.book(book, language)}: {numbers.share(exact.get(book, 0.0), language)}"
        for book in result.manifest.books
        if book in set(frame["book"].to_list())
    ]
    return translate("Share of emissions with an exact factor: {shares}.", language, shares="; ".join(said))


def _basis(result: Result, wording: Wording) -> Panel:
    """Return what a total must not be quoted without."""
    language = wording.language
    editions = (
        result.factors.select("source", "edition")
        .unique()
        .sort("source", "edition", nulls_last=True)
        .iter_rows()
    )
    rows = [
        (
            translate("95 % interval", language),
            f"{intervals.statement(result, language)} {intervals.changes(result, language)}".strip(),
        ),
        (translate("Global warming potentials", language), names.potentials(result.manifest.gwp, language)),
        (
            translate("Factor editions", language),
            "; ".join(f"{source} {edition or ''}".strip() for source, edition in editions)
            or numbers.missing(language),
        ),
        *_verdict(result, wording),
        (translate("Left out by rule", language), _exclusions(result, wording)),
        (translate("Without a factor", language), _gaps(result, language)),
    ]
    table = pl.DataFrame(rows, schema={"topic": pl.String, "statement": pl.String}, orient="row")
    return Panel(
        identifier="headline-basis",
        heading=translate("What has to be read with these figures", language),
        finding=translate("A total without these statements says less than it seems to.", language),
        table=table,
        columns=(
            Column("topic", translate("Topic", language)),
            Column("statement", translate("Statement", language), kind="long"),
        ),
    )


def _verdict(result: Result, wording: Wording) -> list[tuple[str, str]]:
    """Return the verdict on BISKO: unknown on an agency's data alone, unless own factors broke it."""
    if "bisko" not in result.manifest.books:
        return []
    language = wording.language
    if result.beside.territory is not None:
        said = translate(
            "{verdict}. Why, and the total of the territory, stands in its section; there the fuels of "
            "traffic count, which the total above leaves to the memo items.",
            language,
            verdict=territory.verdict(result, language),
        )
        return [(translate("Conformity with BISKO", language), said)]
    why = wording.verdicts.get("bisko") or (
        translate(
            "BISKO is a balance of a territory; these are the data of municipal facilities only. Whether a "
            "balance conforms can be said only where all consumers of the territory are in it.",
            language,
        ),
    )
    if "bisko" in wording.broken:
        known = translate("Not conform.", language)
    else:
        known = translate("Unknown.", language)
    said = " ".join([known, *why])
    return [(translate("Conformity with BISKO", language), said)]


def _exclusions(result: Result, wording: Wording) -> str:
    """Return what the books leave out by their own rule, and why."""
    language = wording.language
    ruled = coverage.left_out(result)
    said: dict[str, list[str]] = {}
    for book, activity in ruled.iter_rows():
        said.setdefault(book, []).append(names.activity_name(activity, language))
    parts = []
    for book in result.manifest.books:
        activities = ", ".join(said.get(book, []))
        why = " ".join(wording.exclusions.get(book, ()))
        if activities or why:
            parts.append(
                f"{names.book(book, language)}: " + ". ".join(part for part in (activities, why) if part)
            )
    return "; ".join(parts) or translate("nothing", language)


def _gaps(result: Result, language: Language) -> str:
    """Return how many source-months and records lack a factor, per book."""
    said = []
    for book in result.manifest.books:
        part = coverage.with_factor(result, book)
        records = coverage.exceptions_of(result, book)["records"].sum() or 0
        said.append(
            translate(
                "{book}: {lacking} of {whole} source-months ({records} records)",
                language,
                book=names.book(book, language),
                lacking=numbers.decimal(part.whole - part.part, language),
                whole=numbers.decimal(part.whole, language),
                records=numbers.decimal(Decimal(records), language),
            )
        )
    return "; ".join(said) or numbers.missing(language)
