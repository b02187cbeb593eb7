"""The fund: members and what they pay, projects and what became of the money, rates and factor series."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the tables of the fund; nothing else changes."""
    _members()
    _projects()
    _of_projects()
    _rates()


def _members() -> None:
    op.create_table(
        "fundmember",
        _key("organisation", "organisationunit.id"),
        _text("country", 2),
        _text("currency", 3),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        _text("evidence"),
    )
    op.create_table(
        "fundfigure",
        _key("organisation", "organisationunit.id"),
        _key("kind"),
        _key("year", kind=sa.Integer()),
        _number("value", 19, 6),
        _text("unit"),
        _text("source"),
        sa.Column("retrieved_on", sa.Date(), nullable=False),
        _text("licence"),
    )
    op.create_table(
        "fundkey",
        _id(),
        _owner(),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("is_proposal", sa.Boolean()),
        _text("key"),
        _text("mode"),
        _number("amount", 15, 2),
        _text("currency", 3),
        sa.Column("anchor", AutoString(), sa.ForeignKey("organisationunit.id")),
        *(sa.Column(name, sa.Numeric(7, 4)) for name in ("elasticity", "relief", "fiscal_weight")),
        *(sa.Column(name, sa.Numeric(9, 4)) for name in ("lowest", "highest")),
        sa.Column("mean_years", sa.Integer(), nullable=False),
        _text("evidence"),
    )
    op.create_table(
        "fundpayment",
        _id(),
        _owner(),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        _number("amount", 19, 2),
        _text("currency", 3),
        _text("evidence"),
    )


def _projects() -> None:
    op.create_table("fundprogramme", _id(), _owner(), _text("title"), _text("evidence"))
    op.create_table(
        "fundproject",
        _id(),
        _owner(),
        _owner("programme", "fundprogramme.id"),
        _text("title"),
        *(_number(name, 7, 6) for name in ("nature_share", "social_share", "democracy_share")),
        sa.Column("icma_category", AutoString()),
        sa.Column("icma_subcategory", AutoString()),
        sa.Column("eligible_share", sa.Numeric(7, 6)),
        *(sa.Column(name, AutoString()) for name in ("taxonomy_activity", "taxonomy_state", "climate_tag")),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("planned_completion", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date()),
        sa.Column("lifetime_years", sa.Integer()),
        sa.Column("total_cost", sa.Numeric(19, 2)),
        _text("currency", 3),
        sa.Column("yearly_cost", sa.Numeric(19, 2)),
        *(
            sa.Column(name, sa.Boolean())
            for name in ("is_legally_required", "is_otherwise_financed", "is_ets_covered")
        ),
        *(sa.Column(name, sa.Numeric(7, 6)) for name in ("overlap_share", "rebound_share")),
        *(sa.Column(name, AutoString()) for name in ("measurement_plan", "baseline")),
        *(sa.Column(name, sa.Date()) for name in ("baseline_from", "baseline_to")),
        *(sa.Column(name, AutoString()) for name in ("activity", "unit")),
        sa.Column("expected_saving", sa.Numeric(19, 3)),
        *(sa.Column(name, AutoString()) for name in ("factor_series", "weather_series", "use_series")),
        sa.Column("is_use_flow", sa.Boolean()),
        sa.Column("contract", AutoString()),
        _text("evidence"),
    )


def _of_projects() -> None:
    op.create_table(
        "fundflow",
        _id(),
        _owner("project", "fundproject.id"),
        _text("kind"),
        sa.Column("on", sa.Date(), nullable=False),
        _number("amount", 19, 2),
        _text("currency", 3),
        *(sa.Column(name, AutoString()) for name in ("budget_line", "contract")),
        _text("evidence"),
    )
    op.create_table(
        "fundfinancing",
        _id(),
        _owner("project", "fundproject.id"),
        _text("financier"),
        _number("amount", 19, 2),
        _text("currency", 3),
        _text("evidence"),
    )
    op.create_table(
        "fundsource", _key("project", "fundproject.id"), _key("source", "source.id"), _text("use")
    )
    op.create_table(
        "fundobservation",
        _id(),
        _owner("project", "fundproject.id"),
        _text("indicator"),
        sa.Column("year", sa.Integer(), nullable=False),
        _number("value", 19, 6),
        _text("unit"),
        _text("sight"),
        sa.Column("verified_by", AutoString()),
        sa.Column("data_quality", sa.Integer()),
        sa.Column("half_width", sa.Numeric(19, 6)),
        _text("evidence"),
    )
    op.create_table(
        "fundclaim",
        _key("project", "fundproject.id"),
        _key("year", kind=sa.Integer()),
        _key("claimant"),
        _number("share", 7, 6),
        _text("evidence"),
    )


def _rates() -> None:
    op.create_table(
        "fundrate",
        _key("set", kind=AutoString(64)),
        _key("kind"),
        _key("time_preference", kind=sa.Numeric(7, 6)),
        _key("year", kind=sa.Integer()),
        _owner(),
        _number("value", 19, 6),
        _text("unit"),
        sa.Column("price_year", sa.Integer()),
        _text("source"),
        sa.Column("legal_basis", AutoString()),
    )
    op.create_table(
        "fundfactor",
        _key("series", kind=AutoString(64)),
        _key("year", kind=sa.Integer()),
        _owner(),
        _number("value", 19, 9),
        _text("unit"),
        sa.Column("half_width", sa.Numeric(9, 6)),
        _text("source"),
    )


def _id() -> sa.Column[object]:
    return sa.Column("id", AutoString(64), primary_key=True)


def _owner(name: str = "organisation", target: str = "organisationunit.id") -> sa.Column[object]:
    """Return a column that names whose a row is."""
    return sa.Column(name, AutoString(), sa.ForeignKey(target), nullable=False, index=True)


def _key(
    name: str, target: str | None = None, kind: sa.types.TypeEngine[Any] | None = None
) -> sa.Column[object]:
    """Return a column that, with others, identifies a row."""
    foreign = [] if target is None else [sa.ForeignKey(target)]
    # whole numbers would count up by themselves
    return sa.Column(name, kind or AutoString(), *foreign, primary_key=True, autoincrement=False)


def _text(name: str, length: int | None = None) -> sa.Column[object]:
    return sa.Column(name, AutoString(length), nullable=False)


def _number(name: str, digits: int, decimals: int) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(digits, decimals), nullable=False)
