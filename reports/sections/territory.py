from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result, TerritoryView
from reports import charts, numbers, theme
from reports import territory as words
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import known_sum, organisation_name


class TerritoryBalance(Section):
    """Final energy and emissions of territories by sector and carrier, and whether the method is kept."""

    name: ClassVar[str] = "territory"
    position: ClassVar[int] = 12

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Balance of the territory", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return verdict, cells, data grades, indicators and what is outside; none without a territory."""
        view, language = result.beside.territory, wording.language
        if view is None:
            return []
        found = [
            _verdict(result, view, language),
            _cells(result, view, language),
            _quality(result, view, language),
            _indicators(result, view, language),
            _said(result, view, language),
            _outside(result, view, language),
        ]
        return [panel for panel in found if panel.table.height]


def _territory(view: TerritoryView, language: Language) -> tuple[Column, ...]:
    """Return the column that tells territories apart; none where there is one."""
    if view.verdicts.height == 1:
        return ()
    return (Column("territory", translate("Territory", language)),)


def _verdict(result: Result, view: TerritoryView, language: Language) -> Panel:
    """Return what the verdict rests on; the sentence names every missing figure and broken rule."""
    place = organisation_name(result, language)
    said = []
    for unit, verdict in view.verdicts.iter_rows():
        broken = "; ".join(words.broken_rules(view, unit, language))
        open_ = "; ".join(words.missing_cells(view, unit, language))
        said.append(
            translate(
                "{place}: by BISKO {verdict}.",
                language,
                place=place(unit),
                verdict=words.named(words.VERDICTS, verdict, language),
            )
        )
        if broken:
            said.append(translate("Not kept: {rules}.", language, rules=broken))
        if open_:
            said.append(translate("Missing or not as needed: {cells}.", language, cells=open_))
    return Panel(
        identifier="territory-verdict",
        heading=translate("Does the balance conform to BISKO?", language),
        finding=" ".join(said),
        table=words.demands(result, view, language),
        columns=(
            *_territory(view, language),
            Column("kind", translate("Kind of demand", language)),
            Column("demand", translate("Demand", language), kind="long"),
            Column("state", translate("State", language)),
            Column("detail", translate("By what", language), kind="long"),
        ),
        note=translate(
            "A missing figure, a zero and a confirmed zero are three states. Whether road traffic is told "
            "apart by vehicle and road, and rail, inland ships and aviation each on their own, is not "
            "checked here.",
            language,
        ),
    )


def _cells(result: Result, view: TerritoryView, language: Language) -> Panel:
    frame = words.cells(result, view, language)
    sectors = view.cells.group_by("organisation", "sector", maintain_order=True).agg(
        known_sum("energy_kwh"), known_sum("co2e_kg")
    )
    place = organisation_name(result, language)
    has_several = sectors["organisation"].n_unique() > 1
    labels = [
        (f"{place(unit)}: " if has_several else "") + words.named(words.SECTORS, sector, language)
        for unit, sector in sectors.select("organisation", "sector").iter_rows()
    ][: charts.LONGEST]
    return Panel(
        identifier="territory-cells",
        heading=translate("Final energy by sector, carrier and use", language),
        finding=translate(
            "{energy} of final energy (net calorific value) cause {mass}; the largest sector is {sector} "
            "with {part}.",
            language,
            energy=numbers.megawatt_hours(_sum(view.cells, "energy_kwh"), language),
            mass=numbers.tonnes(_sum(view.cells, "co2e_kg"), language),
            **_largest(sectors, language),
        ),
        table=frame,
        columns=(
            *_territory(view, language),
            Column("sector", translate("Sector", language)),
            Column("carrier", translate("Energy carrier", language)),
            Column("use", translate("Use", language)),
            Column("energy_kwh", translate("Final energy", language), kind="energy", is_totalled=True),
            Column("factor", translate("Factor", language), kind="number", digits=1, unit="g CO₂e/kWh"),
            Column("factor_source", translate("Source of the factor", language), kind="long"),
            Column("co2e_kg", translate("Emissions", language), kind="mass", is_totalled=True),
            Column("grade", translate("Data grade", language)),
            Column("gaps", translate("Entries without factor", language), kind="number"),
        ),
        figure=charts.bars(
            labels,
            _uses(view, sectors, language),
            unit="MWh",
            language=language,
            is_stacked=True,
        ),
        note=translate(
            "Municipal facilities are a part of commerce and are taken off it once. Grade: A regional "
            "primary data, B extrapolated, C regional key figures, D national key figures; – not graded.",
            language,
        ),
    )


def _uses(view: TerritoryView, sectors: pl.DataFrame, language: Language) -> list[Series]:
    """Return one series of the chart per use, in MWh."""
    found = []
    for mark, use in zip(theme.BOOK_MARKS, words.USES, strict=False):
        part = (
            view.cells.filter(pl.col("use") == use)
            .group_by("organisation", "sector")
            .agg(pl.col("energy_kwh").sum())
        )
        joined = sectors.select("organisation", "sector").join(
            part, on=["organisation", "sector"], how="left", nulls_equal=True, maintain_order="left"
        )
        values = charts.in_thousands(joined["energy_kwh"].to_list()[: charts.LONGEST])
        if part.height:
            found.append(Series(words.named(words.USES, use, language), values, mark))
    return found


