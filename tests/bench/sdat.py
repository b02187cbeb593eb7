"""XML messages: one large SDAT-CH document, read by our importer and by a bare parser."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from generate import START
from lxml import etree

VALUES = 1_000_000
"""Most values of the document: a message of 160 MB, and larger ones nobody sends."""

_DAY = 96
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:ValidatedMeteredData_14 xmlns:rsm="http://www.strom.ch">
<rsm:ValidatedMeteredData_HeaderInformation><rsm:InstanceDocument>
<rsm:DocumentType><rsm:ebIXCode>E66</rsm:ebIXCode></rsm:DocumentType>
<rsm:Creation>2025-01-02T07:30:00Z</rsm:Creation><rsm:Status>9</rsm:Status>
</rsm:InstanceDocument></rsm:ValidatedMeteredData_HeaderInformation>
"""
_BLOCK = """<rsm:MeteringData>
<rsm:Interval><rsm:StartDateTime>{start}</rsm:StartDateTime><rsm:EndDateTime>{end}</rsm:EndDateTime></rsm:Interval>
<rsm:Resolution><rsm:Resolution>15</rsm:Resolution><rsm:Unit>MIN</rsm:Unit></rsm:Resolution>
<rsm:ConsumptionMeteringPoint><rsm:VSENationalID>CH1{point:030d}</rsm:VSENationalID></rsm:ConsumptionMeteringPoint>
<rsm:Product><rsm:ID>8716867000030</rsm:ID><rsm:MeasureUnit>KWH</rsm:MeasureUnit></rsm:Product>
{values}</rsm:MeteringData>
"""
_VALUE = (
    "<rsm:Observation><rsm:Position><rsm:Sequence>{number}</rsm:Sequence></rsm:Position>"
    "<rsm:Volume>{value}.{rest:03d}</rsm:Volume></rsm:Observation>"
)


def write_sdat(path: Path, values: int) -> int:
    """Write one message of so many values (whole days, a year per point); return their number."""
    days = values // _DAY
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_HEAD)
        for day in range(days):
            start = START + timedelta(days=day % 366)
            texts = [
                _VALUE.format(number=slot + 1, value=(day + slot) % 9, rest=(day * 7 + slot * 13) % 1000)
                for slot in range(_DAY)
            ]
            bounds = [f"{moment.isoformat()}Z" for moment in (start, start + timedelta(days=1))]
            stream.write(
                _BLOCK.format(start=bounds[0], end=bounds[1], point=day // 366, values="".join(texts))
            )
        stream.write("</rsm:ValidatedMeteredData_14>\n")
    return days * _DAY


def parsed(path: Path) -> tuple[float, int]:
    """Return the seconds a bare parser takes to touch every value, and their number."""
    begin, count = time.perf_counter(), 0
    for _, element in etree.iterparse(path, events=("end",), tag="{*}Observation"):
        count += 1
        element.clear()
    return time.perf_counter() - begin, count


def imported(path: Path) -> tuple[float, int]:
    """Return the seconds our importer takes, and the number of values it accepted."""
    from bilanz.store.scratch import new_scratch
    from importers.base import ImportRequest, Workspace
    from importers.sdat import Sdat

    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        workspace = Workspace(Path(directory), lambda: new_scratch(Path(directory)))
        begin = time.perf_counter()
        result = Sdat().read(path, ImportRequest(), workspace)
        return time.perf_counter() - begin, result.accepted
