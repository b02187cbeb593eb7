"""What an importer delivers and the store keeps: the frames between a file and the balance.

Two shapes, because they differ by orders of magnitude:

* **activity records**: everything with its own period (bills, deliveries, refuellings, spend), one row per
  smallest dated quantity;
* **readings**: interval values of a series (quarter hours), kept as Parquet and rolled up by day.

Quantities are DECIMAL(19,6) in the unit of the file (power already turned into energy); digits beyond six
are rounded half-even and said so in an issue. Times are half-open [start, end) in UTC without a zone.
"""

from enum import StrEnum
from typing import Final

import polars as pl

QUANTITY: Final = pl.Decimal(19, 6)
INSTANT: Final = pl.Datetime("us")


class Role(StrEnum):
    """What a source measures, seen from the organisation (dated in the registry)."""

    CONSUMED = "consumed"
    DELIVERED = "delivered"  # to stock
    GENERATED = "generated"
    FED_IN = "fed_in"
    SOLD = "sold"
    TENANT = "tenant"  # passed to a tenant
    SUB_METER = "sub_meter"


class Direction(StrEnum):
    """Which way energy or material flows at the point of measurement."""

    CONSUMPTION = "consumption"
    FEED_IN = "feed_in"
    GENERATION = "generation"


class Basis(StrEnum):
    """Calorific basis of a fuel energy: net (Hi, Heizwert), gross (Hs, Brennwert), or none that applies."""

    HI = "Hi"
    HS = "Hs"
    NONE = "none"


class Quality(StrEnum):
    """How a quantity came about; per source and period the best rank counts, in this order."""

    MEASURED = "measured"
    BILLED = "billed"
    ESTIMATED = "estimated"
    SPEND = "spend"


class DocumentType(StrEnum):
    """What kind of document a billed row comes from. Instalments are never consumption.

    An award or contract is money promised: never spent, never consumption, in no balance.
    """

    INSTALMENT = "instalment"
    FINAL = "final"
    CORRECTION = "correction"
    CREDIT = "credit"
    CONTRACT = "contract"


ACTIVITY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source_row": pl.Int64,  # 1-based physical line or sheet row
    "column": pl.String,  # header of the column that gave the quantity; "" where there is none
    "organisation": pl.String,  # null: the organisation of the import
    "site": pl.String,
    "source": pl.String,  # meter, vehicle, contract, supplier as the file names it; null: none named
    "activity": pl.String,  # code; null: not classified, an exception
    "product_group": pl.String,  # for spend: product group code; else null
    "role": pl.String,  # Role; null: as registered
    "direction": pl.String,  # Direction
    "start": INSTANT,
    "end": INSTANT,
    "quantity": QUANTITY,
    "unit": pl.String,  # canonical code; for spend the currency
    "basis": pl.String,  # Basis
    "original_quantity": pl.String,
    "original_unit": pl.String,
    "cost_net": QUANTITY,
    "currency": pl.String,
    "quality": pl.String,  # Quality
    "document_type": pl.String,  # DocumentType or null
    "document": pl.String,  # number of the bill
    "counterparty": pl.String,  # supplier
    "attributes": pl.String,  # JSON object, or null
}

STATUS_MEASURED: Final = 0
STATUS_ESTIMATED: Final = 1  # substitute, estimated or doubtful value as the sender marks it

READING_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,  # index into the series frame of the same import
    "start": INSTANT,
    "minutes": pl.Int32,
    "quantity": QUANTITY,
    "status": pl.Int8,  # STATUS_*
    "source_row": pl.Int64,
}

SERIES_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,
    "source": pl.String,  # null: the file names none
    "activity": pl.String,
    "direction": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "minutes": pl.Int32,
    "zone": pl.String,  # IANA zone of the site; its civil days are the days of the roll-up
    "column": pl.String,
}
