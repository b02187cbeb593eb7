"""One kind of issue: how bad it is, its sentence and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What happens to the row.

    `error`: the row (or cell) was not imported. `warning`: imported, a person should look.
    `info`: imported or ignored as the rule says; counted so that nothing is silent.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One entry of the catalogue: its severity, the sentence and what to do about it (English templates)."""

    severity: Severity
    text: str
    remedy: str
