"""Numbers, times and rows survive the way through text whatever they are."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.columns import numbers, times
from importers.columns.numbers import NumberFormat
from importers.formats.delimited import ROW, open_delimited

MICRO = Decimal("0.000001")
FORMATS = st.sampled_from(
    [NumberFormat(",", "."), NumberFormat(".", ","), NumberFormat(",", " "), NumberFormat(".", "'")]
)
VALUES = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=9)


def written(value: Decimal, fmt: NumberFormat, *, is_grouped: bool) -> str:
    text = f"{value:,f}" if is_grouped else f"{value:f}"
    return text.replace(",", "\0").replace(".", fmt.decimal).replace("\0", fmt.group)


@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, st.booleans()), min_size=1, max_size=30), FORMATS)
def test_a_written_number_is_read_back(values: list[tuple[Decimal, bool]], fmt: NumberFormat) -> None:
    texts = [written(value, fmt, is_grouped=grouped) for value, grouped in values]
    rounded = [value.quantize(MICRO, rounding=ROUND_HALF_EVEN) for value, _ in values]
    frame = pl.DataFrame({"x": texts})
    assert frame.select(numbers.to_decimal(pl.col("x"), fmt)).to_series().to_list() == rounded
    assert numbers.read_series(frame["x"], fmt).to_list() == rounded
    assert [numbers.parse(text, fmt) for text in texts] == [value for value, _ in values]
    changes = frame.select(numbers.excess(pl.col("x"), fmt)).to_series().drop_nulls()
    exact = sum((value for value, _ in values), Decimal(0))
    assert sum(rounded, Decimal(0)) - exact == sum(changes, Decimal(0))


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30), FORMATS)
def test_nine_decimals_always_decide_the_sign(values: list[Decimal], fmt: NumberFormat) -> None:
    column = pl.Series([written(value, fmt, is_grouped=True) for value in values])
    found = numbers.decide_series(column)
    assert isinstance(found, NumberFormat)
    assert found.decimal == fmt.decimal


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,'+- eE()x", max_size=12))
def test_the_scalar_and_the_column_agree_and_no_reading_is_invented(text: str) -> None:
    for fmt in (NumberFormat(",", "."), NumberFormat(".", ",'")):
        one = numbers.parse(text, fmt)
        many = pl.DataFrame({"x": [text]}).select(numbers.to_decimal(pl.col("x"), fmt)).item()
        assert many == (None if one is None else one.quantize(MICRO, rounding=ROUND_HALF_EVEN))


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - naive UTC
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_an_instant_written_as_local_time_is_found_again(instant: datetime, zone: str) -> None:
    utc = instant.replace(microsecond=0)
    local = utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    frame = pl.DataFrame({"t": [local.replace(tzinfo=None)]})
    found, in_fold = frame.select(
        utc=times.to_utc(pl.col("t"), zone), fold=times.in_fold(pl.col("t"), zone)
    ).row(0)
    later = times.fold_length(zone) if local.fold else timedelta()
    assert found + later == utc
    assert in_fold or not local.fold


CELLS = st.text(alphabet='ab1,5;" \n\tä€', max_size=6)


@settings(deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12),
    st.sampled_from([";", ",", "\t"]),
    st.integers(8, 200),
)
def test_what_the_csv_module_writes_is_read_back_row_by_row(
    rows: list[tuple[str, str, str]], separator: str, size: int
) -> None:
    buffer = io.StringIO(newline="")
    buffer.write(f"sep={separator}\n")
    writer = csv.writer(buffer, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["first", "second", "third"])
    starts = []
    for row in rows:
        starts.append(buffer.getvalue().count("\n") + 1)
        writer.writerow(row)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "x.csv"
        path.write_bytes(buffer.getvalue().encode())
        file = open_delimited(path)
        for block_size in (size, 1 << 20):
            blocks = list(file.blocks(size=block_size))
            found = pl.concat([block.frame for block in blocks])
            assert found[ROW].to_list() == starts
            assert found.drop(ROW).rows() == [tuple(_kept(cell) for cell in row) for row in rows]
            assert not any(block.ragged.height for block in blocks)


def _kept(cell: str) -> str | None:
    """Return a cell as it is kept: empty is null."""
    return cell or None
