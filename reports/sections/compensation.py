"""Declared compensation: a table of its own beside the balance, in no total and never deducted."""

from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import named, organisation_name


class Compensation(Section):
    """Certificates as organisations declared them."""

    name: ClassVar[str] = "compensation"
    position: ClassVar[int] = 83
    is_supplementary: ClassVar[bool] = True  # beside whatever books there are

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Compensation, not part of the balance", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the certificates; nothing where none is declared."""
        held = result.beside.compensations
        return [] if held is None or held.is_empty() else [_panel(result, held, wording.language)]


def _panel(result: Result, held: pl.DataFrame, language: Language) -> Panel:
    """Return the table with the sums by kind in the finding."""
    frame = named(held, "organisation", organisation_name(result, language))
    frame = named(frame, "kind", lambda code: names.compensation(code, language))
    missing = translate("not cancelled", language)
    frame = frame.with_columns(state=pl.col("cancelled_on").cast(pl.String).fill_null(missing))
    return Panel(
        identifier="compensation",
        heading=translate("Declared certificates", language),
        finding=_finding(held, language),
        table=frame,
        columns=(
            Column("id", translate("Certificate", language), kind="code"),
            Column("organisation", translate("Organisation", language)),
            Column("kind", translate("Kind", language)),
            Column("tonnes", translate("Quantity", language), kind="number", digits=3, unit="t CO₂e"),
            Column("standard", translate("Standard and project", language)),
            Column("evidence", translate("Evidence", language), kind="long"),
            Column("state", translate("Cancelled on", language)),
        ),
        note=translate(
            "As declared by the organisations; the program has not verified it. Reductions elsewhere and "
            "removals are different things and are not added.",
            language,
        ),
    )


def _finding(held: pl.DataFrame, language: Language) -> str:
    """Return the cancelled tonnes by kind, and how much is not cancelled."""
    sums = held.filter("is_cancelled").group_by("kind").agg(pl.col("tonnes").sum()).sort("kind")
    said = [
        f"{names.compensation(kind, language)}: {numbers.decimal(tonnes, language, digits=3)} t CO₂e"
        for kind, tonnes in sums.iter_rows()
    ]
    rest = sum(held.filter(~pl.col("is_cancelled"))["tonnes"], Decimal(0))
    return translate(
        "Cancelled and in no total: {cancelled}. Not cancelled: {rest} t CO₂e.",
        language,
        cancelled="; ".join(said) or numbers.missing(language),
        rest=numbers.decimal(rest, language, digits=3),
    )
