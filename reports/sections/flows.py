"""Where emissions come from and where they belong: site or source → carrier → organisation."""

from decimal import Decimal
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import MASS, Result
from reports import charts, names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.charts import Flow
from reports.totals import counted, organisation_name, ratio

_LARGEST: Final = 12
"""Sites or sources with a node of their own; the others of a carrier share one."""

_STEP: Final = ["place", "activity", "organisation"]


class Flows(Section):
    """One flow chart per book."""

    name: ClassVar[str] = "flows"
    position: ClassVar[int] = 45

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("From source to organisation", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the flows of every book that has any."""
        found = [_panel(result, book, wording.language) for book in result.manifest.books]
        return [panel for panel in found if panel is not None]


def flows_of(lines: pl.DataFrame) -> pl.DataFrame:
    """Return kg CO2e by place, activity and organisation; the small places of an activity are one (null).

    A place is the site, or the source where a line names no site.
    """
    told = counted(lines).filter(pl.col("co2e_kg").is_not_null())
    told = told.with_columns(place=pl.coalesce("site", "source"))
    sizes = (
        told.group_by("place")
        .agg(pl.col("co2e_kg").sum())
        .sort(["co2e_kg", "place"], descending=[True, False])
    )
    kept = sizes["place"].drop_nulls().head(_LARGEST).implode()
    place = pl.when(pl.col("place").is_in(kept)).then("place")
    sums = told.with_columns(place=place).group_by(_STEP).agg(pl.col("co2e_kg").sum())
    return sums.sort(["co2e_kg", *_STEP], descending=[True, False, False, False], nulls_last=True)


def _panel(result: Result, book: str, language: Language) -> Panel | None:
    """Return chart and table of one book."""
    frame = flows_of(result.lines.filter(pl.col("book") == book))
    if frame.is_empty():
        return None
    unit_of = organisation_name(result, language)
    rows = [
        (
            translate("other sources", language) if place is None else place,
            names.activity_name(activity, language),
            unit_of(organisation),
            mass,
        )
        for place, activity, organisation, mass in frame.iter_rows()
    ]
    table = pl.DataFrame(rows, schema={**dict.fromkeys(_STEP, pl.String), "co2e_kg": MASS}, orient="row")
    is_drawable = all(mass > 0 for mass in table["co2e_kg"])
    return Panel(
        identifier=f"flows-{book.replace('_', '-')}",
        heading=translate("Flow of emissions: {book}", language, book=names.book(book, language)),
        finding=_finding(table, language),
        table=table,
        columns=(
            Column("place", translate("Site or source", language)),
            Column("activity", translate("Activity", language)),
            Column("organisation", translate("Organisation", language)),
            Column("co2e_kg", translate("Emissions", language), kind="mass", is_totalled=True),
        ),
        figure=charts.flows(_bands(table, language), language=language) if is_drawable else None,
        note=_note(is_drawable, language),
    )


def _bands(table: pl.DataFrame, language: Language) -> list[Flow]:
    """Return the bands of both halves: places to activities, activities to organisations."""
    found = []
    for column, (start, end) in enumerate((_STEP[:2], _STEP[1:])):
        sums = table.group_by(start, end, maintain_order=True).agg(pl.col("co2e_kg").sum())
        found += [
            Flow(
                (column, one),
                (column + 1, other),
                round(float(mass) / 1000, 3),
                numbers.tonnes(mass, language),
            )
            for one, other, mass in sums.iter_rows()
        ]
    return found


def _finding(table: pl.DataFrame, language: Language) -> str:
    """Return the largest flow in one sentence."""
    place, activity, organisation, mass = table.row(0)
    return translate(
        "The largest flow: {place}, {activity}, {organisation}: {value}, {share} of the book.",
        language,
        place=place,
        activity=activity,
        organisation=organisation,
        value=numbers.tonnes(mass, language),
        share=numbers.share(ratio(mass, sum(table["co2e_kg"].to_list(), Decimal(0))), language),
    )


def _note(is_drawable: bool, language: Language) -> str:  # noqa: FBT001 - a fact about the table
    if not is_drawable:
        return translate(
            "A flow cannot show an amount of zero or below; the table holds all of them.", language
        )
    return translate(
        "The {count} sites or sources with the largest emissions stand by name; the others are put together "
        "by activity. Biogenic CO₂ and memo items are in no flow. On narrow screens only the table is shown.",
        language,
        count=numbers.decimal(_LARGEST, language),
    )
