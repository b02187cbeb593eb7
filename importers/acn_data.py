"""Charging sessions of ACN-Data (JSON): times in GMT as e-mail writes them."""

from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.charging.messages import columns_of, delivered
from importers.formats import json
from importers.metering.document import Node, first, has_members, objects, text
from importers.upload.findings import ROW, Findings

_TITLES: Final = {
    "start": "connectionTime",
    "end": "disconnectTime",
    "session": "sessionID",
    "quantity": "kWhDelivered",
}
_PERSONAL: Final = ("userID", "userInputs")
_GMT: Final = r"(?i)^\s*(?:[a-z]{3},\s*)?(\d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d) (?:GMT|UTC|\+0000)\s*$"


class AcnData(Importer):
    """One entry, one session, from plugging in to pulling out."""

    name: ClassVar[str] = "acn_data"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the names of the data set."""
        if not has_members(sample.head, "connectionTime", "kWhDelivered"):
            return None
        return Claim(0.97, "charging sessions of ACN-Data")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        findings = Findings()
        entries = [entry for entry in objects(json.read(path)) if "connectionTime" in entry]
        workspace.progress(0.5)
        personal = [name for name in _PERSONAL if any(entry.get(name) is not None for entry in entries)]
        if personal:
            parameters = {"count": str(len(personal))}
            findings.add(Issue("personal_data", value=", ".join(personal), parameters=parameters))
        begins, ends = (
            _iso([text(entry.get(_TITLES[name])) for entry in entries]) for name in ("start", "end")
        )
        rows = [
            {**_row(entry), ROW: number, "start": begin, "end": end}
            for number, (entry, begin, end) in enumerate(zip(entries, begins, ends, strict=True), start=1)
        ]
        columns = columns_of(_TITLES, request, findings)
        return delivered(rows, columns, request, read=len(entries))


def _row(entry: Node) -> dict[str, str | bool | int | None]:
    return {
        "session": first(entry, ("sessionID", "_id")),
        "charge_point": first(entry, ("stationID", "spaceID")),
        "site": first(entry, ("siteID",)),
        "quantity": text(entry.get("kWhDelivered")),
        "unit": "kWh",
    }


def _iso(moments: list[str | None]) -> list[str | None]:
    """Return times of e-mail headers in ISO 8601; what is none stays as it is, and is rejected as such."""
    given = pl.Series("x", moments, dtype=pl.String)
    read = pl.col("x").str.extract(_GMT, 1).str.to_datetime("%d %b %Y %H:%M:%S", strict=False)
    return (
        given.to_frame()
        .select(pl.coalesce(read.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), "x"))
        .to_series()
        .to_list()
    )
