"""Counted lines as activity records."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import polars as pl

from bilanz.activity import activity as activity_of
from bilanz.records import ACTIVITY_SCHEMA, Basis, Direction, Quality
from importers.base import ControlSum, ImportRequest
from importers.invoice import terms
from importers.invoice.counting import Counted, Supply, without_activity
from importers.invoice.document import Document
from importers.invoice.entries import Entry, document_type
from importers.invoice.findings import Findings
from importers.invoice.model import Header
from importers.invoice.statement import Statement, is_statement

_MICRO: Final = Decimal("0.000001")
_PURCHASE: Final = "purchase"


@dataclass(slots=True)
class Rows:
    """Makes the records of one invoice and keeps what rounding changed."""

    header: Header
    document: Document
    currency: str
    request: ImportRequest
    findings: Findings
    statements: Mapping[int, Statement] = field(default_factory=dict)

    def frame(self, counted: Counted) -> pl.DataFrame:
        """Return `ACTIVITY_SCHEMA`, by source row."""
        records = [self._supply(supply) for supply in counted.supplies]
        records += [self._spend(entry) for entry in counted.spend]
        self._note_rounding(counted)
        records.sort(key=lambda record: int(str(record["source_row"])))
        return pl.DataFrame(records, schema=ACTIVITY_SCHEMA, orient="row")

    def _supply(self, supply: Supply) -> dict[str, object]:
        entry = supply.entry
        return {
            **self._common(entry),
            "activity": entry.activity,
            "direction": (Direction.FEED_IN if entry.kind == "feed_in" else Direction.CONSUMPTION).value,
            "quantity": rounded(entry.quantity),
            "unit": entry.unit,
            "basis": self._basis(entry),
            "original_quantity": entry.line.quantity,
            "original_unit": entry.line.unit,
            "cost_net": rounded(supply.cost),
            "quality": Quality.BILLED.value,
            "document_type": document_type(entry, self.document, is_supply=True),
            "attributes": _attributes(
                entry, self.header, supply.included, self.statements.get(id(entry), Statement())
            ),
        }

    def _spend(self, entry: Entry) -> dict[str, object]:
        activity = without_activity(entry).activity
        return {
            **self._common(entry),
            "column": entry.line.net_column,
            "activity": activity or _PURCHASE,
            "direction": Direction.CONSUMPTION.value,
            "quantity": rounded(entry.net),
            "unit": self.currency,
            "basis": Basis.NONE.value,
            "original_quantity": entry.line.net,
            "original_unit": self.header.currency,
            "cost_net": rounded(entry.net),
            "quality": Quality.SPEND.value,
            "document_type": document_type(entry, self.document, is_supply=False),
            "attributes": _attributes(entry, self.header, (), Statement()),
        }

    def _common(self, entry: Entry) -> dict[str, object]:
        return {
            "source_row": entry.line.row,
            "column": entry.line.column,
            "organisation": None,
            "site": None,
            "source": entry.source,
            "product_group": None,
            "role": None,
            "start": entry.period.start,
            "end": entry.period.end,
            "currency": self.currency,
            "document": self.header.number,
            "counterparty": self.header.supplier,
        }

    def _basis(self, entry: Entry) -> str:
        """Return the stated calorific basis: of the line, else of the registered source; `none` is noted."""
        if entry.dimension != "energy" or entry.activity is None:
            return Basis.NONE.value
        if not activity_of(entry.activity).needs_basis:
            return Basis.NONE.value
        properties = (f"{name}: {value}" for name, value in entry.line.properties)
        texts = (text for text in (*entry.line.details, *properties) if not is_statement(text))
        stated = terms.basis(" . ".join((entry.line.name, *texts)))
        basis = stated or self.request.basis
        if basis is None:
            self.findings.note(
                "basis_missing", entry.line, column=entry.line.column, unit=entry.unit or "", value=entry.name
            )
        return basis or Basis.NONE.value

    def _note_rounding(self, counted: Counted) -> None:
        exact = [entry.quantity for entry in (supply.entry for supply in counted.supplies)]
        exact += [entry.net for entry in counted.spend]
        changed = [
            (value, rounded(value)) for value in exact if value is not None and rounded(value) != value
        ]
        if changed:
            difference = sum((short - value for value, short in changed if short is not None), Decimal(0))
            self.findings.note("rounded", count=str(len(changed)), difference=f"{difference.normalize():f}")


def rounded(value: Decimal | None) -> Decimal | None:
    """Return a value with six decimals, half to even."""
    return None if value is None else value.quantize(_MICRO, ROUND_HALF_EVEN)


def control_sums(counted: Counted, currency: str) -> tuple[ControlSum, ...]:
    """Return the sums of quantities per column and unit, and of spend in the currency."""
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for supply in counted.supplies:
        entry = supply.entry
        totals.setdefault((entry.line.column, entry.unit or ""), []).append(entry.quantity or Decimal(0))
    for entry in counted.spend:
        totals.setdefault((entry.line.net_column, currency), []).append(entry.net or Decimal(0))
    return tuple(
        ControlSum(column, unit, sum(values, Decimal(0)), len(values))
        for (column, unit), values in totals.items()
    )


def _attributes(
    entry: Entry, header: Header, included: Iterable[tuple[Entry, Decimal]], statement: Statement
) -> str:
    line = entry.line
    content: dict[str, object] = {
        "line": line.number,
        "name": entry.name,
        "details": [text for text in line.details if text != entry.name],
        "kind": entry.kind,
        "quantity": line.quantity,
        "unit": line.unit,
        "net": line.net,
        "period_from": entry.period.origin,
        "codes": [{"list": name, "code": code} for name, code in line.codes],
        "type_code": header.type_code,
        "contract": header.contract,
        "preceding": header.preceding,
        "included": [
            {"line": part.line.number, "name": part.name, "kind": part.kind, "net": f"{net:f}"}
            for part, net in included
        ],
        **statement.attributes(),
    }
    filled = {name: value for name, value in content.items() if value not in (None, [], "")}
    return json.dumps(filled, ensure_ascii=False)
