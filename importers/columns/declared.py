"""What was declared of a column: how its numbers are written, in which unit they are, or both.

Menge=1.234,56      the format
Menge=l             the unit, where the file states none
Menge=1.234,56 l    both

Whatever is known as a unit and is no way to write numbers is a unit.
"""

from collections.abc import Mapping

from bilanz import units
from importers.columns import numbers


def unit_of(declared: str | None) -> str | None:
    """Return the spelling of the unit a declaration states; None: it states none."""
    text = (declared or "").strip()
    if numbers.parse_declared(text) is not None:
        return None
    if units.find(text) is not None:
        return text
    head, _, tail = text.partition("56 ")
    is_both = numbers.parse_declared(f"{head}56") is not None and units.find(tail.strip()) is not None
    return tail.strip() if is_both else None


def format_of(declared: str | None) -> str | None:
    """Return a declaration without the unit behind its format."""
    unit = unit_of(declared)
    return declared.strip().removesuffix(unit).strip() or None if declared and unit else declared


def together(*layers: Mapping[str, str]) -> dict[str, str]:
    """Return what declarations of a column say together; of format and unit each the last stated one."""
    found: dict[str, str] = {}
    for layer in layers:
        for title, text in layer.items():
            form = format_of(text) or format_of(found.get(title))
            unit = unit_of(text) or unit_of(found.get(title))
            found[title] = " ".join(part for part in (form, unit) if part)
    return found
