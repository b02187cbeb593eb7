"""Cells left empty because the meter stood still.

Some operators write nothing where nothing was used: the status says measured, the register beside it is the
same as in the row before, the consumption is blank. Empty is not zero in general; here the register says that
it is. Read so only where the file itself proves that its consumption is the difference of register readings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import STATUS_MEASURED
from importers.columns import numbers
from importers.formats.delimited import BLOCK, Block, Delimited
from importers.interval import vocabulary
from importers.interval.layout import Group, Value

_TOLERANCE: Final = Decimal("0.005")
_PROOF: Final = 0.9  # registers jump now and then
_LEAST: Final = 10


@dataclass(frozen=True, slots=True)
class Still:
    """A value column with what tells whether its meter moved (positions)."""

    value: int
    register: int
    status: int
    meter: int | None

    def places(self) -> set[int]:
        """Return all positions."""
        return {self.value, self.register, self.status} | ({self.meter} if self.meter is not None else set())


@dataclass(frozen=True, slots=True)
class Filled(Delimited):
    """A file whose blank cells are 0 where the meter stood still."""

    stills: tuple[Still, ...] = ()
    counts: tuple[int, ...] = ()

    def issues(self) -> list[Issue]:
        """Return what is to be said about the file, the cells read as 0 included."""
        said = [
            Issue("standstill", column=self.header[still.value], parameters={"count": str(count)})
            for still, count in zip(self.stills, self.counts, strict=True)
            if count
        ]
        return [*Delimited.issues(self), *said]

    def blocks(self, columns: Sequence[int] | None = None, size: int = BLOCK) -> Iterator[Block]:
        """Yield the rows below the header in order (see `Delimited.blocks`)."""
        wanted = list(range(self.width)) if columns is None else list(columns)
        places = sorted({*wanted, *(place for still in self.stills for place in still.places())})
        carried = {still: _none() for still in self.stills}
        for block in Delimited.blocks(self, places, size):
            frame = block.frame
            for still in self.stills:
                stands, carried[still] = _standing(frame, still, carried[still])
                name = str(still.value)
                frame = frame.with_columns(
                    pl.select(
                        pl.when(stands).then(pl.lit("0")).otherwise(frame[name]).alias(name)
                    ).to_series()
                )
            yield Block(frame.select(pl.col("__row"), *map(str, wanted)), block.ragged, block.share)


def filled(file: Delimited, groups: list[Group]) -> Delimited:
    """Return the file, with blanks of standing meters as 0 where there are any."""
    found = [still for group in groups for value in group.values if (still := _still(file, group, value))]
    stills = tuple(still for still in found if _is_difference(file, still))
    if not stills:
        return file
    counts = dict.fromkeys(stills, 0)
    carried = {still: _none() for still in stills}
    for block in file.blocks(sorted({place for still in stills for place in still.places()})):
        for still in stills:
            stands, carried[still] = _standing(block.frame, still, carried[still])
            counts[still] += int(stands.sum())
    if not any(counts.values()):
        return file
    own = {entry.name: getattr(file, entry.name) for entry in fields(Delimited)}
    return Filled(**own, stills=stills, counts=tuple(counts.values()))


def _still(file: Delimited, group: Group, value: Value) -> Still | None:
    """Return the register and status that belong to a value column; None: one is missing."""
    registers = [place for place in group.ignored if vocabulary.role(file.header[place]) == "register"]
    alike = [place for place in registers if _rest(file.header[place]) == _rest(value.title)]
    chosen = alike or (registers if len(registers) == 1 else [])
    if value.status is None or len(chosen) != 1:
        return None
    return Still(value.place, chosen[0], value.status, group.meter)


def _rest(title: str) -> tuple[str, ...]:
    """Return the words of a header behind the one that names its kind: tariff, OBIS code, unit."""
    return vocabulary.words(title)[1:]


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"meter": pl.String, "register": pl.String})


def _with_previous(
    frame: pl.DataFrame, still: Still, carried: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows with `meter`, `register` and the reading `before` it, and the last readings by meter."""
    meter = pl.lit("") if still.meter is None else pl.col(str(still.meter)).fill_null("")
    register = pl.col(str(still.register)).str.strip_chars(numbers.BLANKS)
    own = frame.select(meter=meter, register=pl.when(register != "").then(register))
    both = pl.concat([carried, own]).with_columns(
        known=pl.col("register").forward_fill().over("meter"),
    )
    both = both.with_columns(before=pl.col("known").shift(1).over("meter"))
    last = both.group_by("meter", maintain_order=True).agg(register=pl.col("known").last())
    return both.slice(carried.height), last.select("meter", "register")


def _standing(frame: pl.DataFrame, still: Still, carried: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Return which cells are blank while the meter stood still, and the last readings by meter."""
    rows, last = _with_previous(frame, still, carried)
    texts = frame[str(still.status)].fill_null("")
    measured = [
        text for text in texts.unique() if text.strip() and vocabulary.status(text) == STATUS_MEASURED
    ]
    blank = frame.select(numbers.is_blank(pl.col(str(still.value))).alias("x"))["x"]
    same = rows.select((pl.col("register") == pl.col("before")).fill_null(value=False).alias("x"))["x"]
    return blank & same & texts.is_in(measured), last


def _is_difference(file: Delimited, still: Still) -> bool:
    """Return whether consumption is register less register of the row before, in nearly all first rows."""
    frame = next(iter(file.blocks(sorted(still.places())))).frame
    value = frame[str(still.value)]
    rows, _ = _with_previous(frame, still, _none())
    formats = [numbers.decide_series(texts) for texts in (value, rows["register"])]
    if not all(isinstance(one, numbers.NumberFormat) for one in formats):
        return False
    amount, register = formats
    assert isinstance(amount, numbers.NumberFormat)  # noqa: S101 - narrows for the type checker
    assert isinstance(register, numbers.NumberFormat)  # noqa: S101
    moved = rows.select(
        numbers.to_decimal(pl.col("register"), register).cast(pl.Float64)
        - numbers.to_decimal(pl.col("before"), register).cast(pl.Float64)
    ).to_series()
    used = pl.select(numbers.to_decimal(pl.lit(value), amount).cast(pl.Float64)).to_series()
    off = (moved - used).abs().drop_nulls()
    return off.len() >= _LEAST and int((off <= float(_TOLERANCE)).sum()) >= _PROOF * off.len()
