from typing import Any, ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import MASS, Result
from bilanz.uncertainty import CHANGE, FACTOR, HALF_WIDTH, SCOPE, SMALL, SOURCE, TOTAL
from reports import charts, intervals, names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import named

SHOWN = 5
"""Largest contributions per kind and book."""

_FEW = 0.005


class Uncertainty(Section):
    """How far the totals may be off, what contributes most, and what the half widths rest on."""

    name: ClassVar[str] = "uncertainty"
    position: ClassVar[int] = 88

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Uncertainty", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return intervals, contributions, inputs and changes; the quality of the quantities in any case."""
        language = wording.language
        return [
            *_totals(result, language),
            *_changes(result, language),
            *_contributions(result, wording),
            *_inputs(result, language),
            *_qualities(result, language),
        ]


def _totals(result: Result, language: Language) -> list[Panel]:
    """Return every total and scope with its interval by both approaches."""
    totals, scopes = intervals.rows(result, TOTAL), intervals.rows(result, SCOPE)
    if not totals:
        return []
    told = [
        {
            "book": names.book(row["book"], language),
            "scope": _level(row["scope"], language),
            "co2e_kg": row["co2e_kg"],
            "relative": _relative(row),
            "span": intervals.span(row, language),
            "quoted": intervals.value(row, language),
        }
        for total in totals
        for row in [total, *(each for each in scopes if each["book"] == total["book"])]
    ]
    schema: dict[str, Any] = {"book": pl.String, "scope": pl.String, "co2e_kg": MASS, "relative": pl.Float64}
    schema |= {"span": pl.String, "quoted": pl.String}
    return [
        Panel(
            identifier="uncertainty-totals",
            heading=translate("How far the totals may be off", language),
            finding=intervals.statement(result, language),
            table=pl.DataFrame(told, schema=schema),
            columns=(
                Column("book", translate("Book", language)),
                Column("scope", translate("Scope", language)),
                Column("co2e_kg", translate("Emissions", language), kind="mass"),
                Column("relative", translate("± by error propagation", language), kind="share"),
                Column("span", translate("95 % interval by Monte Carlo", language), kind="exact"),
                Column("quoted", translate("May be quoted as", language), kind="exact"),
            ),
            note=" ".join([*_rough(totals, language), _method(language)]),
        )
    ]


def _level(scope: str | None, language: Language) -> str:
    return translate("Total of scopes 1 to 3", language) if scope is None else names.scope(scope, language)


def _relative(row: intervals.Row) -> float | None:
    """Return the half width of approach 1 as a share of the total; None where there is none to speak of."""
    whole, half = row["co2e_kg"], row["half_width_kg"]
    return None if half is None or not whole else abs(half / float(whole))


def _rough(totals: list[dict[str, Any]], language: Language) -> list[str]:
    """Return the sentence that error propagation does not hold here, where an input is known too badly."""
    if not any((row["half_width"] or 0) > SMALL for row in totals):
        return []
    return [
        translate(
            "Some inputs are known to more than ± 30 % only: error propagation is rough here.", language
        )
    ]


def _method(language: Language) -> str:
    return translate(
        "All errors of one factor, and of one meter within a year, are taken as the same error; different "
        "factors and meters as independent. What the balance lacks is in no interval.",
        language,
    )


def _changes(result: Result, language: Language) -> list[Panel]:
    """Return the change against the year before, and whether it is one."""
    found = intervals.rows(result, CHANGE)
    if not found:
        return []
    told = [
        {
            "book": names.book(row["book"], language),
            "co2e_kg": row["co2e_kg"],
            "span": intervals.span(row, language),
            "is_different": _verdict(row["is_different"], language),
        }
        for row in found
    ]
    schema: dict[str, Any] = {
        "book": pl.String,
        "co2e_kg": MASS,
        "span": pl.String,
        "is_different": pl.String,
    }
    return [
        Panel(
            identifier="uncertainty-changes",
            heading=translate("Change against {year}", language, year=found[0]["year"]),
            finding=intervals.changes(result, language),
            table=pl.DataFrame(told, schema=schema),
            columns=(
                Column("book", translate("Book", language)),
                Column("co2e_kg", translate("Change", language), kind="mass"),
                Column("span", translate("95 % interval by Monte Carlo", language), kind="exact"),
                Column("is_different", translate("Different", language)),
            ),
            note=translate(
                "What is wrong with a factor is wrong in both years alike and cancels in part. A year in "
                "which other organisations, meters or factors are in the balance differs for that reason "
                "too.",
                language,
            ),
        )
    ]


def _verdict(is_different: bool | None, language: Language) -> str:  # noqa: FBT001 - three states of a row
    said = {True: "yes", False: "not known", None: "not computed"}[is_different]
    return translate(said, language)


def _contributions(result: Result, wording: Wording) -> list[Panel]:
    """Return the largest contributions to the variance of each book's total, as a table and bars."""
    language, of_factor = wording.language, _factor_names(result, wording)
    told = [
        _contribution(row, of_factor, language)
        for book in result.manifest.books
        for kind in (FACTOR, SOURCE)
        for row in [each for each in intervals.rows(result, kind) if each["book"] == book][:SHOWN]
        if (row["share"] or 0) >= _FEW
    ]
    if not told:
        return []
    words = ("book", "what", "subject", "gas")
    schema: dict[str, Any] = {**dict.fromkeys(words, pl.String), "half_width": pl.Float64}
    schema |= {"co2e_kg": MASS, "share": pl.Float64}
    return [
        Panel(
            identifier="uncertainty-contributions",
            heading=translate("What contributes most", language),
            finding=_contribution_finding(told, language),
            table=pl.DataFrame(told, schema=schema),
            columns=(
                Column("book", translate("Book", language)),
                Column("what", translate("Kind", language)),
                Column("subject", translate("Factor or source", language), kind="code"),
                Column("gas", translate("Gas or quality", language)),
                Column("half_width", "±", kind="number", digits=1, unit="%"),
                Column("co2e_kg", translate("Emissions", language), kind="mass"),
                Column("share", translate("Share of the variance", language), kind="share"),
            ),
            figure=_bars(told, names.book(result.manifest.books[0], language), language),
            note=translate(
                "To be better known, a balance needs a better figure where its variance comes from. The "
                "chart shows the first book.",
                language,
            ),
        )
    ]


