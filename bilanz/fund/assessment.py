"""Assessed contributions in the registry: what each member owes for a year, fixed once and never overwritten.

A correction is a further assessment with the next number and a reason; the one with the highest number holds.
The database refuses to change or to take out a row.
"""

from decimal import Decimal

from sqlmodel import BigInteger, Field, ForeignKeyConstraint, SQLModel, Text


class FundAssessment(SQLModel, table=True):
    """An assessment of a year. Times: UTC, ISO 8601."""

    league: str = Field(primary_key=True, foreign_key="organisationunit.id")
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})  # 1, 2, … of the year
    key: str = Field(max_length=64)  # its id; the key itself is in `content`
    currency: str = Field(max_length=3)
    total_cents: int = Field(sa_type=BigInteger)  # the sum of all amounts
    sha256: str = Field(max_length=64)  # of `content`
    content: str = Field(sa_type=Text)  # JSON: key, membership in the year, rows of figures
    by: str
    at: str
    reason: str | None = Field(default=None, sa_type=Text)  # null: only of the first


class FundAssessedAmount(SQLModel, table=True):
    """What an assessment asks of a member."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["league", "year", "number"],
            ["fundassessment.league", "fundassessment.year", "fundassessment.number"],
        ),
    )

    league: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    days: int  # of the year on which it is a member
    per_head: Decimal = Field(max_digits=19, decimal_places=6)
    due_cents: int = Field(sa_type=BigInteger)  # of the fund's currency
    own_currency: str = Field(max_length=3)
    own_cents: int = Field(sa_type=BigInteger)  # of the member's currency
    exchange_rate: Decimal = Field(
        max_digits=19, decimal_places=6
    )  # the member's currency for one of the fund's
    burden: Decimal | None = Field(default=None, max_digits=12, decimal_places=9)  # null: not assessable
