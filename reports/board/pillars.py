"""Where the money went: pillars against the rule of thirds, climate tags, categories and members."""

from decimal import Decimal
from functools import partial
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.portfolio import Dimension, Group
from bilanz.fund.project import ClimateTag, FlowKind, Pillar
from bilanz.fund.spending import APART_TEXTS
from bilanz.fund.tags import Tagged
from bilanz.fund.thirds import VERDICT_TEXTS, Thirds, ThirdsYear
from bilanz.messages import Language, translate
from reports import charts, numbers, theme
from reports.base import Column, Panel
from reports.board.words import DIMENSIONS, FLOWS, PILLARS, TAGS, TAXONOMY, amount, said
from reports.charts import Series

_MONEY: Final = pl.Decimal(38, 2)
_SHARE: Final = pl.Decimal(38, 12)
_TONNES: Final = pl.Decimal(38, 12)
_CENT: Final = Decimal("0.01")


def panels(board: Board, language: Language) -> list[Panel]:
    """Return thirds, climate tags and groups; nothing where no money was ever committed."""
    if not (board.spending.booked or board.spending.apart):
        return []
    found = [] if board.thirds is None else [_thirds(board, kind, language) for kind in FlowKind]
    found.append(_tags(board, language))
    found += [_groups(board, by, language) for by in Dimension]
    return [*found, *_apart(board, language)]


def _thirds(board: Board, kind: FlowKind, language: Language) -> Panel:
    account = (board.thirds or {})[kind]
    say, unit = partial(translate, language=language), board.terms.currency
    rows = [row for year in account.years for row in _of_year(year, language)]
    schema: dict[str, Any] = {
        "year": pl.String,
        "pillar": pl.String,
        "amount": _MONEY,
        "share": _SHARE,
        "cumulative": _MONEY,
        "cumulative_share": _SHARE,
        "lacking": _MONEY,
        "verdict": pl.String,
    }
    return Panel(
        f"fund-thirds-{kind.value}",
        translate("Equal thirds: money {flow}", language, flow=say(FLOWS[kind])),
        _thirds_finding(account, board.year, language),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("year", say("Year")),
            Column("pillar", say("Pillar")),
            Column("amount", say("Amount"), kind="money", digits=0, unit=unit),
            Column("share", say("Share of the year"), kind="share"),
            Column("cumulative", say("All years so far"), kind="money", digits=0, unit=unit),
            Column("cumulative_share", say("Share so far"), kind="share"),
            Column("lacking", say("Lacks to the third, less the tolerance"), kind="money", unit=unit),
            Column("verdict", say("Verdict of the year"), kind="long"),
        ),
        figure=_thirds_bars(account, unit, language),
        note=translate(
            "A pillar may stay {tolerance} of the whole below its third. What it lacks is "
            "made up within {years} "
            "years, or was given in advance.",
            language,
            tolerance=numbers.share(account.rule.tolerance, language),
            years=account.rule.carry_years,
        ),
        lines=tuple({"pillar": row["code"], "year": row["year"]} for row in rows),
    )


def _of_year(year: ThirdsYear, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "code": one.pillar.value,
            "year": str(year.year),
            "pillar": translate(PILLARS[one.pillar], language),
            "amount": one.amount.quantize(_CENT),
            "share": one.share,
            "cumulative": one.cumulative_amount.quantize(_CENT),
            "cumulative_share": one.cumulative_share,
            "lacking": one.lacking,
            "verdict": translate(VERDICT_TEXTS[year.verdict], language),
        }
        for one in year.pillars
    ]


def _thirds_finding(account: Thirds, year: int, language: Language) -> str:
    known = [one for one in account.years if one.year <= year]
    if not known:
        return translate("No money so far.", language)
    last = known[-1]
    return translate(
        "{year}: {verdict}. All years so far: {so_far}.",
        language,
        year=last.year,
        verdict=translate(VERDICT_TEXTS[last.verdict], language),
        so_far=translate(VERDICT_TEXTS[last.cumulative_verdict], language),
    )


def _thirds_bars(account: Thirds, unit: str, language: Language) -> go.Figure:
    years = account.years
    return charts.bars(
        [str(one.year) for one in years],
        [
            Series(
                translate(PILLARS[pillar], language),
                [float(next(row.amount for row in one.pillars if row.pillar == pillar)) for one in years],
                mark,
            )
            for pillar, mark in zip(Pillar, theme.BOOK_MARKS, strict=False)
        ],
        unit=unit,
        language=language,
        is_stacked=True,
        digits=0,
    )


