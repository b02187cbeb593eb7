"""Municipal budgets and accounts: what was spent per account and year, one amount, one record.

Only actual expenditure is spend. Planned figures, income, roll-ups and results are set apart and said. A
column that does not say whether it is planned or actual is refused until declared. Specification:
`docs/formats/procurement.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.budget.once import one_per_year
from importers.budget.rows import chart_of, understood
from importers.budget.sums import compare_rollups
from importers.budget.vocabulary import ACTUAL, PLANNED, Amounts, Header, kind_of, read_header
from importers.tables.layout import Layout, Negative, Period, ValueColumn
from importers.tables.made import with_column
from importers.tables.money import Money
from importers.tables.reading import read_table
from importers.upload.findings import ROW, Findings
from importers.upload.table import Table, open_table, sample_headers

_SURE: Final = 0.95
_SET_APART: Final = {
    "planned": "planned_rows",
    "open": "figures_unknown",
    "heading": "headings_ignored",
    "rollup": "rollups_ignored",
    "income": "income_ignored",
    "result": "results_ignored",
    "repeated": "cash_repeats_expense",
    "unknown": "flow_unknown",
}
_INVESTED: Final = "5"
"""Class of investments in the Swiss chart of accounts."""

_REJECTED: Final = frozenset({"unknown", "open"})
_MINUS: Final = r"^\s*[-\u2212(]|[-\u2212]\s*$"


class BudgetTable(Importer):
    """Budgets and accounts of German and Swiss municipalities."""

    name: ClassVar[str] = "budget_table"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: accounts with their names, and amounts per year or of a year."""
        found = next((header for header in sample_headers(sample) if read_header(header).is_budget), None)
        if found is None:
            return None
        header = read_header(found)
        places = [one.place for one in header.years] or [header.places["amount"]]
        columns = ", ".join(found[place] for place in places)
        return Claim(_SURE, "accounts of a budget with the amounts {columns}", {"columns": columns})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda texts: int(read_header(texts).is_budget))
        header = read_header(table.header)
        if not header.is_budget:
            raise FileRefused(
                "{file}: a budget has accounts, their names, and amounts of a year; the header is {columns}.",
                code="missing_column",
                file=path.name,
                columns=", ".join(filter(None, table.header)),
            )
        workspace.progress(0.3)
        table = replace(table, issues=tuple(map(_of_sheet, table.issues)))
        return _Reading(table, header, request).result()


def _given(amounts: Amounts) -> dict[str, str]:
    """Return what the header of a column states for all its amounts."""
    stated = {"year": amounts.year, "unit": amounts.currency}
    return {name: text for name, text in stated.items() if text}


def _of_sheet(issue: Issue) -> Issue:
    """Say of a sheet left unread that it may hold the same amounts by department: so they are made."""
    return replace(issue, code="level_ignored") if issue.code == "sheet_ignored" else issue


