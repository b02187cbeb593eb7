"""A survey of commuting: answers are added up when the file is read, and none is kept by itself.

    way       2 × one-way distance × days a week × weeks a year, summed by mode
    home      days at home a week × weeks a year × hours a day, summed over all modes
    all       × staff ÷ answers: the whole staff travels like those who answered

Each answer is two statements, a way and working at home. The record of a sum stands at its first answer;
the others are ignored, as they are in it. Ways on foot, by bicycle and as a passenger count as answers and
make no record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import polars as pl

from bilanz.issues import Issue
from importers.forms.rows import TOLD_BY, TYPED, Sheet, filled, with_quantity
from importers.forms.rules.capacity import exact
from importers.upload.findings import ROW

UNITS: Final[Mapping[str, str]] = {
    "car": "km",
    "motorbike": "km",
    "bus": "pkm",
    "tram": "pkm",
    "rail_regional": "pkm",
    "rail_long": "pkm",
}
"""Mode → unit of its record: vehicle kilometres of who drives, passenger kilometres elsewhere."""

_SILENT: Final[Mapping[str, str]] = {
    "bicycle": "the way emits nothing that is counted",
    "walk": "the way emits nothing that is counted",
    "car_passenger": "the kilometres of the driver count",
}
_GROUP: Final = ("organisation", "site", "year")
_SAME: Final = ("staff", "weeks", "hours_per_day")
_SMALL: Final = 10
"""Least answers of a sum that may be shown by itself (usual minimum of official statistics is 3 to 10)."""

Answers = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Survey:
    """The answers of one organisation, site and year that were taken."""

    rows: Answers
    staff: Decimal
    weeks: Decimal
    hours: Decimal | None

    @property
    def factor(self) -> Fraction:
        """How many of the staff one answer stands for."""
        return Fraction(self.staff) / len(self.rows)

    def sum(self, answers: Answers, value: Callable[[dict[str, Any]], Fraction]) -> Decimal:
        """Return the extrapolated yearly sum of what answers state by the week."""
        return exact(sum(map(value, answers), Fraction(0)) * Fraction(self.weeks) * self.factor)


class _Sum(NamedTuple):
    """What some answers of a survey come to."""

    row: int
    unit: str
    total: Decimal
    survey: _Survey
    answers: int

    @property
    def told(self) -> str:
        """How the sum came about."""
        survey = self.survey
        weeks, staff = _plain(survey.weeks), _plain(survey.staff)
        return f"Σ {self.answers} × {weeks} × {staff} ÷ {len(survey.rows)}"


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return one row per sum of ways, and one per sum of working at home."""
    rows = _settled(_bounded(filled(rows, *_GROUP, *_SAME, "home_days"), sheet), sheet)
    ways: list[_Sum] = []
    home: list[_Sum] = []
    for survey in _surveys(rows, sheet):
        ways += _ways(survey, sheet)
        home += _home(survey, sheet)
    return [
        _records(rows, ways, sheet, activity="commuting", told_by="distance"),
        _records(rows, home, sheet, activity="homeworking", told_by="home_days"),
    ]


