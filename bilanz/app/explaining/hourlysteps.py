"""A product by the hour as sentences: what was matched with the series, what it comes to, what is missing."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from bilanz.app.explaining.amounts import exact
from bilanz.decision import Hit
from bilanz.messages import Language, translate
from bilanz.store.connection import Store
from reports import names
from reports.reasons import reason

_HOURS: Final = """
SELECT matched, n_matched, missed, n_missed, high, low, code FROM engine_hour_slice
WHERE segment = ? AND month = ? AND quality = ? AND amount = ? ORDER BY ALL LIMIT 1
"""


def _mass(high: Decimal, low: Decimal) -> Decimal:
    """Return high + low · 10⁻¹² in kg, rounded to 12 decimals."""
    return Decimal(round(Fraction(high) * 10**12 + Fraction(low))).scaleb(-12)


def hourly_steps(store: Store, row: dict[str, Any], hit: Hit, language: Language) -> list[str]:
    """Return the sentences of one slice of a book that matches by the hour.

    Shape of `row`: a row of `engine_wide`. The sums are those the balance was made of.
    """
    found = store.rows(_HOURS, [row["segment"], row["month"], row["quality"], row["quantity"]])
    matched, readings, missed, lacking, high, low, code = found[0] if found else (None,) * 7
    if matched is None:
        return [reason("no_hourly_reading", language).text]
    unit, (amount, *_) = row["unit"], hit.statement.gases(hit.chains[0])
    worth = f"{names.chain(hit.chains[0], language)}, {names.grade(hit.grade, language)}"
    told = []
    if readings:
        message = "{quantity} {unit} in {readings} readings, each × the value of its hour"
        said = translate(message, language, quantity=exact(matched, language), unit=unit, readings=readings)
        per = f"{amount.mass_unit} {amount.gas}/{hit.statement.per_unit}"
        told.append(f"{said} [{per}; {worth}; {hit.statement.id}; {amount.reference}]")
        told.append(f"= {exact(_mass(high, low), language)} kg CO2e")
    if lacking:
        message = "{quantity} {unit} in {readings} readings: {reason}"
        told.append(
            translate(
                message,
                language,
                quantity=exact(missed, language),
                unit=unit,
                readings=lacking,
                reason=reason(code, language).text,
            )
        )
    return told
