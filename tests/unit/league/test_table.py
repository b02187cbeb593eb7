from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from bilanz.errors import Refused
from bilanz.league.table import as_csv, is_canonical, known_sum, of_csv

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "name": pl.String,
    "mass": pl.Decimal(38, 12),
    "count": pl.Int64,
    "is_so": pl.Boolean,
    "day": pl.Date,
}
ROWS = [
    ("plain", Decimal("-0.000000000001"), 3, True, date(2024, 2, 29)),
    ('a "quoted", name\nof two lines', Decimal(1200), None, False, None),
    ("", None, 0, None, date(1999, 12, 31)),
    (None, Decimal("10.5"), -7, True, None),
]


def frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_a_table_comes_back_digit_by_digit() -> None:
    told = frame(ROWS)
    content = as_csv(told)
    assert of_csv(content, SCHEMA, "case.csv").equals(told)
    assert is_canonical(content, told)


def test_decimals_are_written_without_trailing_zeros_and_without_exponent() -> None:
    assert as_csv(frame(ROWS)).decode().splitlines()[1] == "plain,-0.000000000001,3,true,2024-02-29"
    assert b",1200,," in as_csv(frame(ROWS))


def test_text_that_a_spreadsheet_would_take_for_a_formula_has_an_apostrophe_before_it() -> None:
    content = as_csv(frame([("=1+1", Decimal(-1), 1, True, None)]))
    assert content.splitlines()[1] == b"'=1+1,-1,1,true,"
    again = of_csv(content, SCHEMA, "case.csv")
    assert again["name"].item() == "'=1+1"
    assert is_canonical(content, again)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,mass,count,is_so\n",
        b"mass,name,count,is_so,day\n",
        b"name,mass,count,is_so,day\nx,1,2,maybe,\n",
        b"name,mass,count,is_so,day\nx,1.x,2,true,\n",
        b"name,mass,count,is_so,day\nx,1,2.5,true,\n",
        b"name,mass,count,is_so,day\nx,1,2,true,2024-13-01\n",
        b"name,mass,count,is_so,day\n\xff,1,2,true,\n",
        b"name,mass,count,is_so,day\nx,1,2,true,,surplus\n",
    ],
)
def test_a_file_that_is_not_the_table_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(Refused, match=r"case\.csv"):
        of_csv(content, SCHEMA, "case.csv")


def test_a_digit_beyond_the_decimals_or_a_spelling_of_its_own_is_not_canonical() -> None:
    for cell in (b"1.0", b"01", b"1.0000000000001"):
        content = b"name,mass,count,is_so,day\nx," + cell + b",2,true,\n"
        assert not is_canonical(content, of_csv(content, SCHEMA, "case.csv"))


def test_a_sum_of_nothing_known_is_unknown() -> None:
    nothing = pl.DataFrame({"mass": [None, None]}, schema={"mass": pl.Decimal(38, 12)})
    assert nothing.select(known_sum("mass")).item() is None
