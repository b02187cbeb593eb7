from datetime import date
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.restatement import CAUSES, DIFFERENCE_SCHEMA
from bilanz.result import MASS, Closing, Restated, Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.closing import base_year_sentence, cause_name, state_name
from reports.totals import organisation_name

_DAY = 10
_SHOWN: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    name: DIFFERENCE_SCHEMA[name] for name in ("book", "cause", "organisation", "source", "activity", "month")
} | dict.fromkeys(("co2e_before_kg", "co2e_after_kg", "effect_kg"), MASS)


class ClosingSection(Section):
    """Who answers for the balance, its hashes, and what it would be today."""

    name: ClassVar[str] = "closing"
    position: ClassVar[int] = 110

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Closing", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return state, hashes and restatements; nothing where the period is open."""
        closing = result.beside.closing
        if closing is None:
            return []
        language = wording.language
        told = [_steps(result, closing, language), _hashes(result, language)]
        for restated in closing.restatements:
            told += [_totals(closing, restated, language), _differences(result, restated, wording)]
        return told


def _steps(result: Result, closing: Closing, language: Language) -> Panel:
    """Return who took which step and when."""
    rows = [("released", closing.released_by, closing.released_at)]
    if closing.closed_by is not None and closing.closed_at is not None:
        rows.append(("closed", closing.closed_by, closing.closed_at))
    table = pl.DataFrame(
        [(state_name(step, language), who, numbers.instant(at, language)) for step, who, at in rows],
        schema=["step", "who", "when"],
        orient="row",
    )
    message = "{year} is {state}; the figures on this page no longer change."
    if closing.state == "released":
        message = "{year} is {state}; a second person has yet to close it."
    state = state_name(closing.state, language)
    return Panel(
        identifier="closing-state",
        heading=translate("State of the period", language),
        finding=translate(message, language, year=result.manifest.year, state=state),
        table=table,
        columns=(
            Column("step", translate("Step", language)),
            Column("who", translate("By", language)),
            Column("when", translate("When", language)),
        ),
        note=_exceptions(closing, language),
    )


def _exceptions(closing: Closing, language: Language) -> str:
    if not closing.exceptions:
        return ""
    message = "Released with {count} exceptions; reason: {reason}"
    return translate(message, language, count=closing.exceptions, reason=closing.exceptions_reason or "–")


def _hashes(result: Result, language: Language) -> Panel:
    """Return the hashes with which the balance can be calculated again."""
    pinned = result.manifest
    rows = [
        ("run", pinned.run),
        ("result_hash", pinned.result_hash),
        ("manifest_hash", pinned.manifest_hash),
        ("factor_release", pinned.factor_release),
    ]
    return Panel(
        identifier="closing-hashes",
        heading=translate("Hashes", language),
        finding=translate(
            "bilanz verify {run} calculates the balance again and compares.", language, run=pinned.run
        ),
        table=pl.DataFrame(rows, schema=["name", "value"], orient="row"),
        columns=(
            Column("name", translate("Name", language), kind="code"),
            Column("value", translate("Hash", language), kind="code"),
        ),
    )


def _totals(closing: Closing, restated: Restated, language: Language) -> Panel:
    """Return the totals of a restatement by cause."""
    table = restated.totals.with_columns(
        book=pl.col("book").map_elements(lambda book: names.book(book, language), return_dtype=pl.String)
    )
    about = "Restatement {number} of {day} by {by}: {reason}"
    finding = base_year_sentence(
        closing.threshold,
        language,
        is_reached=bool(restated.totals["is_reached"].any()),
        is_base_year=closing.is_base_year,
    )
    day = numbers.day(date.fromisoformat(restated.at[:_DAY]), language)
    parts = {"number": restated.number, "day": day, "by": restated.by, "reason": restated.reason}
    message = "Causes are changed one after the other, from left to right. Run of today: {run}"
    return Panel(
        identifier=f"closing-restatement-{restated.number}",
        heading=translate(about, language, **parts),
        finding=finding,
        table=table,
        columns=(
            Column("book", translate("Book", language)),
            Column("co2e_old_kg", translate("Closed", language), kind="mass"),
            *(Column(f"{cause}_kg", cause_name(cause, language), kind="mass") for cause in CAUSES),
            Column("co2e_new_kg", translate("Today", language), kind="mass"),
            Column("change", translate("Change", language), kind="share"),
        ),
        note=translate(message, language, run=restated.run),
    )


def _differences(result: Result, restated: Restated, wording: Wording) -> Panel:
    """Return every line that differs with its cause, the largest first."""
    language = wording.language
    organisation = organisation_name(result, language)
    counted = restated.differences.filter(pl.col("is_counted"))
    order = [-pl.col("effect_kg").abs(), *(pl.col(name) for name in ("book", "cause", "source", "month"))]
    rows = [
        (
            names.book(row["book"], language),
            cause_name(row["cause"], language),
            organisation(row["organisation"]),
            row["source"],
            names.activity_name(row["activity"], language),
            row["month"],
            row["co2e_before_kg"],
            row["co2e_after_kg"],
            row["effect_kg"],
        )
        for row in counted.sort(order, nulls_last=True).iter_rows(named=True)
    ]
    message = (
        "{count} lines differ from what was closed; before and after are those of the step of the cause."
    )
    return Panel(
        identifier=f"closing-restatement-{restated.number}-lines",
        heading=translate("Restatement {number}, line by line", language, number=restated.number),
        finding=translate(message, language, count=len(rows)),
        table=pl.DataFrame(rows, schema=_SHOWN, orient="row"),
        columns=(
            Column("book", translate("Book", language)),
            Column("cause", translate("Cause", language)),
            Column("organisation", translate("Organisation", language)),
            Column("source", translate("Source", language)),
            Column("activity", translate("Activity", language)),
            Column("month", translate("Month", language), kind="month"),
            Column("co2e_before_kg", translate("Before", language), kind="mass"),
            Column("co2e_after_kg", translate("After", language), kind="mass"),
            Column("effect_kg", translate("Difference", language), kind="mass"),
        ),
    )