@dataclass(slots=True)
class _Reading:
    """One table on its way to an import.

    Attributes:
        ignored, rejected: amounts set apart so far.
    """

    table: Table
    header: Header
    request: ImportRequest
    findings: Findings = field(default_factory=Findings)
    ignored: int = 0
    rejected: int = 0

    def result(self) -> ImportResult:
        """Return the import of the table."""
        years = self.header.years or self._of_long()
        actual = self._once([one for one in years if one.kind == ACTUAL])
        whole, height = self.table, self.table.frame.height
        self._say_planned([one for one in years if one.kind == PLANNED], is_all=not actual)
        if not actual:
            self.findings.add(*whole.issues)
            return self._nothing(height * len(years))
        rows = understood(whole, self.header, [one.place for one in years])
        for one in actual:
            self.findings.add(
                *compare_rollups(whole, rows, one.place, self.request.declared.get(whole.header[one.place]))
            )
        self._set_apart(rows, actual)
        kept = rows.filter(pl.col("role") == "record")
        table, layout = self._layout(rows, actual)
        is_kept = table.frame[ROW].is_in(kept[ROW].implode())
        typed = table.typed.filter(is_kept) if table.typed is not None else None
        part = replace(table, frame=table.frame.filter(is_kept), typed=typed)
        request = replace(self.request, declared=self._declared())
        found = read_table(part, layout, request, findings=self.findings)
        return replace(
            found,
            read=height * len(years) + whole.ragged,
            rejected=found.rejected + self.rejected,
            ignored=found.ignored + self.ignored,
        )

    def _once(self, actual: list[Amounts]) -> list[Amounts]:
        """Return one column of actual amounts per year; those of the others are ignored."""
        if not self.header.years:
            return actual
        kept = one_per_year(self.table, actual, self._declared(), self.findings)
        self.ignored += (len(actual) - len(kept)) * self.table.frame.height
        return kept

    def _of_long(self) -> tuple[Amounts, ...]:
        """Return the one column of a long table, of the kind its rows or a declaration say; "": none."""
        place = self.header.places["amount"]
        if "kind" in self.header.places:
            return (Amounts(place, ACTUAL, "", None),)
        title = self.table.header[place]
        words = self.request.declared.get(title, "").split()
        kind = next((kind for word in words if (kind := kind_of(word)) is not None), "")
        if not kind:
            self.findings.add(Issue("plan_or_actual", column=title))
            self.rejected += self.table.frame.height
        return (Amounts(place, kind, "", None),)

    def _declared(self) -> Mapping[str, str]:
        """Return the declarations without the words for planned and actual figures."""
        return {
            title: " ".join(word for word in text.split(" ") if kind_of(word) is None)
            for title, text in self.request.declared.items()
        }

    def _say_planned(self, planned: Sequence[Amounts], *, is_all: bool) -> None:
        height = self.table.frame.height
        for one in planned:
            title = self.table.header[one.place]
            self.findings.add(Issue("planned_ignored", None, title, title, {"count": str(height)}))
            self.ignored += height
        if planned and is_all:
            self.findings.add(Issue("only_planned"))

    def _nothing(self, read: int) -> ImportResult:
        return ImportResult(
            read=read + self.table.ragged,
            rejected=self.rejected + self.table.ragged,
            ignored=self.ignored,
            issues=self.findings.frame(),
        )

    def _set_apart(self, rows: pl.DataFrame, actual: Sequence[Amounts]) -> None:
        """Count and say the rows that are no expenditure of their own."""
        for role, code in _SET_APART.items():
            some = rows.filter(pl.col("role") == role)
            if some.is_empty():
                continue
            shown = [
                text for text in some.select(pl.coalesce("category", "account", "first")).to_series() if text
            ]
            value = ", ".join(dict.fromkeys(shown[:3])) + (", …" if len(shown) > 3 else "")  # noqa: PLR2004
            parameters = {"count": str(some.height)}
            self.findings.add(Issue(code, value=value, parameters=parameters))
            if role in _REJECTED:
                self.rejected += some.height * len(actual)
            else:
                self.ignored += some.height * len(actual)

    def _layout(self, rows: pl.DataFrame, actual: Sequence[Amounts]) -> tuple[Table, Layout]:
        """Return the table with what its rows were understood as, and its columns."""
        chart = chart_of(rows)
        codes = {"account": "account", "cost_code": "title"} if chart == "kkr" else {"cost_code": "number"}
        capital = pl.when(pl.lit(chart == "hrm") & pl.col("code").str.starts_with(_INVESTED))
        rows = rows.with_columns(
            number=pl.coalesce("account", "title"),
            activity=capital.then(pl.lit("purchase_capital")),
        )
        table, places = self.table, {}
        names = ("department", "category", "activity")
        for field_name, name in {**codes, **dict(zip(names, names, strict=True))}.items():
            table, places[field_name] = with_column(table, name, rows[name])
        if "year" in self.header.places:
            places["year"] = self.header.places["year"]
        elif "date" in self.header.places and not self.header.years:
            title = table.header[self.header.places["date"]]
            table, places["year"] = with_column(table, title, self._years())
        used = {place for kept in self.header.kept.values() for place in kept}
        used |= {*self.header.places.values(), *(one.place for one in self.header.years)}
        return table, Layout(
            places=places,
            values=tuple(ValueColumn(one.place, _given(one)) for one in actual),
            given={"activity": "purchase"},
            joined={"note": self.header.kept["note"]} if "note" in self.header.kept else {},
            period=Period.YEAR,
            negative=Negative.CREDIT,
            money=Money(is_turned=self._is_turned(rows, actual)),
            aside=tuple(sorted(used)),
        )

    def _years(self) -> pl.Series:
        """Return the year of dates that are the first or the last day of one; of others the text."""
        text = self.table.frame[str(self.header.places["date"])].str.strip_chars()
        first = text.str.extract(r"^0?1[./]0?1[./]((?:19|20)\d\d)$")
        last = text.str.extract(r"^31[./]12[./]((?:19|20)\d\d)$")
        iso = text.str.extract(r"^((?:19|20)\d\d)-(?:01-01|12-31)$")
        return pl.select(pl.coalesce(first, last, iso, text)).to_series()

    def _is_turned(self, rows: pl.DataFrame, actual: Sequence[Amounts]) -> bool:
        """Return whether expenditure is written with a minus sign, by most of it; and say so."""
        kept = rows.filter((pl.col("role") == "record") & (pl.col("flow") == "out"))[ROW]
        cells = self.table.frame.filter(pl.col(ROW).is_in(kept.implode()))
        text = pl.concat([cells[str(one.place)] for one in actual])
        filled = text.filter(text.str.contains("[1-9]"))
        is_turned = bool(filled.len()) and 2 * filled.str.contains(_MINUS).sum() > filled.len()
        if is_turned:
            self.findings.add(Issue("sign_turned", column=self.table.header[actual[0].place]))
        return is_turned
