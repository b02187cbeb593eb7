"""The tables of the fund among those of master data; documented in docs/administrator.md."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bilanz.app.master.cells import (
    activity_code,
    country,
    currency,
    number,
    one_of,
    plain,
    share,
    start,
    unit_code,
    whole,
    year,
    yes_no,
)
from bilanz.app.master.table import Column, Table
from bilanz.fund.effect.reason import KEPT
from bilanz.fund.member import (
    AmountMode,
    FigureKind,
    FundFigure,
    FundKey,
    FundMember,
    FundPayment,
    KeyKind,
)
from bilanz.fund.project import (
    Claimant,
    ClimateTag,
    FlowKind,
    FundClaim,
    FundFinancing,
    FundFinding,
    FundFlow,
    FundObservation,
    FundProgramme,
    FundProject,
    FundSource,
    Sight,
    SourceUse,
    TaxonomyState,
)
from bilanz.fund.rate import FundFactor, FundRate, RateKind


def _needed(name: str, read: Callable[[str], Any] = plain, refers: str | None = None) -> Column:
    return Column(name, read, is_needed=True, refers=refers)


_ID: Final = _needed("id")
_OWNER: Final = _needed("organisation", refers="organisations")
_PROJECT: Final = _needed("project", refers="fund_projects")
_YEAR: Final = _needed("year", year)
_CURRENCY: Final = _needed("currency", currency)
_AMOUNT: Final = _needed("amount", number)
_EVIDENCE: Final = _needed("evidence")

FUND_TABLES: Final = (
    Table(
        "fund_members",
        FundMember,
        ("organisation",),
        (
            _OWNER,
            _needed("country", country),
            _CURRENCY,
            _needed("joined_on", start),
            Column("left_on", start),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_figures",
        FundFigure,
        ("organisation", "kind", "year"),
        (
            _OWNER,
            _needed("kind", one_of(*FigureKind)),
            _YEAR,
            _needed("value", number),
            _needed("unit"),
            _needed("source"),
            _needed("retrieved_on", start),
            _needed("licence"),
        ),
    ),
    Table(
        "fund_keys",
        FundKey,
        ("id",),
        (
            _ID,
            _OWNER,
            _needed("first_year", year),
            Column("is_proposal", yes_no),
            _needed("key", one_of(*KeyKind)),
            _needed("mode", one_of(*AmountMode)),
            _AMOUNT,
            _CURRENCY,
            Column("anchor", refers="organisations"),
            Column("elasticity", number),
            Column("relief", number),
            Column("fiscal_weight", number),
            Column("lowest", number),
            Column("highest", number),
            _needed("mean_years", whole),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_payments",
        FundPayment,
        ("id",),
        (_ID, _OWNER, _YEAR, _needed("paid_on", start), _AMOUNT, _CURRENCY, _EVIDENCE),
    ),
    Table("fund_programmes", FundProgramme, ("id",), (_ID, _OWNER, _needed("title"), _EVIDENCE)),
    Table(
        "fund_projects",
        FundProject,
        ("id",),
        (
            _ID,
            _OWNER,
            _needed("programme", refers="fund_programmes"),
            _needed("title"),
            _needed("nature_share", share),
            _needed("social_share", share),
            _needed("democracy_share", share),
            Column("icma_category"),
            Column("icma_subcategory"),
            Column("eligible_share", share),
            Column("taxonomy_activity"),
            Column("taxonomy_state", one_of(*TaxonomyState)),
            Column("climate_tag", one_of(*ClimateTag)),
            _needed("starts_on", start),
            _needed("planned_completion", start),
            Column("completed_on", start),
            Column("lifetime_years", whole),
            Column("total_cost", number),
            _CURRENCY,
            Column("yearly_cost", number),
            Column("is_legally_required", yes_no),
            Column("is_otherwise_financed", yes_no),
            Column("is_ets_covered", yes_no),
            Column("overlap_share", share),
            Column("rebound_share", share),
            Column("measurement_plan"),
            Column("baseline"),
            Column("baseline_from", start),
            Column("baseline_to", start),
            Column("activity", activity_code),
            Column("unit", unit_code),
            Column("expected_saving", number),
            Column("factor_series"),
            Column("weather_series"),
            Column("use_series"),
            Column("is_use_flow", yes_no),
            Column("contract"),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_flows",
        FundFlow,
        ("id",),
        (
            _ID,
            _PROJECT,
            _needed("kind", one_of(*FlowKind)),
            _needed("on", start),
            _AMOUNT,
            _CURRENCY,
            Column("budget_line"),
            Column("contract"),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_financing",
        FundFinancing,
        ("id",),
        (_ID, _PROJECT, _needed("financier"), Column("on", start), _AMOUNT, _CURRENCY, _EVIDENCE),
    ),
    Table(
        "fund_sources",
        FundSource,
        ("project", "source"),
        (_PROJECT, _needed("source", refers="sources"), _needed("use", one_of(*SourceUse))),
    ),
    Table(
        "fund_observations",
        FundObservation,
        ("id",),
        (
            _ID,
            _PROJECT,
            _needed("indicator"),
            _YEAR,
            _needed("value", number),
            _needed("unit"),
            _needed("sight", one_of(*Sight)),
            Column("verified_by"),
            Column("data_quality", whole),
            Column("half_width", number),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_findings",
        FundFinding,
        ("id",),
        (
            _ID,
            _PROJECT,
            Column("year", year),
            _needed("assessed_on", start),
            _needed("since", start),
            Column("code", one_of(*KEPT)),
            Column("facts"),
            Column("saved", number),
            Column("unit"),
            Column("half_width", number),
            Column("avoided_t", number),
            Column("half_width_t", number),
            _EVIDENCE,
        ),
    ),
    Table(
        "fund_claims",
        FundClaim,
        ("project", "year", "claimant"),
        (_PROJECT, _YEAR, _needed("claimant", one_of(*Claimant)), _needed("share", share), _EVIDENCE),
    ),
    Table(
        "fund_rates",
        FundRate,
        ("set", "kind", "time_preference", "year"),
        (
            _needed("set"),
            _needed("kind", one_of(*RateKind)),
            _needed("time_preference", number),
            _YEAR,
            _OWNER,
            _needed("value", number),
            _needed("unit"),
            Column("price_year", year),
            _needed("source"),
            Column("legal_basis"),
        ),
    ),
    Table(
        "fund_factors",
        FundFactor,
        ("series", "year"),
        (
            _needed("series"),
            _YEAR,
            _OWNER,
            _needed("value", number),
            _needed("unit", unit_code),
            Column("half_width", number),
            _needed("source"),
        ),
    ),
)


def _by_day(values: Mapping[str, Any]) -> tuple[str, bool]:
    """Return where a flow stands: by day, what leaves more to be paid out before what leaves less."""
    is_positive = (values.get("amount") or 0) > 0
    return str(values.get("on") or ""), (values.get("kind") == FlowKind.DISBURSEMENT) == is_positive


IN_ORDER: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {"fund_flows": _by_day}
"""Table → where a row stands among those that are taken in: rules look at the rows before."""

OF_PROJECTS: Final = tuple(table.name for table in FUND_TABLES if "project" in table.references)
"""Tables whose rows belong to a project."""
