"""What an officer reads after an import: counts, totals, what needs a look."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from bilanz.activity import activities
from bilanz.app.explaining.amounts import amount
from bilanz.kinds import CATALOGUE, Severity, kind
from bilanz.messages import Language, translate

MONTHS: Final = 12
"""Incomplete months told to people; all stand in the JSON."""

SHOWN: Final = 20
"""Issues told to people; all of them stand in the JSON, the store and the reject file."""


def summary_lines(summary: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield the lines from the JSON of an import."""
    counts = "{read} rows read: {accepted} accepted, {rejected} rejected, {ignored} ignored."
    yield translate(
        counts, language, **{name: summary[name] for name in ("read", "accepted", "rejected", "ignored")}
    )
    line = "  {activity}, {direction}: {quantity} {unit}{basis} ({records} records)"
    yield from (_total(line, total, language) for total in summary["totals"])
    line = "  of it replaced by other deliveries: {activity}, {direction}: {quantity} {unit}{basis}"
    yield from (_total(line, total, language) for total in summary.get("replaced", []))
    if summary["period"]["start"]:
        yield translate("  Period {start} to {end}", language, **summary["period"])
    yield from _incomplete(summary.get("coverage", []), language)
    yield from _members(summary.get("members", []), language)
    issues = summary["issues"]
    for issue in issues[:SHOWN]:
        yield f"  [{translate(issue['severity'], language)}] {issue['message']}"
    hidden = summary.get("issues_total", len(issues)) - SHOWN
    if hidden > 0:
        yield translate("  … and {count} more (see --json or --rejects).", language, count=hidden)


def remedies(summary: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield what to do about errors and warnings, once per kind and column."""
    issues = [issue for issue in summary["issues"] if issue["severity"] != Severity.INFO]
    found = {
        (issue["code"], issue["column"]): issue["value"] for issue in issues if issue["code"] in CATALOGUE
    }
    if found:
        yield translate("What to do:", language)
    for (code, column), value in found.items():
        remedy = translate(kind(code).remedy, language, column=column or "", value=value or "")
        yield f"  {column}: {remedy}" if column else f"  {remedy}"


def _total(template: str, total: dict[str, Any], language: Language) -> str:
    """Return one total in words."""
    named = {
        **total,
        "activity": _activity(total["activity"], language),
        "direction": translate(total["direction"], language),
        "quantity": amount(total["quantity"], language),
        "basis": "" if total["basis"] == "none" else f" {total['basis']}",
    }
    return translate(template, language, **named)


def _incomplete(months: list[dict[str, Any]], language: Language) -> Iterator[str]:
    """Yield the months in which intervals are missing or estimated."""
    open_ = [month for month in months if month["measured"] < month["expected"]]
    if not open_:
        return
    yield translate("  Incomplete months: {count}", language, count=len(open_))
    line = "  {source}, {month}: {known} of {expected} intervals ({estimated} estimated, {missing} missing)"
    for month in open_[:MONTHS]:
        known = month["measured"] + month["estimated"]
        told = {**month, "known": known, "missing": max(0, month["expected"] - known)}
        yield "  " + translate(line, language, **told)


def _members(members: list[dict[str, Any]], language: Language) -> Iterator[str]:
    """Yield how many files of a package were imported, and a line for each of the first."""
    if not members:
        return
    results = Counter(member["result"] for member in members)
    counts = "{imported} files imported, {refused} refused, {known} imported before."
    named = {name: results[name] for name in ("imported", "refused", "known")}
    yield translate(counts, language, **named)
    line = "  {file}: {read} read, {accepted} accepted, {rejected} rejected, {ignored} ignored ({importer})"
    read = [member for member in members if member["result"] == "imported"]
    yield from (translate(line, language, **member) for member in read[:SHOWN])
    if len(read) > SHOWN:
        yield translate("  … and {count} more files (see --json).", language, count=len(read) - SHOWN)


def _activity(code: str | None, language: Language) -> str:
    return activities()[code].name(language) if code else translate("not classified", language)
