"""A message of metered values as a grid operator sends it, and how fast it is read beside a bare parse."""

import resource
import time
import warnings
from pathlib import Path

import polars as pl
from generate import milliwatthours, point, slots

MONTH = 2_976  # quarter hours of a month of 31 days


def write_mscons(path: Path, values: int) -> int:
    """Write a valid MSCONS, a month for each metering point; return the number of values."""
    count = max(1, values // MONTH)
    stamps = slots(MONTH + 1).dt.to_string("%Y%m%d%H%M?+00")
    begin, end = stamps.head(MONTH), stamps.tail(MONTH)
    with path.open("w", encoding="ascii") as stream:
        stream.write("UNA:+.? 'UNB+UNOC:3+9900000000001:500+9900000000002:500+240201:0600+B1++TL'")
        for meter in range(count):
            stream.write(_message(meter, begin, end))
        stream.write(f"UNZ+{count}+B1'")
    return count * MONTH


def _message(meter: int, begin: pl.Series, end: pl.Series) -> str:
    head = [
        f"UNH+{meter}+MSCONS:D:04B:UN:2.4c",
        f"BGM+7+D{meter}+9",
        "DTM+137:202402010600?+00:303",
        "UNS+D",
        "NAD+DP",
        f"LOC+172+{point(meter)}",
        "LIN+1",
        "PIA+5+1-1?:1.29.0:SRW",
    ]
    number = pl.select(milliwatthours(meter, MONTH)).to_series()
    text = (number // 1000).cast(pl.String) + "." + (number % 1000).cast(pl.String).str.zfill(3)
    values = pl.select(
        pl.format("QTY+220:{}:KWH'DTM+163:{}:303'DTM+164:{}:303", text, begin, end)
    ).to_series()
    count = len(head) + 3 * MONTH + 1
    return "'".join([*head, *values, f"UNT+{count}+{meter}"]) + "'"


def read(path: Path, values: int) -> dict[str, float]:
    """Read the message with the importer, take it apart with the library alone, and return the figures."""
    from pydifact.parser import Parser

    from importers.base import ImportRequest, Workspace
    from importers.mscons import Mscons

    if not path.exists():
        write_mscons(path, values)
    start, spent = time.perf_counter(), _processor()
    result = Mscons().read(path, ImportRequest(), Workspace(path.parent, lambda: None))  # type: ignore[arg-type, return-value] # no scratch is asked for
    figures = {
        "seconds": time.perf_counter() - start,
        "processor": _processor() - spent,
        "rows": result.accepted,
        "mb": path.stat().st_size / 1e6,
        "peak_read_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    result.check()
    start, spent = time.perf_counter(), _processor()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of each segment it has no model of
        figures["segments"] = sum(1 for _ in Parser().parse(path.read_text(encoding="ascii")))
    figures["parse_seconds"] = time.perf_counter() - start
    figures["parse_processor"] = _processor() - spent
    return figures


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
