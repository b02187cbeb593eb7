"""One award or contract as its notice tells, and the records of a file of them.

An award is money promised. Invoices and payments of the same contract follow, and they are what is spent: so
the document type of these records keeps them out of every balance (`bilanz.slices`). Number, parties, amount,
term and CPV codes are kept.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.periods import day_start
from bilanz.records import ACTIVITY_SCHEMA, Basis, Direction, DocumentType, Quality
from importers.base import ControlSum, ImportRequest, ImportResult
from importers.columns import numbers
from importers.upload.findings import Findings
from importers.upload.quantities import currency

DEFAULT_ZONE: Final = "Europe/Berlin"
_POINT: Final = numbers.NumberFormat(".")
_DAY: Final = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)(?:[T+\-Z ].*)?")
_CPV: Final = re.compile(r"(\d{8})(?:-\d)?(?:\.0+)?")
_MICRO: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Contract:
    """An award or contract, as texts.

    Attributes:
        row: physical line; of a format without lines the number of the contract in the file.
        place: element or path of the amount.
        amount: with a decimal point.
        start, end: first and last day, or one of them; ISO 8601, what stands behind the day is not read.
        cpv: codes of what is bought, the main one first.
        told: further facts that are kept: title, buyer, process, lot.
    """

    row: int
    place: str
    amount: str | None
    currency: str | None
    number: str | None
    supplier: str | None
    start: str | None
    end: str | None
    cpv: tuple[str, ...] = ()
    told: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Notices:
    """What a file of notices came to.

    Attributes:
        read, rejected, ignored: counted in awards and contracts; an announcement without award is one.
    """

    read: int = 0
    rejected: int = 0
    ignored: int = 0
    findings: Findings = field(default_factory=Findings)

    def ignore(self, code: str, row: int, value: str | None = None, **parameters: str) -> None:
        """Count one award that is none, and say why."""
        self.read += 1
        self.ignored += 1
        self.findings.add(Issue(code, row, None, value, parameters))

    def result(self, contracts: Sequence[Contract], request: ImportRequest) -> ImportResult:
        """Return the import; an award without a value is ignored, one that cannot be read rejected."""
        zone = request.zone or DEFAULT_ZONE
        records = [record for one in contracts if (record := self._record(one, zone, request)) is not None]
        if records and request.zone is None:
            self.findings.add(Issue("zone_assumed", parameters={"zone": zone}))
        if records:
            self.findings.add(Issue("contracts_promised", value=str(len(records))))
        frame = pl.DataFrame(records, schema=ACTIVITY_SCHEMA, orient="row")
        sums = [
            ControlSum(str(column), str(unit), Decimal(group["quantity"].sum()), group.height)
            for (column, unit), group in frame.group_by("column", "unit", maintain_order=True)
        ]
        return ImportResult(
            read=self.read,
            rejected=self.rejected,
            ignored=self.ignored,
            activities=frame,
            issues=self.findings.frame(),
            control_sums=tuple(sums),
        )

    def _record(self, one: Contract, zone: str, request: ImportRequest) -> dict[str, object] | None:
        if one.amount is None:
            self.ignore("contract_without_value", one.row, one.number or one.told.get("title"))
            return None
        self.read += 1
        first, last = day(one.start) or day(one.end), day(one.end) or day(one.start)
        amount, code = numbers.parse(one.amount, _POINT), currency(one.currency or "")
        refusal = self._refusal(one, amount, code, first, last)
        if refusal is not None or amount is None or first is None or last is None:
            self.rejected += 1
            self.findings.add(*([refusal] if refusal is not None else []))
            return None
        start, end = day_start(zone, first), day_start(zone, last + timedelta(days=1))
        if request.period is not None:
            low, high = (moment.replace(tzinfo=None) for moment in request.period)
            if start < low or end > high:
                self.rejected += 1
                span = {"expected": f"{low:%Y-%m-%d} – {high:%Y-%m-%d}"}
                self.findings.add(Issue("outside_period", one.row, None, f"{first} – {last}", span))
                return None
        return _fields(one) | {"start": start, "end": end, "quantity": amount.quantize(_MICRO), "unit": code}

    def _refusal(
        self, one: Contract, amount: Decimal | None, code: str | None, first: date | None, last: date | None
    ) -> Issue | None:
        """Return why a contract with a value cannot be taken; None: it can."""
        row, place, span = one.row, one.place, f"{first} – {last}"
        refusals = (
            (amount is None, Issue("not_a_number", row, place, one.amount, {"expected": _POINT.label})),
            (amount is not None and amount < 0, Issue("negative_quantity", row, place, one.amount)),
            (one.currency is None, Issue("missing_unit", row, place)),
            (code is None, Issue("unknown_unit", row, place, one.currency, {"near": "–"})),
            (first is None or last is None, Issue("contract_without_date", row, None, one.number)),
            (
                first is not None and last is not None and last < first,
                Issue("end_before_start", row, None, span),
            ),
        )
        return next((issue for is_so, issue in refusals if is_so), None)


def day(text: str | None) -> date | None:
    """Return the day a date or moment is written with; None: none is stated, or it is no date."""
    found = _DAY.fullmatch(text or "")
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def cpv_codes(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct CPV codes among texts, without check digits, in their order."""
    found = (_CPV.fullmatch(text.strip()) for text in texts)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def _fields(one: Contract) -> dict[str, object]:
    told = {
        "cpv": one.cpv[0] if one.cpv else None,
        "cpv_more": ", ".join(one.cpv[1:]) or None,
        **one.told,
    }
    kept = {name: text for name, text in told.items() if text}
    return dict.fromkeys(ACTIVITY_SCHEMA) | {
        "source_row": one.row,
        "column": one.place,
        "activity": "purchase",
        "direction": str(Direction.CONSUMPTION),
        "basis": str(Basis.NONE),
        "original_quantity": one.amount,
        "original_unit": one.currency,
        "quality": str(Quality.SPEND),
        "document_type": str(DocumentType.CONTRACT),
        "document": one.number,
        "counterparty": one.supplier,
        "attributes": json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None,
    }
