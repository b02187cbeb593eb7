"""Time series of the Finnish Datahub (Fingrid) in JSON."""

from pathlib import Path
from typing import ClassVar, Final

from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import json
from importers.interval.findings import Findings
from importers.interval.points import Facts, unit_facts
from importers.metering import finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, nodes, objects, text

ZONE: Final = "Europe/Helsinki"
_TITLE: Final = "Quantity"
_STAMP: Final = "PeriodStartTime"
_QUALITIES: Final = {"OK": finish.MEASURED, "MISSING": finish.MISSING}
_ACTIVE_ENERGY: Final = "8716867000030"
_READING_TYPE: Final = "BN01"


class Fingrid(Importer):
    """Values with the begin of their interval in UTC."""

    name: ClassVar[str] = "fingrid"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the series of a metering point with their observations."""
        if not has_members(sample.head, "MeteringPointEAN", "ResolutionDuration", "Observations"):
            return None
        return Claim(0.97, "time series of the Finnish Datahub (Fingrid)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings = Cells(), Findings()
        for entry in objects(json.read(path)):
            if isinstance(entry.get("Observations"), list | dict):
                _take(entry, cells)
        workspace.progress(0.5)
        rows = finish.with_status(cells.frame(), _QUALITIES, _TITLE, findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        rows = instants.read(rows, "stamp", _STAMP, ZONE, findings).rename({"stamp_utc": "start"})
        rows = finish.with_minutes(rows, ZONE, _STAMP, findings)
        return finish.delivered(
            rows, cells, civil=ZONE, request=request, workspace=workspace, findings=findings
        )


def _take(series: Node, cells: Cells) -> None:
    """Take the observations of one series."""
    key = tuple(
        first(series, (name,)) for name in ("MeteringPointEAN", "UnitType", "ProductType", "ReadingType")
    )
    number = cells.series(_facts, *key)
    length = first(series, ("ResolutionDuration",))
    for entry in nodes(series["Observations"]):
        cells.take(
            number,
            text=text(entry.get(_TITLE)),
            stamp=text(entry.get(_STAMP)),
            length=length,
            quality=first(entry, ("Quality",)),
        )


def _facts(meter: str | None, unit: str | None, product: str | None, kind: str | None) -> Facts:
    canonical, refused = unit_facts(unit)
    for stated, expected in ((product, _ACTIVE_ENERGY), (kind, _READING_TYPE)):
        if stated is not None and stated != expected and refused is None:
            refused = ("unknown_value", stated, {"expected": expected})
    return Facts(meter, _TITLE, canonical if refused is None else None, "electricity", refused=refused)
