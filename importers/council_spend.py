"""Payments of councils and exports of finance systems: one line paid, one record of spend.

Amounts keep their sign. What was bought is classified later, by CPV code and account; the texts of the file
are kept for it. Specification: `docs/formats/procurement.md`.
"""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.spend.vocabulary import AMOUNTS, CONTRACT, Header, read_header, words
from importers.tables.layout import Layout, Negative, Period
from importers.tables.made import with_column
from importers.tables.money import DOLLAR, Money
from importers.tables.reading import read_table
from importers.upload.findings import ROW, Findings
from importers.upload.table import Table, open_table, refuse_doubled, sample_headers

_PLACES: Final = {"supplier": "counterparty"} | {
    name: name for name in ("document", "account", "cost_code", "currency")
}
_SURE: Final = 0.95
_UNSURE: Final = 0.6


class CouncilSpend(Importer):
    """Lists of payments, purchase cards and postings of creditors."""

    name: ClassVar[str] = "council_spend"
    version: ClassVar[str] = "2"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a date, an amount of money, to whom, and what for; nothing that measures."""
        found = max(map(read_header, sample_headers(sample)), key=_points, default=None)
        if found is None or not found.is_list:
            return None
        names = ("date", found.amount or "", "supplier", "document", "account", "cost_code", "capital")
        titles = ", ".join(title for name in names if (title := found.match.title(name)))
        reason = "the columns of a list of payments: {columns}"
        return Claim(_UNSURE if found.is_measured else _SURE, reason, {"columns": titles})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: _points(read_header(header)))
        found = read_header(table.header)
        if found.amount is None or "date" not in found.match.positions:
            raise FileRefused(
                "{file}: a list of payments has a date and an amount; the header is {columns}.",
                code="missing_column",
                file=path.name,
                columns=", ".join(filter(None, table.header)),
            )
        refuse_doubled(table, found.match, (found.amount, "date", "mark"), path.name)
        found = _with_contract(found, request)
        workspace.progress(0.3)
        findings = Findings()
        table, activity = _with_activity(table, found, findings)
        findings.add(*found.match.duplicate_issues(), *_remarks(found))
        return read_table(table, _layout(found, activity), request, findings=findings)


def _points(found: Header) -> int:
    return (len(found.match.positions) + len(found.kept)) if found.is_list else 0


def _layout(found: Header, activity: int | None) -> Layout:
    positions = found.match.positions
    amount, date = positions[found.amount or ""], positions["date"]
    places = {"quantity": amount, "start": date, "end": date}
    places |= {field: positions[name] for name, field in _PLACES.items() if name in positions}
    if "currency" in places:
        places["unit"] = places.pop("currency")
    if activity is not None:
        places["activity"] = activity
    stated = found.match.brackets.get(found.amount or "")
    stated = None if stated == DOLLAR else stated
    is_pounds = found.publisher is not None and stated is None
    return Layout(
        places=places,
        given={"activity": "purchase"} | ({"unit": "GBP"} if is_pounds else {}),
        joined=found.kept,
        period=Period.DAY,
        negative=Negative.CREDIT,
        units={"quantity": stated} if stated is not None else {},
        money=Money(positions.get("mark")),
        aside=(
            *(positions[name] for name in ("capital", *AMOUNTS, "vat") if name in positions),
            *found.contracts,
        ),
        has_mixed_dates=True,
    )


def _with_contract(found: Header, request: ImportRequest) -> Header:
    """Return the header with the column that is declared to be the contract's number, of several."""
    if CONTRACT in found.kept:
        return found
    declared = tuple(
        place
        for place in found.contracts
        if request.declared.get(found.match.header[place], "").strip().lower() == CONTRACT
    )
    return replace(found, kept={**found.kept, CONTRACT: declared}) if len(declared) == 1 else found


def _with_activity(table: Table, found: Header, findings: Findings) -> tuple[Table, int | None]:
    """Return the table with the activity of each row, where a column says capital or revenue."""
    place = found.match.positions.get("capital")
    if place is None:
        return table, None
    text = table.frame[str(place)]
    known = {stated: words().get(folded(stated)) for stated in text.drop_nulls().unique()}
    activity = text.replace_strict(known, default=None, return_dtype=pl.String)
    is_said = pl.col(str(place)).str.strip_chars() != ""
    strange = table.frame.select(ROW, str(place), activity.alias("activity"))
    strange = strange.filter(is_said & pl.col("activity").is_null())
    expected = "capital, revenue"
    findings.flag(
        strange, "not_capital_or_revenue", found.match.title("capital"), pl.col(str(place)), expected=expected
    )
    return with_column(table, "activity", activity)


def _remarks(found: Header) -> list[Issue]:
    """Say what the header leaves open: the currency of a known layout, and value added tax."""
    title = found.match.title(found.amount or "")
    issues = []
    if found.publisher is not None and (found.amount or "") not in found.match.brackets:
        issues.append(Issue("pounds_by_layout", column=title, value=found.publisher))
    elif found.amount == "amount":
        issues.append(Issue("tax_unstated", column=title))
    if found.amount == "amount_gross":
        issues.append(Issue("gross_only", column=title))
    if found.contracts and CONTRACT not in found.kept:
        titles = [found.match.header[place] for place in found.contracts]
        issues.append(Issue("several_contracts", column=titles[0], value=", ".join(titles)))
    others = [found.match.title(name) for name in (*AMOUNTS, "vat") if name != found.amount]
    others = [text for text in others if text]
    if others:
        issues.append(Issue("other_amounts", column=title, value=", ".join(others)))
    return issues
