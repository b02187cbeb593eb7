"""What the words of a row mean: activity, unit, basis, role, quality, kind of document.

Each distinct spelling is looked up once and joined; the rows are never looped over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz import activity, units
from bilanz.issues import Issue
from bilanz.messages import Language
from bilanz.records import Basis, Quality
from importers.base import ImportRequest
from importers.upload import vocabulary
from importers.upload.columns import Columns

_DIMENSIONS: Final = {
    "norm_volume": "standard volume",
    "standard_volume": "standard cubic feet",
    "bulk_volume": "volume of wood",
    "nights": "room nights",
    "working_time": "hours of full-time staff",
    "passenger_distance": "passenger kilometres",
    "freight": "tonne kilometres",
}
_MONEY: Final = "money"
_ENGLISH: Final[Language] = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """Reads the words of one file.

    Attributes:
        columns: for titles and findings.
        request: what the caller states for rows that say nothing.
    """

    columns: Columns
    request: ImportRequest

    def read(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the codes of their words: `unit_code`, `kind`, `basis_code`, `role_code`.

        Args:
            rows: with `activity_code` (see `with_activity`).
        """
        self._say_activity(rows)
        for name in ("role", "document_type", "quality", "basis"):
            rows = self._vocabulary(rows, name)
        rows = self._unit(rows)
        rows = self._dimension(rows)
        return self._basis(rows)

    def with_activity(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with `activity_code`; null: none is named or the name is not known."""
        rows = with_meaning(rows, "activity", "activity_code", activity.find)
        if self.request.activity is None:
            return rows
        given = (
            pl.when(pl.col("activity").is_null())
            .then(pl.lit(self.request.activity))
            .otherwise("activity_code")
        )
        return rows.with_columns(activity_code=given)

    def _say_activity(self, rows: pl.DataFrame) -> None:
        title, text = self.columns.title("activity"), pl.col("activity")
        none = rows.filter(pl.col("activity_code").is_null())
        unknown = none.filter(text.is_not_null())
        near = looked_up(unknown, "activity", near_activities)
        self.columns.findings.flag(unknown, "unknown_activity", title, text, near=near)
        self.columns.findings.flag(none.filter(text.is_null()), "missing_value", title)

    def _vocabulary(self, rows: pl.DataFrame, name: str) -> pl.DataFrame:
        code, text = f"{name}_code", pl.col(name)
        rows = with_meaning(rows, name, code, lambda word: vocabulary.find(name, word))
        unknown = rows.filter(text.is_not_null() & pl.col(code).is_null())
        expected = ", ".join(vocabulary.offered(name, _ENGLISH))
        self.columns.findings.flag(
            unknown, "unknown_value", self.columns.title(name), text, expected=expected
        )
        return rows

    def _unit(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Find the unit: of the cell, the quantity's header, the request; for pure spend the currency."""
        findings, title = self.columns.findings, self.columns.title("unit")
        given = self.columns.unit_of("quantity") or self.request.unit
        rows = rows.with_columns(
            unit_text=pl.coalesce(
                "unit",
                pl.lit(given, dtype=pl.String),
                pl.when(pl.col("activity_code").is_in(pure_spend())).then("currency"),
            )
        )
        text = pl.col("unit_text")
        rows = with_meaning(rows, "unit_text", "unit_code", _unit_code)
        rows = with_meaning(rows, "unit_text", "kind", _kind)
        rows = with_meaning(rows, "unit_text", "unit_basis", _unit_basis)
        rows = with_meaning(rows, "unit_text", "refusal", units.refusal)
        findings.flag(findings.without_rejected(rows.filter(text.is_null())), "missing_unit", title)
        refused = rows.filter(pl.col("refusal").is_not_null())
        findings.flag(refused, "refused_unit", title, text, reason=pl.col("refusal"))
        unknown = rows.filter(
            text.is_not_null() & pl.col("unit_code").is_null() & pl.col("refusal").is_null()
        )
        near = looked_up(unknown, "unit_text", lambda name: ", ".join(units.near(name)) or "–")
        findings.flag(unknown, "unknown_unit", title, text, near=near)
        self._unit_of_headers(rows)
        return rows

    def _unit_of_headers(self, rows: pl.DataFrame) -> None:
        """Refuse rows whose unit or currency is another one than a header states for the same column."""
        findings, match = self.columns.findings, self.columns.match
        measured = ("quantity", "opening_reading", "closing_reading", "stock_before", "stock_after")
        for name, column in (*((name, "unit") for name in measured), ("cost_net", "currency")):
            stated = units.find(match.brackets.get(name, ""))
            if stated is None:
                continue
            code = looked_up(rows, column, _unit_code)
            other = rows.filter(pl.col(name).is_not_null() & (code != stated.unit).fill_null(value=False))
            header = match.title(name)
            findings.flag(other, "unit_conflict", self.columns.title(column), pl.col(column), stated=header)

    def _dimension(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Refuse units that do not measure the activity; money is always allowed and makes a row spend."""
        known = rows.filter(
            pl.col("unit_code").is_not_null()
            & pl.col("activity_code").is_not_null()
            & pl.col("refusal").is_null()
        )
        pairs = known.select("activity_code", "kind").unique()
        wrong = pairs.filter(
            pl.Series([not measures(code, kind) for code, kind in pairs.rows()], dtype=pl.Boolean)
        )
        bad = known.join(wrong, on=["activity_code", "kind"], how="semi")
        expected = looked_up(bad, "activity_code", expected_dimensions)
        self.columns.findings.flag(
            bad,
            "unit_mismatch",
            self.columns.title("unit"),
            pl.col("unit_text"),
            activity=looked_up(bad, "activity_code", activity_name),
            expected=expected,
        )
        return rows

    def _basis(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Find the calorific basis: of the cell or of the unit's spelling, which must not contradict."""
        findings, title = self.columns.findings, self.columns.title("basis")
        stated = pl.when(pl.col("basis_code") != Basis.NONE).then("basis_code")
        rows = rows.with_columns(stated_basis=stated)
        both = pl.format("{} / {}", "basis", "unit_text")
        contrary = rows.filter(pl.col("stated_basis") != pl.col("unit_basis"))
        findings.flag(contrary, "basis_conflict", title, both)
        needs = pl.col("activity_code").is_in(
            [it.code for it in activity.activities().values() if it.needs_basis]
        )
        fuel = (needs & (pl.col("kind") == "energy")).fill_null(value=False)
        found = pl.coalesce("stated_basis", "unit_basis", pl.lit(self.request.basis, dtype=pl.String))
        return rows.with_columns(
            needs_basis=fuel,
            basis_code=pl.when(fuel)
            .then(found.fill_null(str(Basis.NONE)))
            .otherwise(pl.lit(str(Basis.NONE))),
        )


def assume_quality(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill an empty quality from what the row itself shows.

    Money is spend. Two readings make a measured quantity, a document or a cost a billed one. A row that
    shows neither is taken as the weakest, estimated.
    """
    shown = (
        pl.when(pl.col("kind") == _MONEY)
        .then(pl.lit(str(Quality.SPEND)))
        .when(pl.col("opening_reading").is_not_null() & pl.col("closing_reading").is_not_null())
        .then(pl.lit(str(Quality.MEASURED)))
        .when(pl.any_horizontal(pl.col("document", "document_type", "cost_net").is_not_null()))
        .then(pl.lit(str(Quality.BILLED)))
        .otherwise(pl.lit(str(Quality.ESTIMATED)))
    )
    return rows.with_columns(quality_code=pl.coalesce("quality_code", shown))


def remark_words(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows which lack a calorific basis, and how often the quality was assumed."""
    unknown = rows.filter(pl.col("needs_basis") & (pl.col("basis_code") == Basis.NONE))
    title = columns.title("basis")
    columns.findings.flag(unknown, "basis_missing", title, pl.col("basis"), unit=pl.col("unit_text"))
    stated = pl.coalesce("stated_basis", "unit_basis").is_not_null()
    idle = rows.filter(stated & (pl.col("kind") == "energy") & ~pl.col("needs_basis"))
    text = pl.coalesce(pl.when(pl.col("stated_basis").is_not_null()).then("basis"), "unit_text")
    named = looked_up(idle, "activity_code", activity_name)
    columns.findings.flag(idle, "basis_unused", title, text, activity=named)
    assumed = rows.filter(pl.col("quality").is_null() & (pl.col("kind") != _MONEY))
    for quality, count in assumed["quality_code"].value_counts(sort=True).rows():
        parameters = {"count": str(count), "quality": quality}
        columns.findings.add(Issue("quality_assumed", None, columns.title("quality"), None, parameters))


def pure_spend() -> list[str]:
    """Return the activities that are measured in money only."""
    return [entry.code for entry in activity.activities().values() if entry.dimensions == (_MONEY,)]


def measures(code: str, kind: str) -> bool:
    """Return whether a unit of a kind measures an activity; money always does, as spend."""
    dimensions = activity.activity(code).dimensions
    return kind in (*dimensions, _MONEY) or (kind == "norm_volume" and "volume" in dimensions)


def near_activities(name: str) -> str:
    """Return the activities whose names come close to one that is not known (English templates)."""
    codes = dict.fromkeys(code for spelling in activity.near(name) if (code := activity.find(spelling)))
    return ", ".join(map(activity_name, codes)) or "–"


def activity_name(code: str) -> str:
    """Return the English name of an activity: a template, as everything an issue is told in."""
    return activity.activity(code).en


def expected_dimensions(code: str) -> str:
    """Return what an activity is measured in, in words (English templates)."""
    return ", ".join(_DIMENSIONS.get(name, name) for name in activity.activity(code).dimensions)


def _unit_code(text: str) -> str | None:
    found = units.find(text)
    return found.unit if found else None


def _unit_basis(text: str) -> str | None:
    found = units.find(text)
    return str(found.basis) if found and found.basis else None


def _kind(text: str) -> str | None:
    found = units.find(text)
    return units.unit(found.unit).kind if found else None


def looked_up(rows: pl.DataFrame, column: str, meaning: Callable[[str], str | None]) -> pl.Expr:
    """Return an expression that maps each distinct text of a column to its meaning, looked up once."""
    distinct = rows[column].drop_nulls().unique().sort()
    means = pl.Series([meaning(text) for text in distinct], dtype=pl.String)
    return pl.col(column).replace_strict(distinct, means, default=None, return_dtype=pl.String)


def with_meaning(
    rows: pl.DataFrame, column: str, name: str, meaning: Callable[[str], str | None]
) -> pl.DataFrame:
    """Return the rows with a column `name` of what the texts of `column` mean."""
    return rows.with_columns(looked_up(rows, column, meaning).alias(name))
