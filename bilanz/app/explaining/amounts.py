"""How amounts are written for people on the command line."""

from decimal import Decimal

from bilanz.messages import Language


def tonnes(kilograms: str, language: Language) -> str:
    """Return kilograms as tonnes with three decimals in the number format of the language."""
    from babel.numbers import format_decimal

    return format_decimal(Decimal(kilograms) / 1000, format="#,##0.000", locale=language)


def rounded_tonnes(kilograms: str, language: Language) -> str:
    """Return kilograms that were rounded already as tonnes, with the decimals they have and no more."""
    return amount(str(Decimal(kilograms) / 1000), language)


def amount(quantity: str, language: Language) -> str:
    """Return a quantity with all its decimals in the number format of the language."""
    from babel.numbers import format_decimal

    return format_decimal(Decimal(quantity), format="#,##0.######", locale=language)


def percent(share: str, language: Language) -> str:
    """Return a relative change as a signed percentage with at most two decimals."""
    from babel.numbers import format_percent

    return format_percent(Decimal(share), format="+#,##0.##%;-#,##0.##%", locale=language)