def _bounded(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the answers that state mode, distance and days within bounds."""
    rows = sheet.require(rows, "year", "mode")
    travels = pl.col("mode").is_in(list(UNITS))
    for name in ("distance", "days"):
        sheet.flag(rows.filter(travels & pl.col(name).is_null()), "missing_value", name)
    rows = sheet.numbers(sheet.without_rejected(rows), "distance", "days", "home_days", *_SAME)
    rows = sheet.without_rejected(rows)
    bounds = {"distance": 1000, "days": 7, "home_days": 7, "weeks": 53, "hours_per_day": 24}
    for name, top in bounds.items():
        value = pl.col(f"{name}_value")
        rows = sheet.limits(rows, name, (value < 0) | (value > top), f"numbers from 0 to {top}")
    return rows


def _settled(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the answers of surveys that state staff and weeks once; a row may leave them to another one."""
    for name in _SAME:
        value = f"{name}_value"
        known = pl.col(value).drop_nulls().n_unique().over(_GROUP)
        first = pl.col(value).drop_nulls().first().over(_GROUP)
        rows = rows.with_columns(first.alias(value), known.alias("__known"))
        sheet.flag(rows.filter(pl.col("__known") > 1), "survey_differs", name, pl.col(name).fill_null(""))
        if name != "hours_per_day":
            sheet.flag(rows.filter(pl.col("__known") == 0), "missing_value", name)
    rows = sheet.without_rejected(rows)
    short = pl.col("staff_value") < pl.len().over(_GROUP)
    return sheet.limits(
        rows.with_columns(__short=short), "staff", pl.col("__short"), "the number of answers or more"
    )


def _surveys(rows: pl.DataFrame, sheet: Sheet) -> list[_Survey]:
    """Return the surveys of a file, and say how far each was extrapolated."""
    found = []
    for _, group in rows.group_by(_GROUP, maintain_order=True):
        answers = group.to_dicts()
        first = answers[0]
        survey = _Survey(answers, first["staff_value"], first["weeks_value"], first["hours_per_day_value"])
        parameters = {
            "answers": str(len(answers)),
            "staff": _plain(survey.staff),
            "rate": f"{Decimal(_rate(survey)):.0f}",
        }
        sheet.add(Issue("survey_extrapolated", first[ROW], sheet.title("staff"), None, parameters))
        found.append(survey)
    return found


def _ways(survey: _Survey, sheet: Sheet) -> list[_Sum]:
    """Return one sum per mode that emits."""
    found = []
    for mode in dict.fromkeys(row["mode"] for row in survey.rows):
        answers = [row for row in survey.rows if row["mode"] == mode]
        first = answers[0][ROW]
        if mode in _SILENT:
            told = {"reason": _SILENT[mode], "count": str(len(answers)), "mode": _word(sheet, mode)}
            sheet.add(Issue("answers_not_counted", first, sheet.title("mode"), mode, told))
            continue
        total = survey.sum(
            answers, lambda row: 2 * Fraction(row["distance_value"]) * Fraction(row["days_value"])
        )
        _say(answers, sheet, mode)
        found.append(_Sum(first, UNITS[mode], total, survey, len(answers)))
    return found


def _home(survey: _Survey, sheet: Sheet) -> list[_Sum]:
    """Return the sum of working at home, or nothing where no answer names a day or no row the hours."""
    answers = [row for row in survey.rows if row["home_days_value"]]
    first = survey.rows[0][ROW]
    hours = survey.hours
    if not answers or hours is None:
        sheet.add(
            Issue("home_not_counted", first, sheet.title("home_days"), None, {"count": str(len(survey.rows))})
        )
        return []
    total = survey.sum(answers, lambda row: Fraction(row["home_days_value"]) * Fraction(hours))
    _say(answers, sheet, "homeworking")
    return [_Sum(first, "fte_hour", total, survey, len(answers))]


def _say(answers: Answers, sheet: Sheet, mode: str) -> None:
    """Say how many answers went into a sum, and where they are few enough to tell a person by."""
    first = answers[0][ROW]
    if len(answers) > 1:
        parameters = {"count": str(len(answers) - 1), "first": str(first)}
        sheet.add(Issue("aggregated", first, sheet.title("mode"), mode, parameters))
    if len(answers) < _SMALL:
        parameters = {"count": str(len(answers)), "least": str(_SMALL), "mode": _word(sheet, mode)}
        sheet.add(Issue("small_group", first, sheet.title("mode"), mode, parameters))


def _records(
    rows: pl.DataFrame, sums: Sequence[_Sum], sheet: Sheet, *, activity: str, told_by: str
) -> pl.DataFrame:
    """Return the rows of sums with quantity, unit and source; the mode is the product group of a way."""
    keys = [one.row for one in sums]
    kept = rows.filter(pl.col(ROW).is_in(keys)).sort(ROW)
    told = pl.DataFrame(
        [(it.row, it.unit, str(it.answers), _plain(it.survey.staff), _rate(it.survey)) for it in sums],
        schema={ROW: pl.Int64} | dict.fromkeys(("unit", "answers", "staff", "response_rate"), pl.String),
        orient="row",
    )
    kept = kept.drop("staff", "staff_value").join(told, on=ROW, how="left", maintain_order="left")
    mode = pl.col("mode") if activity == "commuting" else pl.lit(None, dtype=pl.String)
    kept = kept.with_columns(
        pl.lit(activity).alias("activity"),
        pl.lit(sheet.title(told_by)).alias(TOLD_BY),
        mode=mode,
        source=pl.concat_str(pl.lit(activity), mode, separator=" / ", ignore_nulls=True),
        product_group=mode,
    )
    values = {one.row: (one.total, one.told) for one in sums}
    return with_quantity(kept, sheet, values, None).drop("note", "note" + TYPED, strict=False)


def _word(sheet: Sheet, mode: str) -> str:
    """Return the English word of a mode: a template, as everything an issue is told in."""
    return next((word.en for word in sheet.form.words["mode"] if word.code == mode), "working at home")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _rate(survey: _Survey) -> str:
    """Return the share of the staff that answered, in percent with one decimal."""
    return f"{Decimal(len(survey.rows)) * 100 / survey.staff:.1f}" if survey.staff else "0"
