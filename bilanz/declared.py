"""What the master data declare about how quantities are spread and which of them contain each other.

Without a declaration a long bill is spread by day, and nothing is taken off anything.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl


class Apportionment(StrEnum):
    """How a bill over several months is spread over them."""

    DAY = "day"
    DEGREE_DAYS = "degree_days"  # the heating share by monthly degree days, the rest by day
    PROFILE = "profile"  # all of it by a monthly load profile


class OverlapKind(StrEnum):
    """How a part lies in a whole."""

    PART_OF = "part_of"  # measured again inside the whole: taken off it once
    SAME_PURCHASE = "same_purchase"  # the same thing as money and as quantity: the money does not count


APPORTIONMENT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "method": pl.String,  # Apportionment, never day
    "weights": pl.String,  # name of monthly weights
    "heating_share": pl.Decimal(7, 6),  # of degree days; 1 of a profile
}

WEIGHT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "name": pl.String,
    "month": pl.Date,  # first day
    "value": pl.Decimal(18, 6),  # degree days, or kWh of a profile: only their proportions count
}

OVERLAP_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "kind": pl.String,  # OverlapKind
    "part_source": pl.String,
    "part_activity": pl.String,  # null: every activity of the source
    "whole_source": pl.String,
    "whole_activity": pl.String,  # null: that of the part
    "valid_from": pl.Date,  # first of a month; null: always
    "valid_to": pl.Date,  # first of a month, exclusive; null: open
    "evidence": pl.String,
}


@dataclass(frozen=True, slots=True)
class Declared:
    """The declarations of a registry; each may be empty.

    Attributes:
        apportionments: `APPORTIONMENT_SCHEMA`, one row per source that is not spread by day.
        weights: `WEIGHT_SCHEMA`.
        overlaps: `OVERLAP_SCHEMA`.
    """

    apportionments: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=APPORTIONMENT_SCHEMA))
    weights: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WEIGHT_SCHEMA))
    overlaps: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OVERLAP_SCHEMA))


NOTHING: Final = Declared()
"""Nothing is declared."""
