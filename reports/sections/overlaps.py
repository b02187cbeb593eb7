from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from bilanz import suspects as suspected
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import named, organisation_name

SUSPICIONS: Final[Mapping[str, str]] = {
    suspected.EQUAL: "Two sources state nearly the same quantities.",
    suspected.HEATING: "Heating electricity beside another electricity meter of the site; is it inside?",
    suspected.AMOUNT: "Spend equals what a quantity of the same months cost.",
    suspected.MUNICIPAL: "The sector commerce of the territory stands beside own meters; are they inside?",
}


class Overlaps(Section):
    """What was subtracted by declaration, and what may be counted twice and is not declared."""

    name: ClassVar[str] = "overlaps"
    position: ClassVar[int] = 89

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Overlaps", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the declared overlaps and the suspects; nothing where there is neither."""
        language = wording.language
        return [*_declared(result, language), *_suspects(result, language)]


def _declared(result: Result, language: Language) -> list[Panel]:
    """Return what the declarations did."""
    found = result.assumptions.filter(pl.col("code").str.starts_with("overlap_"))
    if found.is_empty():
        return []
    effects = found.filter(pl.col("code").is_in(["overlap_subtracted", "overlap_superseded"]))["subject"]
    return [
        Panel(
            identifier="overlaps-declared",
            heading=translate("Declared overlaps", language),
            finding=translate(
                "Declared overlaps in effect: {count}. What lies in something else was taken off it once; "
                "every quantity is in the table.",
                language,
                count=numbers.decimal(effects.n_unique(), language),
            ),
            table=named(found, "code", lambda code: names.assumption(code or "", language)),
            columns=(
                Column("subject", translate("Overlap", language), kind="code"),
                Column("detail", translate("Part → whole", language), kind="long"),
                Column("code", translate("What was done", language), kind="long"),
            ),
        )
    ]


def _suspects(result: Result, language: Language) -> list[Panel]:
    """Return what may be counted twice."""
    frame = result.beside.suspects
    if frame is None or frame.is_empty():
        return []
    table = frame
    for name in ("first_activity", "second_activity"):
        table = named(table, name, lambda code: names.activity_name(code, language))
    table = named(table, "organisation", organisation_name(result, language))
    table = named(table, "kind", lambda code: translate(SUSPICIONS[code or ""], language))
    return [
        Panel(
            identifier="overlaps-suspected",
            heading=translate("Possibly counted twice", language),
            finding=translate(
                "Pairs that may be the same consumption and are not declared: {count}. Both count until "
                "somebody declares an overlap (overlaps.csv); agreement alone proves nothing.",
                language,
                count=numbers.decimal(frame.height, language),
            ),
            table=table,
            columns=(
                Column("first_source", translate("Source", language), kind="code"),
                Column("second_source", translate("Other source", language), kind="code"),
                Column("organisation", translate("Organisation", language)),
                Column("first_activity", translate("Activity", language)),
                Column("second_activity", translate("Other activity", language)),
                Column("kind", translate("Suspicion", language), kind="long"),
                Column("months", translate("Months", language), kind="number"),
                Column("first_quantity", translate("Quantity", language), kind="number"),
                Column("second_quantity", translate("Other quantity", language), kind="number"),
                Column("unit", translate("Unit", language)),
            ),
        )
    ]
