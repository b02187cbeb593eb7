"""`bilanz estimate`: one question, no data, through the same matching and conversion as a balance."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from bilanz import activity as vocabulary
from bilanz.app.calculation import engine
from bilanz.app.explaining.amounts import plain
from bilanz.app.explaining.steps import mass, steps_of, why
from bilanz.decision import Decision, Key
from bilanz.errors import NoFactor, UnitError, UnknownName, UsageError
from bilanz.gases import find as find_gas
from bilanz.gases import known_gases
from bilanz.messages import Language, translate
from bilanz.records import Basis
from bilanz.scopes import OUTSIDE, OWN_CONSUMPTION, needs_factor, scope_of
from bilanz.statements import SUBSTANCES
from bilanz.units import find as find_unit
from bilanz.units import near as near_units
from bilanz.valuation import is_money
from bilanz.weighting import Part, Weighted, parts_of
from factors.base import Catalogue
from factors.indices import VAT_CATEGORIES


def estimate(  # noqa: PLR0913 - the options of the command, by name
    catalogue: Catalogue,
    *,
    activity: str,
    quantity: str | Decimal,
    unit: str,
    basis: str | None = None,
    region: str = "DE",
    product_group: str | None = None,
    vat: str | None = None,
    day: date,
    book: str = "ghgp_location",
    gwp: str | None = None,
    language: Language = "en",
) -> dict[str, Any]:
    """Return what a quantity of an activity emits in a book; the schema stands in docs/cli.md.

    `product_group`: what money was spent on. `vat`: category of the tax the amount contains; None: net.
    `language`: of the steps, and of the reason for having none.

    Raises:
        UnknownName: an unknown activity, product group, book or set.
        UnitError: an unknown unit, or two bases.
        UsageError: the quantity is no number.
        NoFactor: no factor fits; says why, with the nearest candidates.
        GwpMissing: the set has no value for a gas.
    """
    code = activity_of(activity)
    name, stated = unit_of(unit, basis)
    amount = amount_of(quantity)
    weighted = engine(catalogue, year=day.year, books=(book,), gwp=gwp).books[0]
    _refuse_excluded(weighted, code, language)
    group = _product_group(product_group, code, catalogue)
    key = Key(code, group, name, stated, region, day, vat=_vat(vat, name))
    decision = weighted.matcher.decide(key)
    if decision.hit is None:
        raise no_factor(decision, weighted, day, language)
    parts = parts_of(decision, weighted, OWN_CONSUMPTION)
    counted = tuple(part for part in parts if part.scope != OUTSIDE)
    statement = decision.hit.statement
    return {
        "co2e_kg": plain(sum((mass(amount, part.co2e) for part in counted), Decimal(0))),
        "by_gas": _grouped(counted, amount, lambda part: part.gas),
        "by_chain": _grouped(parts, amount, lambda part: part.chain),
        "by_scope": _grouped(parts, amount, lambda part: part.scope),
        "factor": {
            "id": statement.id,
            "source": statement.source,
            "edition": statement.edition,
            "valid": statement.valid,
            "grade": decision.grade.value,
        },
        "book": weighted.book.id,
        "gwp": weighted.gwp.name,
        "release_name": catalogue.name,
        "factor_release": catalogue.release,
        "steps": steps_of(amount, name, decision, parts, weighted, language=language),
    }


def activity_of(name: str) -> str:
    """Return the code of an activity.

    Raises:
        UnknownName: there is none of that name; carries near misses.
    """
    code = vocabulary.find(name)
    if code is None:
        near = ", ".join(vocabulary.near(name)) or "–"
        raise UnknownName('The activity "{name}" is not known. Similar: {near}.', name=name, near=near)
    return code


def _substance(name: str | None, catalogue: Catalogue) -> str:
    """Return the code of a refrigerant or gas, as files spell it, or an empty string where none is named."""
    known = known_gases(catalogue.gwp, catalogue.blends)
    if name is not None and find_gas(name, known) is None:
        near = ", ".join(get_close_matches(name.upper(), sorted(known))) or "R32, R134a, R410A, SF6, CH4, N2O"
        raise UnknownName('The substance "{name}" is not known. Similar: {near}.', name=name, near=near)
    return (find_gas(name, known) if name else None) or ""


def _product_group(name: str | None, code: str, catalogue: Catalogue) -> str:
    """Return the code of a product group or substance, or an empty string where none is named."""
    if code in SUBSTANCES:
        return _substance(name, catalogue)
    known = catalogue.product_groups["product_group"].to_list()
    if name is not None and name not in known:
        own = [code for code in known if ":" not in code]
        near = ", ".join(get_close_matches(name.upper(), known) or own)
        raise UnknownName('The product group "{name}" is not known. Similar: {near}.', name=name, near=near)
    return name or ""


def _vat(category: str | None, unit: str) -> str:
    """Return the category of the tax an amount contains, or an empty string where it is net."""
    if category is not None and category not in VAT_CATEGORIES:
        near = ", ".join(VAT_CATEGORIES)
        raise UnknownName('There is no tax rate "{name}". There are: {near}.', name=category, near=near)
    if category is not None and not is_money(unit):
        raise UsageError("{unit} is no money: only an amount of money contains tax.", unit=unit)
    return category or ""


def unit_of(spelling: str, basis: str | None) -> tuple[str, str]:
    """Return (unit, basis) of a spelling and a stated basis that must agree with it.

    Raises:
        UnitError: an unknown unit, or two bases.
        UnknownName: the basis is none.
    """
    found = find_unit(spelling)
    if found is None:
        near = ", ".join(near_units(spelling)) or "–"
        raise UnitError('The unit "{name}" is not known. Similar: {near}.', name=spelling, near=near)
    if basis not in {None, *Basis}:
        raise UnknownName('The basis "{name}" is not Hs, Hi or none.', name=basis)
    if basis and found.basis and basis != found.basis:
        raise UnitError(
            "{unit} says {found}, the basis says {basis}.", unit=spelling, found=found.basis, basis=basis
        )
    return found.unit, basis or found.basis or Basis.NONE.value


def amount_of(quantity: str | Decimal) -> Decimal:
    """Return a quantity as a balance holds it.

    Raises:
        UsageError: no number, or too many digits.
    """
    try:
        amount = Decimal(quantity)
    except InvalidOperation:
        raise UsageError('"{value}" is not a number (decimal point expected).', value=quantity) from None
    if not amount.is_finite() or amount != round(amount, 6) or abs(amount) >= Decimal(10) ** 13:
        raise UsageError("{value} is not a quantity with up to 13 digits and 6 decimals.", value=quantity)
    return amount


def _refuse_excluded(weighted: Weighted, code: str, language: Language) -> None:
    """Raise where the book leaves the activity out."""
    exclusion = weighted.book.exclusion(code)
    if exclusion is None or needs_factor(*scope_of(weighted.book, code, OWN_CONSUMPTION)):
        return
    text = translate(
        "{activity} is not part of the book {book}: {reason}",
        language,
        activity=vocabulary.activity(code).name(language),
        book=weighted.book.id,
        reason=exclusion.reason.of(language),
    )
    raise NoFactor(text, code="excluded")


def no_factor(decision: Decision, weighted: Weighted, day: date, language: Language) -> NoFactor:
    """Return the refusal, worded already: its parts are in the language asked for."""
    text = translate(
        "No factor for {activity} in {region} on {day} in the book {book}. {reason}",
        language,
        activity=vocabulary.activity(decision.key.activity).name(language),
        region=decision.key.region,
        day=day.isoformat(),
        book=weighted.book.id,
        reason=why(decision, language),
    )
    return NoFactor(text)


def _grouped(parts: tuple[Part, ...], amount: Decimal, by: Callable[[Part], str]) -> dict[str, str]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        sums[by(part)] = sums.get(by(part), Decimal(0)) + mass(amount, part.co2e)
    return {name: plain(total) for name, total in sorted(sums.items())}
