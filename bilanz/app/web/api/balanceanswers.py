"""What is answered about balances. Exact numbers are decimal strings, masses kg CO2e."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from bilanz.app.shown.sight import View

_EXAMPLE: Final[dict[str, Any]] = {
    "organisation": "stadtwerke",
    "name": "Stadtwerke",
    "year": 2024,
    "is_calculated": True,
    "of": "*",
    "is_part": True,
    "state": "released",
    "run": "20250114T083000-3f2a9c1b",
    "calculated_at": "2025-01-14T08:30:00+00:00",
    "totals": [{"book": "ghgp_location", "co2e_kg": "1204117.25"}],
}


class BookTotal(BaseModel):
    """Scopes 1 to 3 of a book; null: not known."""

    book: str
    co2e_kg: str | None


class BalanceTold(BaseModel):
    """A year of an organisation, the caller may see.

    `of`: whose run it is taken from, `*`: that over all organisations; `is_part`: it is a part of a larger
    run; `state`: open, released or closed. All of these are null where nothing was calculated yet.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    organisation: str
    name: str
    year: int
    is_calculated: bool
    of: str | None
    is_part: bool | None
    state: str | None
    run: str | None
    calculated_at: str | None
    totals: list[BookTotal]


class ViewTold(BaseModel):
    """Which run is shown, and which part of it. `books`: all the run has."""

    organisation: str
    year: int
    of: str
    is_part: bool
    state: str
    run: str
    calculated_at: str
    books: list[str]


class TextTold(BaseModel):
    """A text in both languages."""

    de: str
    en: str


class Interval(BaseModel):
    """95 % interval of a total, rounded by its uncertainty."""

    low: str
    high: str


class BookTold(BaseModel):
    """A book with its totals, shares by grade between 0 and 1."""

    book: str
    name: TextTold
    label: TextTold
    gwp: str
    is_supplementary: bool
    verdict: str
    reasons: list[TextTold]
    co2e_kg: str
    interval_95: Interval | None
    scopes: dict[str, str]
    by_gas: dict[str, str]
    by_scope_and_gas: dict[str, dict[str, str]]
    grades: dict[str, str]
    exceptions: int


class Coverage(BaseModel):
    """What of the year is known. `records`: with a factor of all."""

    records: str
    records_without_factor: int
    records_superseded: int
    sources: int
    months: int
    months_with_data: int
    days: int
    days_known: str
    share_of_days: str | None
    energy_kwh: str


class SummaryTold(BaseModel):
    """What `bilanz calculate --json` answers."""

    run: str
    year: int
    region: str
    organisation: str | None
    books: list[BookTold]
    coverage: Coverage
    grades: dict[str, dict[str, str]]
    exceptions: int
    exceptions_by_code: dict[str, int]
    superseded_by_reason: dict[str, int]
    assumptions: int
    release_name: str | None
    factor_release: str
    result_hash: str
    manifest_hash: str


class BalanceWhole(BaseModel):
    """A balance: what is shown, and its summary."""

    view: ViewTold
    summary: SummaryTold


class FactorTold(BaseModel):
    """Where a factor stands."""

    publisher: str | None
    title: str | None
    edition: str | None
    locator: str | None


class LineTold(BaseModel):
    """A balance line: what of which organisation and month in which scope, times which factor.

    Quantities add up over the lines with `is_lead`, `co2e_kg` over all. Null: not known, or not so.
    """

    book: str
    organisation: str
    site: str | None
    source: str | None
    activity: str | None
    product_group: str | None
    role: str | None
    region: str | None
    month: str | None
    scope: str
    category: str
    gas: str | None
    chain: str | None
    quantity: str | None
    unit: str | None
    basis: str | None
    is_lead: bool
    mass_kg: str | None
    co2e_kg: str | None
    factor_id: str | None
    factor: FactorTold | None
    grade: str | None
    quality: str | None
    is_apportioned: bool | None


class QuantityTold(BaseModel):
    """A quantity with its unit and calorific basis."""

    unit: str | None
    basis: str | None
    quantity: str


class SumsTold(BaseModel):
    """What lines add up to."""

    lines: int
    co2e_kg: str | None
    quantities: list[QuantityTold]


class LinesTold(BaseModel):
    """A part of the lines, the largest first, with the sums of all that were asked for."""

    sums: SumsTold
    items: list[LineTold]
    total: int
    next: int | None


class SumTold(BaseModel):
    """Lines that have something in common. `scope`: only by category; null: the lines have none."""

    key: str | None
    scope: str | None
    lines: int
    co2e_kg: str | None


class SumsListed(BaseModel):
    """The sums of lines by what they differ in, the largest first."""

    sums: SumsTold
    items: list[SumTold]


class ExplainedLine(BaseModel):
    """A quantity followed back. `steps`: what was done; `tried`: what lost; `origin`: rows of files."""

    title: str
    organisation: str
    source: str | None
    activity: str | None
    month: str
    quantity: str
    unit: str
    basis: str | None
    quality: str | None
    outcome: str
    reason: str | None
    steps: list[str]
    tried: list[str]
    origin: list[dict[str, Any]]


class Explanation(BaseModel):
    """Balance lines followed back. `left_off`: how many more there are."""

    book: str
    year: int
    release_name: str | None
    factor_release: str
    lines: list[ExplainedLine]
    left_off: int


class FormTold(BaseModel):
    """A file a balance can be taken along in."""

    form: str
    title: str


def view_told(view: View) -> ViewTold:
    """Return which run is shown."""
    return ViewTold(
        organisation=view.organisation,
        year=view.year,
        of=view.source,
        is_part=view.is_part,
        state=view.state.value,
        run=view.entry.run,
        calculated_at=view.entry.created_at,
        books=list(view.entry.books),
    )
