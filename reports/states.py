"""How a month of a source is shown: a symbol and a word, with a fill beside them that nothing depends on."""

from collections.abc import Mapping
from typing import Any, Final

from bilanz import completeness as known
from bilanz.messages import Language, translate
from reports import numbers

SYMBOLS: Final[Mapping[str, str]] = {
    known.MEASURED: "●",
    known.BILLED: "■",
    known.PARTLY_ESTIMATED: "◐",
    known.ESTIMATED: "△",
    known.PARTIAL: "◔",
    known.MISSING: "✕",
    known.NOT_EXPECTED: "–",
    known.EVENT: "◆",
}

FILLS: Final[Mapping[str, str]] = {
    known.MEASURED: "#8ccbf0",
    known.BILLED: "#d3ebf9",
    known.PARTLY_ESTIMATED: "#fbf3c4",
    known.ESTIMATED: "#f0c24e",
    known.PARTIAL: "#f3b28c",
    known.MISSING: "#e06f1f",
    known.NOT_EXPECTED: "#eceef0",
    known.EVENT: "#ffffff",
}
"""Fills behind dark text; `page.css` has the same ones."""

NAMES: Final[Mapping[str, str]] = {
    known.MEASURED: "measured",
    known.BILLED: "billed",
    known.PARTLY_ESTIMATED: "partly estimated",
    known.ESTIMATED: "estimated",
    known.PARTIAL: "days missing",
    known.MISSING: "missing",
    known.NOT_EXPECTED: "not expected",
    known.EVENT: "as it arrives",
}

METHODS: Final[Mapping[str, str]] = {
    "own_history": "the same months of earlier years",
    "degree_days": "an earlier year by degree days",
    "profile": "the course of comparable sources",
    "floor_area": "floor area of comparable organisations",
    known.STATED: "as the file states it",
}


def name(state: str, language: Language) -> str:
    """Return what a state is called."""
    return translate(NAMES[state], language)


def method(codes: str | None, language: Language) -> str:
    """Return how something was estimated, in words; several codes are separated by commas."""
    if not codes:
        return numbers.missing(language)
    return ", ".join(translate(METHODS.get(code, code), language) for code in codes.split(", "))


def cell(row: Mapping[str, Any], language: Language) -> str:
    """Return a month in a cell: symbol, short word, and where it is partial how many days."""
    state = row["state"]
    match state:
        case known.PARTIAL:
            days = numbers.decimal(row["days_missing"], language)
            word = translate("{days} d missing", language, days=days)
        case known.PARTLY_ESTIMATED:
            days = numbers.decimal(row["days_estimated"], language)
            word = translate("{days} d est.", language, days=days)
        case known.NOT_EXPECTED:
            return SYMBOLS[state]
        case _:
            short = {known.MEASURED: "meas.", known.BILLED: "bill.", known.ESTIMATED: "est."}
            word = translate(short.get(state, NAMES[state]), language)
    return f"{SYMBOLS[state]} {word}"


def style(text: str) -> str:
    """Return the CSS classes of a cell as `cell` wrote it."""
    found = next((state for state, symbol in SYMBOLS.items() if text.startswith(symbol)), "")
    return f"state {found}".strip()
