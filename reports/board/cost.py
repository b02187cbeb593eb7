"""Money per tonne: present value and cost of a tonne by one stated convention; climate costs avoided."""

from functools import partial
from typing import Any, Final

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.cost import CONVENTION_TEXTS, STATE_TEXTS, CostPerTonne, NotPriced
from bilanz.fund.damage import Damage
from bilanz.fund.rates import STANDING_TEXTS
from bilanz.messages import Language, translate
from reports import numbers
from reports.base import Column, Panel
from reports.board.words import MISSING, amount, said, tonnes

_TONNES: Final = pl.Decimal(38, 6)


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the cost of a tonne by project and climate costs avoided."""
    return [*_unpriced(board, language), *_costs(board, language), *_damage(board, language)]


def _unpriced(board: Board, language: Language) -> list[Panel]:
    """Return why there is no cost of a tonne in the year."""
    if board.unpriced is None:
        return []
    why = translate(board.unpriced.template, language, **board.unpriced.parameters)
    heading = translate("Cost of a tonne avoided", language)
    return [Panel("fund-unpriced", heading, why, pl.DataFrame(), ())]


def _costs(board: Board, language: Language) -> list[Panel]:
    if not board.costs:
        return []
    say = partial(translate, language=language)
    priced = [one for one in board.costs if isinstance(one, CostPerTonne)]
    rows = [_cost(one, board, language) for one in board.costs]
    schema: dict[str, Any] = {
        "id": pl.String,
        "project": pl.String,
        "npv": pl.String,
        "tonnes": _TONNES,
        "mac": pl.String,
        "state": pl.String,
    }
    convention = board.terms.convention
    rate = priced[0].discount if priced else None
    return [
        Panel(
            "fund-cost",
            say("Cost of a tonne avoided"),
            translate(
                "{priced} of {projects} projects have a cost of a tonne, by this convention: {convention}; "
                "discount rate {rate} ({set}).",
                language,
                priced=len(priced),
                projects=len(board.costs),
                convention="" if convention is None else say(CONVENTION_TEXTS[convention]),
                rate=numbers.missing(language) if rate is None else numbers.share(rate.rate, language),
                set=board.terms.discount or "",
            ),
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("npv", say("Net present value")),
                Column("tonnes", say("Tonnes over the lifetime"), kind="number", digits=1, unit="t CO₂e"),
                Column("mac", say("Cost of a tonne")),
                Column("state", say("Remark"), kind="long"),
            ),
            note=say(
                "All of the cost and all of the effect of a project, whoever paid. The order is that of the "
                "names: a negative cost of a tonne must not be ranked by. The effect is the one measured in "
                "the year, else the one expected, the same in every year of the lifetime."
            ),
            lines=tuple({"project": str(row["id"])} for row in rows),
        )
    ]


def _cost(one: CostPerTonne | NotPriced, board: Board, language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.name, "project": board.projects[one.name].title}
    if isinstance(one, NotPriced):
        missing = ", ".join(said(MISSING, name, language) for name in one.missing)
        return told | {"state": translate("missing: {what}", language, what=missing)}
    is_measured = board.effect(one.name).measured_t is not None
    mac = None if one.mac is None else numbers.decimal(one.mac.amount, language, digits=2)
    return told | {
        "npv": amount(one.npv.amount, one.npv.currency, language),
        "tonnes": one.tonnes_t,
        "mac": None if mac is None or one.mac is None else f"{mac}{numbers.NBSP}{one.mac.currency}/t",
        "state": f"{translate(_BASIS[is_measured], language)}: {translate(STATE_TEXTS[one.state], language)}",
    }


_BASIS: Final = {True: "by what was measured", False: "by what was promised"}


def _damage(board: Board, language: Language) -> list[Panel]:
    """Return climate costs avoided at every time preference, side by side."""
    if not board.damage:
        return []
    say = partial(translate, language=language)
    rows = [_valued(one, language) for one in board.damage]
    measured = sum(
        (one.valued_t + one.missing_t for one in board.damage[:1]), start=board.damage[0].valued_t * 0
    )
    return [
        Panel(
            "fund-damage",
            say("Climate costs avoided"),
            translate(
                "What {measured} measured in {year} would have cost society, by the set {set}. Both time "
                "preferences stand side by side; which one holds is a decision, no result.",
                language,
                measured=tonnes(measured, language),
                year=board.year,
                set=board.terms.rates or "",
            ),
            pl.DataFrame(rows),
            (
                Column("preference", say("Pure time preference")),
                Column("amount", say("Climate costs avoided")),
                Column("prices", say("In prices of")),
                Column("standing", say("How sure the rate is"), kind="long"),
            ),
            note=say("Of the projects as a whole, not of the fund's part."),
        )
    ]


def _valued(one: Damage, language: Language) -> dict[str, Any]:
    if one.amount is None:
        said = " ".join(quote.text(language) for quote in one.missing)
    else:
        said = "; ".join(
            dict.fromkeys(
                f"{translate(STANDING_TEXTS[rate.standing], language)} ({rate.source})" for rate in one.rates
            )
        )
    return {
        "preference": numbers.share(one.time_preference, language),
        "amount": numbers.missing(language)
        if one.amount is None
        else amount(one.amount.amount, one.amount.currency, language),
        "prices": numbers.missing(language) if one.price_year is None else str(one.price_year),
        "standing": said or "–",
    }
