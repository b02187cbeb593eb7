"""The board's questions in one row of cards: owed and paid, spent, promised, measured, not known."""

from functools import partial

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.project import FlowKind
from bilanz.fund.thirds import VERDICT_TEXTS
from bilanz.messages import Language, translate
from reports import numbers
from reports.base import Card, Panel
from reports.board import assessment
from reports.board.effects import of_fund
from reports.board.money import paid_share
from reports.board.words import amount, tonnes


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the cards."""
    cards = (_contributions(board, language), _spending(board, language), _effect(board, language))
    return [
        Panel(
            "fund-headline",
            translate("The fund in {year}", language, year=board.year),
            translate(
                "Every figure leads to the rows it rests on. What is not known is not counted as zero.",
                language,
            ),
            pl.DataFrame(),
            (),
            cards=(*cards, _gaps(board, language)),
        )
    ]


def _contributions(board: Board, language: Language) -> Card:
    say, unit = partial(translate, language=language), board.terms.currency
    found = board.contributions
    owed = [one.cumulative for one in board.accounts.accounts if one.year == board.year]
    late = sum(1 for one in owed if one is not None and one > 0)
    behind = numbers.missing(language) if None in owed else str(late)
    return Card(
        say("Contributions due"),
        numbers.missing(language) if found is None else amount(found.due, unit, language),
        (
            (say("of it paid"), numbers.share(paid_share(board), language)),
            (say("Members in arrears"), behind),
            *(((say("State"), assessment.state(board, language)),) if found is not None else ()),
        ),
    )


def _spending(board: Board, language: Language) -> Card:
    say, unit = partial(translate, language=language), board.terms.currency
    verdict, apart = numbers.missing(language), len(board.spending.apart)
    account = None if board.thirds is None else board.thirds[FlowKind.DISBURSEMENT]
    if account is not None and account.years:
        verdict = say(VERDICT_TEXTS[account.years[-1].cumulative_verdict])
    return Card(
        say("Paid out to projects so far"),
        amount(board.whole.disbursed, unit, language),
        (
            (say("Promised"), amount(board.whole.committed, unit, language)),
            (say("Thirds, all years so far"), verdict),
            *(((say("In no sum"), translate("{count} amounts", language, count=apart)),) if apart else ()),
        ),
    )


def _effect(board: Board, language: Language) -> Card:
    say, whole = partial(translate, language=language), board.whole
    gone = len({one.observation.project for one in board.outdated if one.observation.year == board.year})
    return Card(
        translate("Measured in {year}, against baselines", language, year=board.year),
        tonnes(whole.measured_t, language, whole.half_width_t),
        (
            (say("Projects measured in tonnes"), str(len(whole.projects) - len(whole.without_measured))),
            (say("Part of the fund by its share of the cost"), of_fund(board, language)),
            (say("Delivered of what was promised"), numbers.share(whole.delivered, language)),
            *(((say("Left out: the meters say otherwise"), str(gone)),) if gone else ()),
        ),
    )


def _gaps(board: Board, language: Language) -> Card:
    say = partial(translate, language=language)
    return Card(
        say("Projects not assessed in full"),
        translate("{count} of {all}", language, count=len(board.unassessed), all=len(board.holdings)),
        ((say("Late projects"), str(len(board.late))),),
    )
