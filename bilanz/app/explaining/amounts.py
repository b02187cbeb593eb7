"""How amounts are written for people."""

from decimal import Decimal

from bilanz.messages import Language


def plain(value: Decimal) -> str:
    """Return a decimal as a program reads it, without trailing zeros."""
    return "0" if value == 0 else f"{value.normalize():f}"


def exact(value: Decimal | str, language: Language) -> str:
    """Return a decimal with all its digits and the decimal sign of the language; nothing is grouped.

    Args:
        value: a decimal, or one as `plain` writes it.
        language: of the reader: `18.24` is eighteen in English, and near two thousand to many in German.
    """
    text = value if isinstance(value, str) else plain(value)
    return text.replace(".", ",") if language == "de" else text


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
