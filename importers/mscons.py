"""MSCONS: metered values as grid and metering-point operators send them (UN/EDIFACT D.96A to D.04B).

A record is a QTY segment. Its period is the one stated behind it, its unit the stated one or, for active
electric energy that the OBIS code proves, kWh; substitute and provisional values are kept as estimated.
"""

from pathlib import Path
from typing import ClassVar, Final

from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import edifact
from importers.interval.findings import Findings
from importers.interval.points import deliver
from importers.mscons_message import context, envelope
from importers.mscons_message.reading import Reading
from importers.mscons_message.table import tabulate

DEFAULT_ZONE: Final = "Europe/Berlin"
_SEGMENT_BYTES: Final = 25
_READ: Final = 0.9
"""Share of the time until the segments are a table; the rest are columns."""


class Mscons(Importer):
    """Metered services consumption reports."""

    name: ClassVar[str] = "mscons"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".edi", ".mscons")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose first message is an MSCONS."""
        if edifact.message_type(sample.head) != context.METERED:
            return None
        return Claim(
            max(SURE, 0.99),
            "An EDIFACT interchange whose first message is {type}.",
            {"type": context.METERED},
        )

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read all messages of a file.

        The latest delivery counts: in this market a sender mends values by sending them again.

        Raises:
            FileRefused: too large, or no well-formed EDIFACT.
        """
        expected = path.stat().st_size / _SEGMENT_BYTES

        def tell(count: int) -> None:
            workspace.progress(min(_READ, _READ * count / expected))

        table = context.with_messages(tabulate(edifact.segments(path), tell))
        workspace.progress(_READ)
        findings = Findings()
        envelope.check(table, findings)
        zone = request.zone or DEFAULT_ZONE
        values = context.values(table)
        points, facts = Reading(zone, request, findings).points(values, table, path.name)
        return deliver(
            points,
            facts,
            read=values.height,
            civil=zone,
            request=request,
            workspace=workspace,
            findings=findings,
            latest_delivery=True,
        )
