"""ESL register export (`EdmRegisterWertExport`): readings of meters from Swiss grid operators, XML.

    ESLBillingData ── Meter factoryNo ── TimePeriod end ── ValueRow obis value status

A register counts on: its quantity is the difference of two readings (`importers.interval.registers`). Tariff
registers (1.8.1 and 1.8.2) add up; where their total (1.8.0) is there, it counts and they do not. Maxima and
reactive energy are ignored. The export states neither unit nor transformer factor: the unit comes from the
registered source or is declared (`--declare unit=kWh`), a factor is declared (`--declare factor=3`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED, Direction
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import xml
from importers.interval import points, registers, vocabulary
from importers.interval.findings import ROW, Findings
from importers.interval.grid import DAY_MINUTES
from importers.interval.points import Facts
from importers.meterxml.instants import utc
from importers.meterxml.texts import Texts, shown
from importers.meterxml.values import UNKNOWN, check_series, leave_out, named_apart, quantities, unit_mismatch

ROOT: Final = "ESLBillingData"
ZONE: Final = "Europe/Zurich"
LIMIT: Final = 256 * 1024**2

_VALID: Final = "V"
_ELECTRICITY: Final = "1"
_COUNTS_ON: Final = "8"  # OBIS group D: time integral 1
_TOTAL: Final = "0"  # OBIS group E
_OBIS: Final = re.compile(
    r"([0-9])-([0-9]{1,2}):([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?:\*255)?", re.ASCII
)
_DIRECTIONS: Final = {"1": Direction.CONSUMPTION, "2": Direction.FEED_IN}

_NO_REGISTER: Final = "no register that counts on"
_REACTIVE: Final = "reactive or apparent energy"
_TARIFF: Final = "a part of the register of the total, which was taken"


@dataclass(frozen=True, slots=True)
class _Register:
    """One register of one meter; the texts as they were written."""

    meter: str | None
    obis: str


class Esl(Importer):
    """Register readings exported by ESL-EVU."""

    name: ClassVar[str] = "esl"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element is ESLBillingData."""
        if xml.root_name(sample.head) != ROOT:
            return None
        return Claim(max(SURE, 0.99), "Root element {root}, register readings.", {"root": ROOT})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one export.

        Raises:
            FileRefused: too large, unsafe or broken XML, another document, no readings, or a declared factor
                or unit that is none.
        """
        findings = Findings()
        zone = request.zone or ZONE
        factor = registers.declared_factor(request.declared, findings)
        unit = registers.declared_unit(request.declared) or request.unit
        values = _parse(path)
        workspace.progress(0.5)
        known = _counted(values)
        check_series(path, len(known))
        kept, facts = _taken(known, unit, findings)
        readings = _readings(values, kept, zone, findings)
        titles = [one.title for one in facts]
        frame = registers.differences(readings, titles, civil=zone, findings=findings, factor=factor)
        hourly = frame.filter(pl.col("minutes") < DAY_MINUTES)
        return points.deliver(
            frame,
            named_apart(facts, titles, hourly),
            read=values.height,
            civil=zone,
            request=request,
            workspace=workspace,
            findings=findings,
        )


def _parse(path: Path) -> pl.DataFrame:
    """Return the readings as texts: `line`, `meter`, `end`, `obis`, `value`, `status`, and `__row`."""
    texts = Texts("meter", "end", "obis", "value", "status", numbers=("line",))
    columns = texts.columns

    def take(element: xml.Element) -> None:
        period = element.getparent()
        meter = period.getparent() if period is not None else None
        columns["line"].append(xml.row(element))
        columns["meter"].append(None if meter is None else meter.get("factoryNo") or meter.get("internalNo"))
        columns["end"].append(None if period is None else period.get("end"))
        for name in ("obis", "value", "status"):
            columns[name].append(element.get(name))
        texts.packed()

    root = xml.read(path, items=take, names=frozenset({"ValueRow"}), limit=LIMIT, marks=xml.MARKS)
    if xml.local(root) != ROOT:
        raise FileRefused(
            "{file}: the root element {name} is no register export of ESL.",
            code="not_esl",
            file=path.name,
            name=shown(xml.local(root)),
        )
    values = texts.frame()
    if values.is_empty():
        raise FileRefused("{file} holds no metered values.", code="no_values", file=path.name)
    return values.with_columns(pl.col("line").alias(ROW))


def _counted(values: pl.DataFrame) -> dict[_Register, int]:
    """Return the registers of a file in the order in which they come, with the number of their readings."""
    keys = ("meter", pl.col("obis").fill_null(""))
    counted = values.group_by(*keys, maintain_order=True).len()
    return {_Register(meter, obis): count for meter, obis, count in counted.iter_rows()}


def _taken(
    known: Mapping[_Register, int], unit: str | None, findings: Findings
) -> tuple[list[_Register], list[Facts]]:
    """Return the registers whose differences are quantities, with their facts; the others are ignored."""
    totals = {
        _without_tariff(one) for one in known if (code := _OBIS.fullmatch(one.obis)) and code[5] == _TOTAL
    }
    kept: list[_Register] = []
    ignored: dict[str, list[_Register]] = {}
    for one in known:
        reason = _reason(one, totals)
        if reason is None:
            kept.append(one)
        else:
            ignored.setdefault(reason, []).append(one)
    for reason, registers_ in ignored.items():
        count = sum(known[one] for one in registers_)
        leave_out(reason, (one.obis for one in registers_), count, findings)
    return kept, [_facts(one, unit) for one in kept]


def _reason(one: _Register, totals: set[tuple[str | None, ...]]) -> str | None:
    """Return why a register gives no quantity (an English template), or None."""
    code = _OBIS.fullmatch(one.obis)
    if code is None or code[4] != _COUNTS_ON:
        return _NO_REGISTER if code is not None else UNKNOWN
    if code[3] not in _DIRECTIONS:
        return _REACTIVE if code[1] == _ELECTRICITY else UNKNOWN
    return _TARIFF if code[5] != _TOTAL and _without_tariff(one) in totals else None


def _without_tariff(one: _Register) -> tuple[str | None, ...]:
    code = _OBIS.fullmatch(one.obis)
    return (one.meter, *(code.groups()[:4] if code is not None else (one.obis,)))


def _facts(one: _Register, unit: str | None) -> Facts:
    code = _OBIS.fullmatch(one.obis)
    meaning = vocabulary.obis(one.obis)
    activity = meaning[0] if meaning is not None else None
    return Facts(
        source=one.meter,
        title=one.obis,
        unit=unit,
        activity=activity,
        direction=_DIRECTIONS[code[3]] if code is not None else None,
        refused=registers.unit_refusal(unit) or unit_mismatch(activity, unit),
    )


def _readings(values: pl.DataFrame, kept: list[_Register], zone: str, findings: Findings) -> pl.DataFrame:
    """Return the readings of the registers that count (`registers.READING_SCHEMA`)."""
    keys = {
        "meter": [one.meter for one in kept],
        "obis": [one.obis for one in kept],
        "series": range(len(kept)),
    }
    numbered = pl.DataFrame(
        keys, schema={"meter": pl.String, "obis": pl.String, "series": pl.Int32}, strict=False
    )
    rows = values.with_columns(pl.col("obis").fill_null(""))
    rows = rows.join(numbered, on=["meter", "obis"], nulls_equal=True, maintain_order="left")
    rows = quantities(rows, "value", "value", findings)
    stamps = rows.select("end").unique()
    instants = {text: utc(text, zone) for text in stamps["end"]}
    at = pl.Series(
        "instant", [instants[text] for text in rows["end"]], dtype=registers.READING_SCHEMA["instant"]
    )
    rows = rows.with_columns(at)
    undated = rows.filter(pl.col("instant").is_null())
    wrong = undated.select(ROW, pl.col("end").fill_null("–").alias("value"))
    findings.reject(wrong, "not_a_date", "TimePeriod end", expected="YYYY-MM-DDTHH:MM:SS")
    rows = rows.filter(pl.col("instant").is_not_null()).rename({"quantity": "reading"})
    return _with_status(rows, findings).select(*registers.READING_SCHEMA)


def _with_status(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Add `status`: V is valid, whatever else makes the reading estimated and is said once."""
    text = pl.col("status").fill_null("")
    is_valid = text.is_in(["", _VALID])
    for word in rows.filter(~is_valid)["status"].unique().sort():
        findings.add(Issue("unknown_status", column="status", value=word))
    status = pl.when(is_valid).then(STATUS_MEASURED).otherwise(STATUS_ESTIMATED)
    return rows.with_columns(status=status.cast(pl.Int8))
