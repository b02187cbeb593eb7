"""What is answered about the review of a year."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from bilanz.app.review.findings import Finding, Value
from bilanz.app.review.suspected import Pair
from bilanz.app.review.unresolved import Group, Unresolved
from bilanz.app.web.api.exact import exact, instant, month
from bilanz.confirmation import Confirmation
from bilanz.messages import Language, translate
from reports.sections.overlaps import SUSPICIONS


class YearTold(BaseModel):
    """How a year of an organisation stands. `exceptions`: null: nothing was calculated they may see."""

    organisation: str
    year: int
    state: str
    exceptions: int | None
    open_findings: int


class CalendarMonth(BaseModel):
    """A month of a source. `state`, `reason`: codes of docs/completeness.md; quantities exact, in `unit`."""

    organisation: str | None
    source: str | None
    activity: str | None
    month: str
    state: str
    reason: str
    days: int
    days_expected: int
    days_measured: float
    days_billed: float
    days_estimated: float
    days_missing: float
    method: str | None
    quantity: str | None
    unit: str | None
    earlier_quantity: str | None


class ValueTold(BaseModel):
    """A value: a record (`record`), or the readings of a `day`; `state`: counts or why it does not."""

    record: int | None
    batch: str | None
    file: str
    row: int | None
    column: str | None
    organisation: str
    source: str | None
    activity: str | None
    start: str | None
    end: str | None
    day: str | None
    quantity: str | None
    unit: str | None
    quality: str | None
    state: str


class DecisionTold(BaseModel):
    """Who decided, when and why."""

    by: str
    at: str
    reason: str | None


class FindingTold(BaseModel):
    """A warning about a value. `state`: open, confirmed, corrected, excluded or superseded."""

    id: str
    code: str
    state: str
    message: str
    remedy: str
    value: ValueTold
    confirmation: DecisionTold | None


class ExceptionTold(BaseModel):
    """What has no figure in the balance. `books`: empty: in none of them; `values`: the first records."""

    code: str
    message: str
    remedy: str
    detail: str
    organisation: str | None
    source: str
    activity: str | None
    product_group: str | None
    books: list[str]
    first_month: str
    last_month: str
    quantity: str | None
    unit: str | None
    records: int
    values: list[ValueTold]


class PairTold(BaseModel):
    """Two sources that may be the same consumption; null: the own meters, or several."""

    id: str
    code: str
    message: str
    organisation: str
    first_source: str | None
    first_activity: str | None
    second_source: str | None
    second_activity: str | None
    months: int
    first_quantity: str | None
    second_quantity: str | None
    unit: str
    confirmation: DecisionTold | None


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def value_told(value: Value, readable: set[str]) -> ValueTold:
    """Return a value. `readable`: files the caller may look at; of others the identifier is not told."""
    told: dict[str, Any] = {name: getattr(value, name) for name in ValueTold.model_fields}
    return ValueTold(
        **told
        | {
            "batch": value.batch if value.batch in readable else None,
            "start": None if value.start is None else instant(value.start),
            "end": None if value.end is None else instant(value.end),
            "day": _day(value.day),
            "quantity": exact(value.quantity),
        }
    )


def _decision(made: Confirmation | None) -> DecisionTold | None:
    return None if made is None else DecisionTold(by=made.by, at=made.at, reason=made.reason)


def finding_told(finding: Finding, readable: set[str], language: Language) -> FindingTold:
    """Return a finding in words."""
    return FindingTold(
        id=finding.id,
        code=finding.code,
        state=finding.state,
        message=finding.text(language),
        remedy=finding.remedy(language),
        value=value_told(finding.value, readable),
        confirmation=_decision(finding.confirmation),
    )


def exception_told(group: Group, one: Unresolved, readable: set[str], language: Language) -> ExceptionTold:
    """Return a subject without a figure in words."""
    return ExceptionTold(
        code=group.code,
        message=group.text(language),
        remedy=group.remedy(language),
        detail=one.detail(language),
        organisation=one.organisation,
        source=one.source,
        activity=one.activity,
        product_group=one.product_group,
        books=list(one.books),
        first_month=month(one.first) or "",
        last_month=month(one.last) or "",
        quantity=exact(one.quantity),
        unit=one.unit,
        records=one.records,
        values=[value_told(value, readable) for value in one.values],
    )


def pair_told(pair: Pair, language: Language) -> PairTold:
    """Return a pair in words."""
    told: dict[str, Any] = {
        name: getattr(pair, name) for name in PairTold.model_fields if hasattr(pair, name)
    }
    return PairTold(
        **told
        | {
            "code": pair.kind,
            "message": translate(SUSPICIONS[pair.kind], language),
            "first_quantity": exact(pair.first_quantity),
            "second_quantity": exact(pair.second_quantity),
            "confirmation": _decision(pair.confirmation),
        }
    )
