"""Master data that are kept as text come back as they were."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
from ledger import instrument, organisations, term

from bilanz.declared import OVERLAP_SCHEMA, WEIGHT_SCHEMA, Declared
from bilanz.instrument import INSTRUMENT_SCHEMA
from bilanz.masterdata import MasterData, as_text, of_text
from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.store.asof import RESOLUTION_SCHEMA

DECLARED = Declared(
    weights=pl.DataFrame([("G", date(2024, 1, 1), Decimal(500))], schema=WEIGHT_SCHEMA, orient="row"),
    overlaps=pl.DataFrame(
        [("O1", "part_of", "M2", None, "M1", None, date(2024, 1, 1), None, "plan")],
        schema=OVERLAP_SCHEMA,
        orient="row",
    ),
)


def master(**told: object) -> MasterData:
    units = organisations("city", "depot").with_columns(
        population=pl.lit(12, pl.Int64),
        floor_area_m2=pl.lit(Decimal("1.50")).cast(pl.Decimal(18, 2)),
        staff=pl.lit(None, pl.Decimal(12, 2)),
        zone=pl.lit("Europe/Berlin"),
    )
    rows = [term("M1", valid_from=date(2024, 2, 29), control=False, **told), term("M2", area="Nord, „alt“")]
    return MasterData(
        units,
        pl.DataFrame(rows, schema=SOURCE_TERM_SCHEMA, orient="row"),
        pl.DataFrame([instrument("go", "own:x", quantity_kwh=5)], schema=INSTRUMENT_SCHEMA, orient="row"),
        DECLARED,
        "Europe/Berlin",
    )


def test_it_comes_back_as_it_was() -> None:
    kept = master()
    again = MasterData.of_json(kept.as_json())
    assert again.hash() == kept.hash()
    assert again.organisations.equals(kept.organisations)
    assert again.source_terms.equals(kept.source_terms)
    assert again.instruments.equals(kept.instruments)
    assert again.declared.weights.equals(kept.declared.weights)
    assert again.declared.overlaps.equals(kept.declared.overlaps)
    assert again.zone == "Europe/Berlin"


def test_the_order_of_rows_does_not_matter_and_a_cell_does() -> None:
    kept = master()
    turned = replace(
        kept, organisations=kept.organisations.reverse(), source_terms=kept.source_terms.reverse()
    )
    assert turned.hash() == kept.hash()
    assert master(role="tenant").hash() != kept.hash()
    assert replace(kept, zone="Europe/Lisbon").hash() != kept.hash()
    assert replace(kept, declared=Declared()).hash() != kept.hash()


def test_times_of_resolutions_keep_their_microseconds() -> None:
    told = {name: [None, None] for name in RESOLUTION_SCHEMA} | {
        "series_key": ["1", "2"],
        "rule": ["first", "both"],
    }
    text = told | {"at": ["2024-01-01 08:00:00.000005", "2025-01-01 00:00:00.000000"]}
    frame = of_text(text, RESOLUTION_SCHEMA)
    assert frame["at"].dt.microsecond().to_list() == [5, 0]
    assert of_text(as_text(frame), RESOLUTION_SCHEMA).equals(frame)
