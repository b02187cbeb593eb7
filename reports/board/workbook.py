"""What investors and the public ask of a fund, as one workbook: ICMA table, allocation and impact.

ICMA, Harmonised Framework for Impact Reporting (June 2024): one row a project: A category, B sub-category,
C project, D amount signed, E share of the fund in the total cost, F share that is eligible, G pillar,
H amount allocated, I lifetime, then indicators a year, each labelled ex ante or ex post. F and G follow the
framework from memory; its templates were not seen. Estimates of projects whose promise is not due in the year
stand in columns of their own.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from bilanz.fund.attribution import ADDITIONALITY_TEXTS as ADDITIONAL
from bilanz.fund.attribution import ALPHA_TEXTS, ETS_TEXTS, additionality, attributed, ets_cover
from bilanz.fund.board import Board
from bilanz.fund.claims import SEPARATE
from bilanz.fund.observed import AVOIDED, SAVED
from bilanz.fund.portfolio import Dimension, Holding
from bilanz.fund.project import Pillar, Sight
from bilanz.fund.spending import split_of
from bilanz.messages import Language, translate
from reports.board import unmeasured, upcoming
from reports.board.words import PILLARS, TAGS, TAXONOMY, said
from reports.spreadsheet import Exact, Share, Sheet, Spreadsheet, Value, spreadsheet

_ICMA: Final = (
    "A Category",
    "B Sub-category",
    "C Project",
    "D Amount signed",
    "E Share of the fund in the total cost",
    "F Eligible share",
    "G Pillars",
    "H Amount allocated",
    "I Lifetime in years",
    "Currency",
    "Tonnes CO2e a year, ex ante",
    "Tonnes CO2e a year, ex ante, from completion on",
    "Tonnes CO2e in the year, ex post",
    "± 95 %",
    "of it by share of the fund",
    "Saved a year, ex ante",
    "Saved a year, ex ante, from completion on",
    "Saved in the year, ex post",
    "Unit",
    "From completion on: first year that counts",
    "Baseline",
    "Remark",
)
_ALLOCATION: Final = ("Group", "Projects", "Promised", "Paid out", "Still to be paid", "Currency")
_IMPACT: Final = (
    "Project",
    "Promised a year",
    "Measured in the year",
    "± 95 %",
    "Unit",
    "Delivered",
    "Series of factors",
    "Additional?",
    "Emissions trading",
    "EU taxonomy",
    "Climate tag",
    "Evidence",
)


def write_workbook(board: Board, title: str, language: Language, path: Path) -> None:
    """Write the workbook; the same board gives the same bytes."""
    say = partial(translate, language=language)
    with spreadsheet(path, title, language) as book:
        _sheet(book, say("ICMA table"), _ICMA, lambda sheet: _icma(board, sheet, language))
        _sheet(book, say("Allocation"), _ALLOCATION, lambda sheet: _allocation(board, sheet, language))
        _sheet(book, say("Impact"), _IMPACT, lambda sheet: _impact(board, sheet, language))
        notes = book.sheet(say("Notes"), (34, 110))
        notes.title(title)
        for label, text in _notes(board, language):
            notes.pair(label, text)


def _sheet(book: Spreadsheet, name: str, heads: tuple[str, ...], fill: Callable[[Sheet], None]) -> None:
    sheet = book.sheet(name, (24,) * len(heads))
    sheet.heads([translate(head, book.language) for head in heads], is_frozen=True)
    fill(sheet)


def _icma(board: Board, sheet: Sheet, language: Language) -> None:
    for holding in board.holdings:
        sheet.cells(_icma_row(holding, board, language), style="long")


def _icma_row(holding: Holding, board: Board, language: Language) -> list[Value]:
    project, effect = holding.project, board.effect(holding.project.id)
    share, later = board.shares[project.id], upcoming.of_project(board, project.id)
    part = attributed(project, share, holding.measured_t, Sight.EX_POST)
    split = split_of(project)
    pillars = [] if split is None else [pillar for pillar in Pillar if split.of(pillar)]
    return [
        project.icma_category,
        project.icma_subcategory,
        f"{project.id}: {project.title}",
        Exact(holding.committed),
        _share(holding.alpha),
        _share(project.eligible_share),
        "; ".join(translate(PILLARS[pillar], language) for pillar in pillars),
        Exact(holding.disbursed),
        project.lifetime_years,
        board.terms.currency,
        Exact(holding.expected_t),
        Exact(None if later is None else later.expected_t),
        Exact(holding.measured_t),
        Exact(holding.half_width_t),
        Exact(part.attributed_t),
        Exact(effect.promised),
        Exact(None if later is None else later.saving),
        Exact(None if effect.saved is None else effect.saved.value),
        effect.unit,
        None if later is None else later.from_year,
        project.baseline,
        _why(project.id, board, language)
        or part.text(language)
        or translate(ALPHA_TEXTS[share.state], language),
    ]


def _why(project: str, board: Board, language: Language) -> str | None:
    """Return what the meters no longer tell, else why nothing is measured; None: it is."""
    gone = unmeasured.gone(board, project, AVOIDED) or unmeasured.gone(board, project, SAVED)
    if gone is not None:
        return unmeasured.gone_said(gone, language)
    found = next((one for one in board.unmeasured if one.project == project), None)
    return None if found is None else found.reason.text(language)


def _share(value: Decimal | None) -> Share:
    return Share(None if value is None else float(value))


def _allocation(board: Board, sheet: Sheet, language: Language) -> None:
    for by in (Dimension.PILLAR, Dimension.ICMA, Dimension.MEMBER):
        for group in board.groups[by]:
            name = said(PILLARS, group.key, language)
            if by == Dimension.MEMBER and group.key is not None:
                name = board.name(group.key)
            money = (Exact(group.committed), Exact(group.disbursed), Exact(group.to_pay))
            sheet.cells([name, len(group.projects), *money, board.terms.currency])
        sheet.blank()


def _impact(board: Board, sheet: Sheet, language: Language) -> None:
    for holding in board.holdings:
        project, effect = holding.project, board.effect(holding.project.id)
        saved = effect.saved
        sheet.cells(
            [
                f"{project.id}: {project.title}",
                Exact(effect.promised),
                Exact(None if saved is None else saved.value),
                Exact(None if saved is None else saved.half_width),
                effect.unit,
                _share(effect.delivered),
                project.factor_series,
                translate(ADDITIONAL[additionality(project)], language),
                translate(ETS_TEXTS[ets_cover(project)], language),
                said(TAXONOMY, project.taxonomy_state, language),
                said(TAGS, project.climate_tag, language),
                effect.evidence,
            ],
            style="long",
        )


def _notes(board: Board, language: Language) -> list[tuple[str, str]]:
    say = partial(translate, language=language)
    return [
        (say("Year"), str(board.year)),
        (say("Currency"), board.terms.currency),
        (say("Avoided emissions"), say(SEPARATE)),
        (
            say("Ex ante, ex post"),
            say("Ex ante: promised saving times the declared factor. Ex post: measured, with its interval."),
        ),
        (
            say("From completion on"),
            say(
                "Ex ante of projects that money is promised to and whose saving does not count in the year "
                "yet; not to be added to the columns of the year."
            ),
        ),
        (
            say("Empty cell"),
            say("Not stated or not assessable; never a zero."),
        ),
    ]
