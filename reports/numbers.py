"""How numbers, months and missing values are written in a language (CLDR through Babel)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from bilanz.messages import Language, translate

NBSP = "\u00a0"
_PER_THOUSAND = Decimal(1000)
_ALMOST_ALL = 0.9995
_DAY = timedelta(days=1)

Number = Decimal | int | float


def missing(language: Language) -> str:
    """Return what stands where there is no value; never a zero."""
    return translate("not stated", language)


def decimal(value: Number | None, language: Language, *, digits: int = 0) -> str:
    """Return a number with a fixed count of decimals, rounded half-even.

    A value that is not zero but would round to it is written as a bound (`< 0.1`), because a reader takes a
    plain zero for "nothing".
    """
    if value is None:
        return missing(language)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    smallest = Decimal(1).scaleb(-digits)
    if value != 0 and -smallest < 2 * value < smallest:
        sign = "<" if value > 0 else "> −"
        return f"{sign}{NBSP if value > 0 else ''}{format_decimal(smallest, format=pattern, locale=language)}"
    return format_decimal(value, format=pattern, locale=language).replace("-", "−")


def thousandth(value: Number | None, language: Language, *, digits: int = 1) -> str:
    """Return a value of kg as t, or of kWh as MWh, without the unit."""
    return decimal(None if value is None else Decimal(value) / _PER_THOUSAND, language, digits=digits)


def tonnes(kg: Number | None, language: Language) -> str:
    """Return a mass of CO2e in t with its unit."""
    return missing(language) if kg is None else f"{thousandth(kg, language)}{NBSP}t{NBSP}CO₂e"


def megawatt_hours(kwh: Number | None, language: Language) -> str:
    """Return an energy in MWh with its unit."""
    return missing(language) if kwh is None else f"{thousandth(kwh, language)}{NBSP}MWh"


def money(amount: Number | None, currency: str, language: Language) -> str:
    """Return an amount in whole units with its currency code."""
    return missing(language) if amount is None else f"{decimal(amount, language)}{NBSP}{currency}"


def share(value: Number | None, language: Language) -> str:
    """Return a share (0 to 1) in percent. Only what is complete reads 100 %."""
    if value is None:
        return missing(language)
    if _ALMOST_ALL <= value < 1:
        return f">{NBSP}{decimal(Decimal('99.9'), language, digits=1)}{NBSP}%"
    # a share is a ratio of two exact sums, made a float only for display
    return f"{decimal(Decimal(repr(float(value))) * 100, language, digits=1)}{NBSP}%"


def month(day: date | None, language: Language) -> str:
    """Return month and year: `März 2025`, `Mar 2025`."""
    return missing(language) if day is None else format_skeleton("yMMM", day, locale=language)


def day(value: date, language: Language) -> str:
    """Return a day: `05.03.2025`, `Mar 5, 2025`."""
    return format_date(value, locale=language)


def validity(first: date | None, end: date | None, language: Language) -> str | None:
    """Return first and last day of [first, end); None where neither is stated."""
    if first is None:
        return None if end is None else translate("until {last}", language, last=day(end - _DAY, language))
    if end is None:
        return translate("from {first}", language, first=day(first, language))
    return f"{day(first, language)} – {day(end - _DAY, language)}"


def instant(text: str | None, language: Language) -> str:
    """Return an ISO 8601 time as date, time and zone; text that is none is given back as it is."""
    if not text:
        return missing(language)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = f" {moment.tzname()}" if moment.tzname() else ""
    return f"{day(moment, language)}, {moment:%H:%M}{zone}"
