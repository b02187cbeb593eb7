"""Whether messages and interchange are what their trailers say: counted, closed, used once, not withdrawn."""

from typing import Final

import polars as pl

from importers.interval.findings import ROW, Findings

_TAG: Final = pl.col("tag")
_WITHDRAWING: Final = ("1", "3")  # function of a message (1225): cancellation, deletion
_CLOCK: Final = 12  # digits of day and time; the offset stands behind them


def check(table: pl.DataFrame, findings: Findings) -> None:
    """Report wrong and missing trailers, references used twice, and messages of other types."""
    heads = table.filter(_TAG == "UNH")
    _check_counts(table, heads, findings)
    _check_references(heads, findings)
    _check_interchange(table.filter(_TAG.is_in(["UNB", "UNH", "UNZ"])), findings)
    other = heads.filter(~pl.col("is_metered"))
    findings.note(other.select(ROW, value="b"), "message_ignored", "UNH")


def _check_counts(table: pl.DataFrame, heads: pl.DataFrame, findings: Findings) -> None:
    inside = pl.col("message").filter(~_TAG.is_in(["UNZ", "UNB"]))
    counts = table.select(inside.value_counts().alias("x")).unnest("x")
    ends = table.filter(_TAG == "UNT").unique("message", keep="first").select("message", stated="a", row=ROW)
    counted = heads.select("message", reference="a", begin=ROW)
    for known in (counts, ends):
        counted = counted.join(known, on="message", how="left", maintain_order="left")
    open_ = counted.filter(pl.col("stated").is_null())
    findings.note(open_.select(pl.col("begin").alias(ROW), value="reference"), "message_open", "UNT")
    count = pl.col("count").cast(pl.String)
    wrong = counted.filter(pl.col("stated").str.strip_chars() != count)
    findings.note(
        wrong.select(
            pl.col("row").alias(ROW),
            value="stated",
            parameters=pl.struct(counted=count, reference="reference"),
        ),
        "segment_count",
        "UNT",
    )


def _check_references(heads: pl.DataFrame, findings: Findings) -> None:
    first = heads.group_by("a").agg(first=pl.col(ROW).first(), at=pl.col("message").first())
    again = heads.join(first, on="a", maintain_order="left").filter(pl.col("message") != pl.col("at"))
    shown = again.select(ROW, value="a", parameters=pl.struct(first=pl.col("first").cast(pl.String)))
    findings.note(shown, "message_repeated", "UNH")


def _check_interchange(marks: pl.DataFrame, findings: Findings) -> None:
    parts = marks.with_columns(part=(_TAG == "UNB").cum_sum()).filter(pl.col("part") > 0)
    found = parts.group_by("part", maintain_order=True).agg(
        begin=pl.col(ROW).first(),
        counted=(_TAG == "UNH").sum().cast(pl.String),
        stated=pl.col("a").filter(_TAG == "UNZ").first().str.strip_chars(),
        row=pl.col(ROW).filter(_TAG == "UNZ").first(),
    )
    open_ = found.filter(pl.col("stated").is_null())
    findings.note(open_.select(pl.col("begin").alias(ROW)), "interchange_open", "UNZ")
    wrong = found.filter(pl.col("stated") != pl.col("counted"))
    shown = wrong.select(pl.col("row").alias(ROW), value="stated", parameters=pl.struct("counted"))
    findings.note(shown, "message_count", "UNZ")


def withdrawn(table: pl.DataFrame) -> pl.DataFrame:
    """Return the messages whose values do not count, because they or another one withdraw them.

    Shape: `message`, `by`: number of the document that withdraws it.
    """
    heads = table.filter(_TAG == "BGM").unique("message", keep="first", maintain_order=True)
    heads = heads.select("message", document="b", function="c")
    taking = heads.filter(pl.col("function").is_in(_WITHDRAWING)).select("message", by="document")
    named = table.filter((_TAG == "RFF") & (pl.col("a") == "ACW")).select("message", document="a2")
    named = named.join(taking, on="message").unique("document", keep="first").select("document", "by")
    earlier = heads.join(named, on="document").select("message", "by")
    return pl.concat([taking, earlier]).unique("message", keep="first", maintain_order=True)


def order(table: pl.DataFrame) -> pl.DataFrame:
    """Return `message` and `rank`: by the date of the message (DTM+137), then by its place in the file."""
    written = table.filter((_TAG == "DTM") & (pl.col("a") == "137") & (pl.col("message") > 0))
    written = written.unique("message", keep="first", maintain_order=True).select(
        "message", written=pl.col("a2")
    )
    heads = table.filter(_TAG == "UNH").select("message").join(written, on="message", how="left")
    zones = heads["written"].str.slice(_CLOCK)
    is_comparable = heads["written"].null_count() == 0 and zones.n_unique() <= 1
    keys = ["written", "message"] if is_comparable else ["message"]
    return heads.sort(keys).with_row_index("rank").select("message", "rank")
