"""`bilanz explain`: from a number back to factor, candidates that lost, file and row.

The year is sliced and matched again with the same code, so an explanation cannot drift from the balance.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

import polars as pl

from bilanz.app.calculation import allocated, engine, owners_of, spending_of
from bilanz.app.explaining.amounts import exact, plain
from bilanz.app.explaining.covering import Covering
from bilanz.app.explaining.hourlysteps import hourly_steps
from bilanz.app.explaining.origins import origin, sentences
from bilanz.app.explaining.steps import steps_of, why
from bilanz.balance import calculate, key_of
from bilanz.books import SERIES
from bilanz.declared import NOTHING, Declared
from bilanz.errors import GwpMissing, UsageError
from bilanz.intensity import Intensity
from bilanz.messages import Language, translate
from bilanz.scopes import Terms, needs_factor, scope_of
from bilanz.sentences import say
from bilanz.slices import build
from bilanz.store.connection import Store
from bilanz.weighting import Weighted, parts_of
from factors.base import Catalogue
from reports import names
from reports.reasons import reason

TENURES: Final = {
    "owned": "owned",
    "rented": "rented",
    "let": "let to others",
    "contracting": "run by a contractor",
    "leased": "leased",
}

LINES: Final = 50
"""Slices explained at once; the answer says how many were left off."""

_TRIED_SHOWN: Final = 12

_FILTERS: Final = ("organisation", "source", "activity", "month")

_SLICES: Final = """
SELECT s.*, s.origin IN (SELECT segment FROM engine_overlap_link WHERE kind = 'part_of') AS is_part
FROM engine_wide s
WHERE {where} ORDER BY s.organisation, s.source, s.activity, s.month, s.unit, s.basis, s.quality, s.reason
"""


def explain(  # noqa: PLR0913 - the options of the command, by name
    store: Store,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    catalogue: Catalogue,
    *,
    year: int,
    book: str = "ghgp_location",
    gwp: str | None = None,
    region: str = "DE",
    zone: str = "Europe/Berlin",
    language: Language = "en",
    series: tuple[Intensity, ...] = (),
    instruments: pl.DataFrame | None = None,
    declared: Declared = NOTHING,
    readers: Collection[str] | None = None,
    **chosen: str | None,
) -> dict[str, Any]:
    """Return every step of the balance lines chosen, with units and sources down to file and row.

    Args:
        store: open store.
        organisations: as for `bilanz.app.calculation.calculate`.
        source_terms: likewise.
        catalogue: the factor catalogue.
        year: calendar year.
        book: the book to be explained.
        gwp: set of potentials; None: the book's own.
        region: region of organisations that state none.
        zone: time zone of organisations that state none.
        language: language of titles and sentences; codes stay codes.
        series: what a book that matches by the hour may take.
        instruments: certificates, contracts and labels; None: there are none.
        declared: what the master data declare about spreading and overlaps.
        readers: organisations whose files are told in full; None: all.
        chosen: organisation, source, activity, month (YYYY-MM); None: all.

    Returns:
        `{"book", "year", "release_name", "factor_release", "lines": [{"title", "steps", "outcome", "tried",
        "records"}], "left_off"}`.

    Raises:
        UsageError: an unknown filter, or a month that is none.
    """
    machine = engine(catalogue, year=year, books=(book,), gwp=gwp, series=series)
    weighted = machine.books[0]
    build(
        store.con,
        organisations,
        source_terms,
        spending=spending_of(catalogue),
        year=year,
        region=region,
        zone=zone,
        declared=declared,
    )
    allocation = allocated(store, machine, organisations, catalogue, instruments)
    owners = owners_of(catalogue, organisations)
    calculate(store.con, machine.books, machine.converter, owners, machine.hours(store))
    covering = Covering(store, weighted.book, allocation, dict(owners.iter_rows()))
    where, values = _where(chosen)
    found = store.frame(_SLICES.format(where=where), values)
    lines = [
        _line(store, row, weighted, covering, language, readers)
        for row in found.head(LINES).iter_rows(named=True)
    ]
    return {
        "book": weighted.book.id,
        "year": year,
        "release_name": catalogue.name,
        "factor_release": catalogue.release,
        "lines": lines,
        "left_off": max(0, found.height - LINES),
    }


def _where(chosen: dict[str, str | None]) -> tuple[str, list[object]]:
    """Return the condition and its values of the filters in use."""
    terms, values = ["TRUE"], list[object]()
    for name, value in chosen.items():
        if name not in _FILTERS:
            raise UsageError('There is no filter "{name}".', name=name)
        if value is not None:
            terms.append(f"s.{name} = ?")
            values.append(_month(value) if name == "month" else value)
    return " AND ".join(terms), values


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        raise UsageError('"{value}" is not a month (YYYY-MM expected).', value=text) from None


def _line(
    store: Store,
    row: dict[str, Any],
    weighted: Weighted,
    covering: Covering,
    language: Language,
    readers: Collection[str] | None,
) -> dict[str, Any]:
    """Return one slice explained: what it comes from, what it was multiplied with, what lost."""
    entries = origin(store, row, language, readers)
    steps, tried = _steps(store, row, weighted, covering, language)
    return {
        "title": _title(row, weighted, language),
        "organisation": row["organisation"],
        "source": row["source"],
        "activity": row["activity"],
        "month": row["month"].isoformat(),
        "quantity": plain(row["quantity"]),
        "unit": row["unit"],
        "basis": row["basis"],
        "quality": row["quality"],
        "outcome": row["outcome"],
        "reason": row["reason"],
        "steps": [*sentences(entries, language), *steps],
        "tried": tried,
        "origin": entries,
    }


def _title(row: dict[str, Any], weighted: Weighted, language: Language) -> str:
    activity = names.activity_name(row["activity"], language)
    what = f"{row['organisation']} / {row['source']} / {activity}, {row['month']:%Y-%m}"
    title = f"{what}: {exact(row['quantity'], language)} {row['unit']}, {weighted.book.name.of(language)}"
    if row["is_deduction"]:
        said = "taken off: a declared part" if row["is_part"] else "taken off: what a tenant used"
        title = f"{title} ({translate(said, language)})"
    return title if row["reason"] is None else f"{title} – {_uncounted(row, language)}"


def _uncounted(row: dict[str, Any], language: Language) -> str:
    """Return why a slice does not count."""
    code = row["reason"]
    if row["outcome"] == "superseded":
        return names.superseded(code, language)
    return reason(code, language).text


def _placed(terms: Terms, scope: str, category: str, language: Language) -> str:
    control = "under own control" if terms.control else "not under own control"
    held = [
        names.flow(terms.role, None, language),
        translate(TENURES[terms.tenure], language),
        translate(control, language),
    ]
    return f"{', '.join(held)} → {names.scope(scope, language)}, {names.category(category, language)}"


def _steps(
    store: Store, row: dict[str, Any], weighted: Weighted, covering: Covering, language: Language
) -> tuple[list[str], list[str]]:
    """Return the sentences of the calculation, and the candidates that lost."""
    if row["outcome"] != "counted":
        return [translate("Not counted: {reason}", language, reason=_uncounted(row, language))], []
    terms = Terms(row["role"], row["tenure"], row["control"])
    scope, category = scope_of(weighted.book, row["activity"], terms)
    placed = _placed(terms, scope, category, language)
    if not needs_factor(scope, category):
        return [placed, translate("Shown as memo, without a factor", language)], []
    steps, tried = [placed], [lost.text(language) for lost in covering.losers(row)]
    for part in covering.parts(row):
        steps += covering.heading(part, row, language)
        told, lost = _of_part(store, part, terms, weighted, language)
        steps += told
        tried += [each for each in lost if each not in tried]
    return steps, tried


def _of_part(
    store: Store, part: dict[str, Any], terms: Terms, weighted: Weighted, language: Language
) -> tuple[list[str], list[str]]:
    """Return the sentences of a slice, or of the part of it an instrument covers, and what lost there."""
    decision = weighted.matcher.decide(key_of(part))
    losers = weighted.matcher.losers(key_of(part))
    tried = [lost.text(language) for lost in losers[:_TRIED_SHOWN]]
    if decision.hit is None:
        return [translate("No factor: {reason}", language, reason=why(decision, language))], tried
    if decision.hit.rule.source == SERIES:
        return hourly_steps(store, part, decision.hit, language), tried
    try:
        parts = parts_of(decision, weighted, terms)
        steps = steps_of(part["quantity"], part["unit"], decision, parts, weighted, language=language)
    except GwpMissing as error:
        steps = [translate(error.template, language, **error.parameters)]
    except OverflowError as error:
        steps = [say("too_large", multiplier=error).text(language)]
    return steps, tried
