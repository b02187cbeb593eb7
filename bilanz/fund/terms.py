"""What a board has resolved for its fund as a whole: one file, `fund.toml`, in the data directory.

    league = "hanse"            # organisation of the league
    currency = "EUR"
    opening = "0"               # money at hand before the first year
    rates = "uba-mk-3.2"        # set of climate costs
    discount = "board-2024"     # set whose discount rate holds; absent: there is no cost per tonne
    convention = "discounted"   # discounted, annuity, undiscounted_tonnes

    [thirds]
    tolerance = "0.05"          # a pillar may stay five points below its third
    carry_years = 2             # a lack is made up within two years

    [payout]
    rule = "none"               # none, real_return, pomv
    # rate = "0.03"
    # years = 5

    [market_values]             # at the end of a year, for a payout rule other than none
    # 2024 = "1000000.00"

No parameter has a value of its own: what is not stated is not known, and the page says so.
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bilanz.errors import UsageError
from bilanz.fund.cost import MacConvention
from bilanz.fund.payout import PayoutKind, PayoutRule, nothing, pomv, real_return
from bilanz.fund.thirds import ThirdsRule
from bilanz.money import CURRENCIES

FILE: Final = "fund.toml"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Thirds(_Declared):
    """Tolerance and carry-over of the rule of equal thirds."""

    tolerance: Annotated[Decimal, Field(ge=0, le=Decimal(1) / 3)]
    carry_years: Annotated[int, Field(ge=0, le=20)]

    @property
    def rule(self) -> ThirdsRule:
        """The rule."""
        return ThirdsRule(self.tolerance, self.carry_years)


class Payout(_Declared):
    """What may be taken out of the capital in a year."""

    rule: PayoutKind = PayoutKind.NONE
    rate: Decimal | None = None
    years: int | None = None

    def of(self) -> PayoutRule:
        """Return the rule.

        Raises:
            UsageError: it lacks a parameter.
        """
        if self.rule == PayoutKind.NONE:
            return nothing()
        if self.rule == PayoutKind.REAL_RETURN and self.rate is not None and self.years is None:
            return real_return(self.rate)
        if self.rule == PayoutKind.POMV and self.rate is not None and self.years is not None:
            return pomv(self.rate, self.years)
        message = "The payout rule {rule} needs its parameters in fund.toml, and no others."
        raise UsageError(message, rule=self.rule.value)


class Terms(_Declared):
    """The file; see the module."""

    league: str
    currency: str
    opening: Decimal | None = None
    rates: str | None = None
    discount: str | None = None
    convention: MacConvention | None = None
    thirds: Thirds | None = None
    payout: Payout = Payout()
    market_values: dict[Annotated[str, Field(pattern=r"^\d{4}$")], Decimal] = Field(default_factory=dict)

    @field_validator("currency")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError(f"{value} is no currency")
        return value


def league_of(folder: Path) -> str | None:
    """Return the league of a data directory; None: there is no fund in it.

    Raises:
        UsageError: the file is no TOML, or states something unknown.
    """
    return read_terms(folder).league if (folder / FILE).exists() else None


def read_terms(folder: Path) -> Terms:
    """Return what the board has resolved.

    Raises:
        UsageError: there is no file, it is no TOML, or states something unknown or of another kind.
    """
    path = folder / FILE
    if not path.exists():
        message = "{path} is missing: it states the fund's currency and rules (docs/fund.md)."
        raise UsageError(message, path=FILE)
    try:
        return Terms.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{path} is no TOML: {reason}", path=FILE, reason=error) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError("{path}, {place}: {reason}", path=FILE, place=place, reason=first["msg"]) from None
