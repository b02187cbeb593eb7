"""Which activity a line without a named one belongs to: what the rest of the invoice says, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bilanz.activity import activity as activity_of
from importers.base import ImportRequest
from importers.invoice import terms
from importers.invoice.entries import FEES, Entry, fits
from importers.invoice.findings import Findings

_LINE_KINDS: Final = FEES | {"energy"}


@dataclass(frozen=True, slots=True)
class _Hint:
    activity: str
    number: str
    words: str


def assign(entries: Sequence[Entry], request: ImportRequest, findings: Findings) -> list[Entry]:
    """Give supplies without an activity the registered one, or the only one the invoice speaks of.

    The registered activity of the source is a statement and no finding. An activity concluded from other
    lines of the invoice is noted (`activity_assumed`); where they speak of none or of several, the line stays
    without (`not_classified`) and stands in the exceptions.
    """
    hints = _hints(entries)
    return [_assigned(entry, hints, request, findings) for entry in entries]


def _assigned(entry: Entry, hints: Sequence[_Hint], request: ImportRequest, findings: Findings) -> Entry:
    if entry.activity is not None or not entry.is_supply:
        return entry
    if request.activity is not None and fits(request.activity, entry.dimension):
        return replace(entry, activity=request.activity)
    fitting = {hint.activity: hint for hint in reversed(hints) if fits(hint.activity, entry.dimension)}
    if len(fitting) != 1:
        if entry.kind not in FEES:
            findings.note("not_classified", entry.line, column=entry.line.column, value=entry.name)
        return entry
    hint = next(iter(fitting.values()))
    if entry.kind not in FEES:
        findings.note(
            "activity_assumed",
            entry.line,
            column=entry.line.column,
            value=activity_of(hint.activity).en,
            reason=f"Pos. {hint.number}: {hint.words}",
        )
    return replace(entry, activity=hint.activity)


def _hints(entries: Sequence[Entry]) -> list[_Hint]:
    """Return what the lines of the supply name, and the levies that exist for one carrier only."""
    named = [
        _Hint(entry.activity, entry.line.number, entry.name)
        for entry in entries
        if entry.activity is not None and (entry.is_supply or entry.kind in _LINE_KINDS)
    ]
    levied = [
        _Hint(activity, entry.line.number, entry.name)
        for entry in entries
        if entry.is_supply
        for activity, _ in terms.evidence(entry.name)
    ]
    return named + levied
