"""Instruments of market-based accounting: what an organisation holds to say what its energy emits.

    certificate       cancelled guarantees of origin, up to the quantity cancelled
    contract          a supply contract with a stated mix
    supplier_label    the supplier's labelling of electricity (§ 42 EnWG)

An instrument names an own factor of the catalogue. That a renewable certificate is worth zero is stated by
that factor and its evidence, and never assumed.
"""

from enum import StrEnum
from typing import Final

import polars as pl


class InstrumentKind(StrEnum):
    """What an instrument is; the names are sources in a book."""

    CERTIFICATE = "certificate"
    CONTRACT = "contract"
    SUPPLIER_LABEL = "supplier_label"


INSTRUMENT_KINDS: Final = tuple(kind.value for kind in InstrumentKind)

COVERED: Final = ("electricity", "district_heat", "district_cooling")
"""Activities an instrument may be about; it holds for the narrower ones (heating electricity, steam) too."""

INSTRUMENT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "kind": pl.String,  # InstrumentKind
    "organisation": pl.String,  # and what is below it; null where a source is named
    "source": pl.String,  # null where an organisation is named
    "activity": pl.String,
    "factor": pl.String,  # factor_id of an own factor
    "valid_from": pl.Date,  # first day of a month
    "valid_to": pl.Date,  # exclusive, first day of a month; null: open
    "quantity_kwh": pl.Int64,  # null: all of it
    "evidence": pl.String,  # register, number of the cancellation statement, day
    "evidence_sha256": pl.String,
    "vintage": pl.String,  # year or month of production: 2024, 2024-05
    "zone": pl.String,  # where it was produced
    "technology": pl.String,
    "cancelled_on": pl.Date,
}
