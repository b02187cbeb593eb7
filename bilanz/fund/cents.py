"""Cents: exact shares of an amount, by largest remainder.

    quota of a share = amount · weight / Σ weights
    each gets the whole cents of its quota; the cents left go to the largest remainders, one each
    equal remainders: in the order of the identifiers

Everything is rational arithmetic, so that neither order nor machine decides about a cent.

Source: largest remainder, as Hare and Niemeyer have it for seats.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused

PER_UNIT: Final = 100
_EXACT: Final = Context(prec=60)


def shares(cents: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Share an amount by weights; the shares add up to it.

    Shape: identifier → weight in, the same identifiers, sorted, → cents out.
    Units: `cents` in hundredths of a currency; weights in any unit, the same for all.

    Raises:
        Refused: the amount or a weight is negative, or there is an amount and no weight.
    """
    whole = sum(weights.values(), Fraction(0))
    if cents < 0 or any(weight < 0 for weight in weights.values()):
        raise Refused("Neither an amount that is shared nor a weight may be negative.")
    if whole == 0 and cents > 0:
        message = "{amount} cannot be shared: nobody has a weight."
        raise Refused(message, amount=amount_of(cents))
    if whole == 0:
        return dict.fromkeys(sorted(weights), 0)
    quotas = {name: cents * weight / whole for name, weight in sorted(weights.items())}
    given = {name: quota.numerator // quota.denominator for name, quota in quotas.items()}
    left = cents - sum(given.values())
    for name in sorted(quotas, key=lambda name: (given[name] - quotas[name], name))[:left]:
        given[name] += 1
    return given


def whole_cents(amount: Fraction) -> int:
    """Return an amount of a currency in cents, rounded half to even."""
    return round(amount * PER_UNIT)


def amount_of(cents: int) -> Decimal:
    """Return cents as an amount of the currency, with two decimals."""
    return decimal(Fraction(cents, PER_UNIT), 2)


def decimal(value: Fraction, places: int) -> Decimal:
    """Return a rational number with that many decimals, rounded half to even."""
    return Decimal(round(value * 10**places)).scaleb(-places, _EXACT)