def _largest(sectors: pl.DataFrame, language: Language) -> dict[str, str]:
    top = (
        sectors.group_by("sector")
        .agg(known_sum("co2e_kg"))
        .drop_nulls("co2e_kg")
        .sort("co2e_kg", "sector", descending=[True, False])
    )
    if top.is_empty():
        return {"sector": numbers.missing(language), "part": numbers.missing(language)}
    sector, mass = top.row(0)
    return {"sector": words.named(words.SECTORS, sector, language), "part": numbers.tonnes(mass, language)}


def _quality(result: Result, view: TerritoryView, language: Language) -> Panel:
    place = organisation_name(result, language)
    whole = translate("All carriers", language)
    frame = view.quality.with_columns(
        pl.Series("territory", [place(code) for code in view.quality["organisation"]], dtype=pl.String),
        pl.Series(
            "carrier",
            [
                whole if code is None else words.carrier(code, english, language)
                for code, english in view.quality.select("carrier", "carrier_en").iter_rows()
            ],
            dtype=pl.String,
        ),
    )
    totals = view.quality.filter(pl.col("carrier").is_null())
    said = [
        translate(
            "{place}: {share} ({word}); {open} without a grade count as D.",
            language,
            place=place(row["organisation"]),
            share=numbers.share(row["index"], language),
            word=row[language] or numbers.missing(language),
            open=numbers.megawatt_hours(row["energy_ungraded"], language),
        )
        for row in totals.iter_rows(named=True)
    ]
    return Panel(
        identifier="territory-quality",
        heading=translate("Grade of the data", language),
        finding=" ".join(said),
        table=frame,
        columns=(
            *_territory(view, language),
            Column("carrier", translate("Energy carrier", language)),
            Column("energy_kwh", translate("Final energy", language), kind="energy"),
            *(
                Column(
                    f"energy_{grade.lower()}",
                    translate("Grade {grade}", language, grade=grade),
                    kind="energy",
                )
                for grade in "ABCD"
            ),
            Column("energy_ungraded", translate("Not graded", language), kind="energy"),
            Column("index", translate("Grade of the data", language), kind="share"),
            Column(language, translate("In words", language)),
        ),
        note=translate(
            "Grade of the data = Σ energy × weight ÷ Σ energy with A 1, B 0.5, C 0.25, D 0. The weights are "
            "read in a third party's description of the method and are not confirmed.",
            language,
        ),
    )


def _indicators(result: Result, view: TerritoryView, language: Language) -> Panel:
    frame = words.indicators(result, view, language)
    open_ = view.indicators.filter(pl.col("missing").is_not_null()).height
    return Panel(
        identifier="territory-indicators",
        heading=translate("Indicators of the territory", language),
        finding=translate(
            "{count} of {all} indicators have a figure; a missing numerator or denominator gives none.",
            language,
            count=numbers.decimal(frame.height - open_, language),
            all=numbers.decimal(frame.height, language),
        ),
        table=frame,
        columns=(
            *_territory(view, language),
            Column("indicator", translate("Indicator", language), kind="long"),
            Column("value", translate("Value", language), kind="number", digits=3),
            Column("numerator", translate("Numerator", language), kind="number", digits=1),
            Column("numerator_unit", translate("Unit of the numerator", language)),
            Column("denominator", translate("Denominator", language), kind="number", digits=0),
            Column("denominator_unit", translate("Unit of the denominator", language)),
            Column("remark", translate("Remark", language), kind="long"),
        ),
        note=translate(
            "Values of several territories are never added: their numerators and denominators are.", language
        ),
    )


def _said(result: Result, view: TerritoryView, language: Language) -> Panel:
    rows = words.findings(result, view, language)
    return Panel(
        identifier="territory-findings",
        heading=translate("What is to be known about the figures", language),
        finding=translate("{count} remarks.", language, count=numbers.decimal(len(rows), language))
        if len(rows) != 1
        else translate("One remark.", language),
        table=pl.DataFrame(rows, schema={"territory": pl.String, "remark": pl.String}, orient="row"),
        columns=(*_territory(view, language), Column("remark", translate("Remark", language), kind="long")),
    )


def _outside(result: Result, view: TerritoryView, language: Language) -> Panel:
    return Panel(
        identifier="territory-outside",
        heading=translate("Figures that are no final energy", language),
        finding=translate(
            "None of these is in a cell; mileage has no energy as long as no factors are there.", language
        ),
        table=words.outside(result, view, language),
        columns=(
            *_territory(view, language),
            Column("sector", translate("Sector", language)),
            Column("source", translate("Source", language), kind="long"),
            Column("activity", translate("Activity", language)),
            Column("quantity", translate("Quantity", language), kind="number", digits=0),
            Column("unit", translate("Unit", language)),
            Column("reason", translate("Reason", language), kind="long"),
        ),
    )


def _sum(frame: pl.DataFrame, name: str) -> Decimal | None:
    """Return the sum of what is known; None where nothing is."""
    total: Decimal | None = frame.select(known_sum(name)).item()
    return total