def _tags(board: Board, language: Language) -> Panel:
    say, unit = partial(translate, language=language), board.terms.currency
    told = board.tags[FlowKind.DISBURSEMENT]
    rows = [_tag(row, language) for row in told.tags]
    schema: dict[str, Any] = {
        "tag": pl.String,
        "projects": pl.Int64,
        "amount": _MONEY,
        "coefficient": pl.Decimal(38, 2),
        "climate": _MONEY,
    }
    return Panel(
        "fund-tags",
        say("Climate tags of the money paid out"),
        translate(
            "For the climate by the coefficients: {climate}; unfavourable: {unfavourable}. "
            "The second is never "
            "taken off the first. Tagged: {coverage} of the money.",
            language,
            climate=amount(told.climate_amount, unit, language),
            unfavourable=amount(told.amount(ClimateTag.UNFAVOURABLE), unit, language),
            coverage=numbers.share(told.coverage, language),
        ),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("tag", say("Tag")),
            Column("projects", say("Projects"), kind="number", is_totalled=True),
            Column("amount", say("Paid out"), kind="money", unit=unit, is_totalled=True),
            Column("coefficient", say("Coefficient"), kind="number", digits=2),
            Column("climate", say("of it for the climate"), kind="money", unit=unit, is_totalled=True),
        ),
        note=told.coefficients.source,
    )


def _tag(row: Tagged, language: Language) -> dict[str, Any]:
    return {
        "tag": said(TAGS, row.tag, language),
        "projects": len(row.projects),
        "amount": row.amount.quantize(_CENT),
        "coefficient": row.coefficient,
        "climate": None if row.climate_amount is None else row.climate_amount.quantize(_CENT),
    }


def _groups(board: Board, by: Dimension, language: Language) -> Panel:
    say, unit = partial(translate, language=language), board.terms.currency
    rows = [_group(group, by, board, language) for group in board.groups[by]]
    is_split = by is Dimension.PILLAR  # a project may be of several pillars, and their count is no sum
    schema: dict[str, Any] = {
        "group": pl.String,
        "projects": pl.Int64,
        **dict.fromkeys(("committed", "disbursed", "to_pay"), _MONEY),
        **dict.fromkeys(("expected", "measured", "half"), _TONNES),
        "coverage": _SHARE,
    }
    return Panel(
        f"fund-{by.value.replace('_', '-')}",
        say(DIMENSIONS[by]),
        translate(
            "{projects} projects: {committed} promised, {disbursed} paid out, {to_pay} still to be paid.",
            language,
            projects=len(board.holdings),
            committed=amount(board.whole.committed, unit, language),
            disbursed=amount(board.whole.disbursed, unit, language),
            to_pay=amount(board.whole.to_pay, unit, language),
        ),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("group", say("Group")),
            Column("projects", say("Projects"), kind="number", is_totalled=not is_split),
            Column("committed", say("Promised"), kind="money", unit=unit, is_totalled=True),
            Column("disbursed", say("Paid out"), kind="money", unit=unit, is_totalled=True),
            Column("to_pay", say("Still to be paid"), kind="money", unit=unit, is_totalled=True),
            Column("expected", say("Expected"), kind="number", digits=1, unit="t CO₂e"),
            Column("measured", say("Measured"), kind="number", digits=1, unit="t CO₂e"),
            Column("half", say("± 95 %"), kind="number", digits=1, unit="t CO₂e"),
            Column("coverage", say("Money with a known share and effect"), kind="share"),
        ),
        note=say("A project of several pillars stands in each, with its part of the money.")
        if is_split
        else "",
    )


def _group(group: Group, by: Dimension, board: Board, language: Language) -> dict[str, Any]:
    match by:
        case Dimension.MEMBER:
            name = translate("not assessed", language) if group.key is None else board.name(group.key)
        case Dimension.TAXONOMY:
            name = said(TAXONOMY, group.key, language)
        case _:
            name = said(PILLARS, group.key, language)
    return {
        "group": name,
        "projects": len(group.projects),
        "committed": group.committed.quantize(_CENT),
        "disbursed": group.disbursed.quantize(_CENT),
        "to_pay": None if group.to_pay is None else group.to_pay.quantize(_CENT),
        "expected": group.expected_t,
        "measured": group.measured_t,
        "half": group.half_width_t,
        "coverage": group.alpha_coverage,
    }


def _apart(board: Board, language: Language) -> list[Panel]:
    """Return money that is in no sum, with the reason."""
    apart = board.spending.apart
    if not apart:
        return []
    say = partial(translate, language=language)
    rows = [
        {
            "flow": one.flow,
            "project": one.project,
            "year": str(one.year),
            "amount": numbers.money(one.money.amount, one.money.currency, language),
            "reason": say(APART_TEXTS[one.reason]),
        }
        for one in apart
    ]
    return [
        Panel(
            "fund-apart",
            say("Money in no sum above"),
            translate("{count} flows are in no sum.", language, count=len(apart)),
            pl.DataFrame(rows),
            (
                Column("flow", say("Money flow"), kind="code"),
                Column("project", say("Project"), kind="code"),
                Column("year", say("Year")),
                Column("amount", say("Amount")),
                Column("reason", say("Reason"), kind="long"),
            ),
        )
    ]