def _factor_names(result: Result, wording: Wording) -> dict[str, str]:
    """Return factor_id → what it is of: the activity, or what was bought."""
    return {
        name: names.activity_name(activity, wording.language)
        if group is None
        else wording.product_group(group)
        for name, activity, group in result.factors.select(
            "factor_id", "activity", "product_group"
        ).iter_rows()
    }


def _contribution(row: dict[str, Any], of_factor: dict[str, str], language: Language) -> dict[str, Any]:
    """Return one contribution as it is shown; `label` names it in sentence and chart."""
    is_factor = row["kind"] == FACTOR
    of = of_factor.get(row["subject"], row["subject"]) if is_factor else row["subject"]
    template = "emission factor: {subject}" if is_factor else "quantity: {subject}"
    gas = f"{row['gas']}, {names.chain(row['chain'], language)}"
    return {
        "book": names.book(row["book"], language),
        "what": translate(template, language, subject=of),
        "subject": row["subject"],
        "gas": gas if is_factor else names.quality(row["quality"], language),
        "half_width": row["half_width"],
        "co2e_kg": row["co2e_kg"],
        "share": row["share"],
    }


def _bars(told: list[dict[str, Any]], book: str, language: Language) -> Any:  # noqa: ANN401 - of plotly
    """Return the bars of one book; None where it has no contribution."""
    shown = [row for row in told if row["book"] == book]
    if not shown:
        return None
    series = Series(book, [round(100 * row["share"], 1) for row in shown])
    labels = [f"{row['what']} ({row['gas']})" for row in shown]
    return charts.bars(labels, [series], unit="%", language=language)


def _contribution_finding(told: list[dict[str, Any]], language: Language) -> str:
    """Return the largest contribution of each book in one sentence."""
    largest: dict[str, dict[str, Any]] = {}
    for row in told:
        if row["book"] not in largest or row["share"] > largest[row["book"]]["share"]:
            largest[row["book"]] = row
    said = [
        f"{book} – {row['what']} ({numbers.share(row['share'], language)})" for book, row in largest.items()
    ]
    return translate("Largest part of the variance by book: {parts}.", language, parts="; ".join(said))


def _inputs(result: Result, language: Language) -> list[Panel]:
    """Return every half width in use, its standing, and the share of the emissions that rests on it."""
    found = intervals.rows(result, HALF_WIDTH)
    if not found:
        return []
    told = [
        {
            "book": names.book(row["book"], language),
            "what": intervals.half_width_name(row, language),
            "half_width": row["half_width"],
            "share": row["share"],
            "standing": translate("no half width", language)
            if row["subject"] is None
            else intervals.standing(row["standing"], language),
            "source": intervals.origin(row, language),
        }
        for row in found
    ]
    words = ("book", "what", "standing", "source")
    schema: dict[str, Any] = dict.fromkeys(words, pl.String) | {"half_width": pl.Float64, "share": pl.Float64}
    return [
        Panel(
            identifier="uncertainty-inputs",
            heading=translate("What the intervals rest on", language),
            finding=_unsafe(result, language),
            table=pl.DataFrame(told, schema=schema),
            columns=(
                Column("book", translate("Book", language)),
                Column("what", translate("Half width of", language)),
                Column("half_width", "±", kind="number", digits=1, unit="%"),
                Column("share", translate("Share of the emissions", language), kind="share"),
                Column("standing", translate("How well it is known", language)),
                Column("source", translate("Source", language), kind="long"),
            ),
            note=translate(
                "Defaults are placeholders until something better is known; uncertainty.csv in the data "
                "directory replaces them. A half width beside several values shows the largest.",
                language,
            ),
        )
    ]


def _unsafe(result: Result, language: Language) -> str:
    """Return how much of each book rests on half widths of factors that nobody has confirmed."""
    said = [
        f"{names.book(book, language)}: {numbers.share(share, language)}"
        for book in result.manifest.books
        if (share := intervals.unsafe_share(result, book, "factor")) is not None
    ]
    message = (
        "Emissions whose factor has only a half width that is not confirmed or proposed by us: {shares}."
    )
    return translate(message, language, shares="; ".join(said))


def _qualities(result: Result, language: Language) -> list[Panel]:
    """Return how the quantities came about: shares of each book's total."""
    frame = intervals.qualities(result)
    if frame.is_empty():
        return []
    said = [
        f"{names.book(book, language)}: {intervals.qualities_text(result, book, language)}"
        for book in result.manifest.books
        if book in set(frame["book"])
    ]
    shown = named(frame, "book", lambda code: names.book(code, language))
    return [
        Panel(
            identifier="uncertainty-qualities",
            heading=translate("How the quantities came about", language),
            finding=translate(
                "Share of the emissions by quality of the quantity: {shares}.",
                language,
                shares="; ".join(said),
            ),
            table=named(shown, "quality", lambda code: names.quality(code, language)),
            columns=(
                Column("book", translate("Book", language)),
                Column("quality", translate("Quality", language)),
                Column("co2e_kg", translate("Emissions", language), kind="mass"),
                Column("share", translate("Share of the book", language), kind="share"),
            ),
        )
    ]
