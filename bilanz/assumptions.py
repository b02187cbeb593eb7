"""What a decision takes for granted: entries (code, subject, detail) a report lists, each once.

Details are identifiers and intervals, no words; `reports.names.ASSUMPTIONS` has a sentence for every code.
"""

from collections.abc import Iterator
from typing import Final

from bilanz.activity import activities
from bilanz.books import CUSTOM, Book, Family
from bilanz.decision import Decision, Hit, Key
from bilanz.factor import UNSTATED, Chain, Delivery
from bilanz.units import dimension

_ELECTRICITY: Final = "electricity"

Assumption = tuple[str, str, str]


def of_decision(decision: Decision, book: Book, family: Family) -> Iterator[Assumption]:
    """Yield all that taking the statements of a decision assumes; nothing where there is no factor."""
    if decision.hit is None:
        return
    key, hit = decision.key, decision.hit
    for used in decision.hits:
        yield from _of_hit(key, used)
    if hit.statement.is_co2_only(hit.chains) and decision.gases is None:
        yield "co2_only", key.activity, hit.statement.id
    is_whole = bool({Chain.UPSTREAM, Chain.TOTAL} & {*hit.chains})
    is_energy = activities()[key.activity].carrier is not None and book.counts("3", "3.3")
    if is_energy and family.chain == Chain.DIRECT.value and not is_whole and decision.upstream is None:
        yield "no_upstream", key.activity, hit.statement.id
    if family.custom_makes is not None:
        own = (used for used in decision.hits if used.rule.source == CUSTOM)
        yield from (("custom_factor", key.activity, used.statement.id) for used in own)
    yield from _of_method(key, book, hit)
    yield from _of_delivery(key, hit, decision.losses)


def _of_delivery(key: Key, hit: Hit, losses: Hit | None) -> Iterator[Assumption]:
    """Yield whether losses of the grid are in a factor of electricity: added, missing or not known."""
    amounts = (amount for chain in hit.chains for amount in hit.statement.gases(chain))
    is_power = _ELECTRICITY in {key.activity, activities()[key.activity].parent}
    if not is_power or not any(amount.value for amount in amounts):
        return
    if losses is not None:
        yield "losses_added", key.activity, f"{hit.statement.id} + {losses.statement.id}"
    elif hit.statement.delivery == Delivery.GENERATED:
        yield "losses_not_in", key.activity, hit.statement.id
    elif hit.statement.delivery is None:
        yield "delivery_unstated", key.activity, hit.statement.id


def _of_method(key: Key, book: Book, hit: Hit) -> Iterator[Assumption]:
    """Yield where a factor of heat does not say how it was allocated, or not as the book prescribes."""
    method = hit.statement.method
    if method == UNSTATED:
        yield "method_unstated", key.activity, hit.statement.id
    elif method and book.heat and method != book.heat.method:
        yield "method_other", key.activity, hit.statement.id


def _of_hit(key: Key, hit: Hit) -> Iterator[Assumption]:
    """Yield what taking one statement assumes; details are identifiers and intervals, no words."""
    statement, properties = hit.statement, ", ".join(hit.conversion.properties)
    subject = statement.product_group or key.activity
    if hit.rule.code:
        yield hit.rule.code, subject, statement.id
    if hit.age:
        yield "outside_validity", subject, f"{statement.id} ({statement.valid}) → {key.on.year}"
    needs_basis = activities()[key.activity].needs_basis and dimension(statement.per_unit) == "energy"
    if statement.basis == UNSTATED and needs_basis:
        yield "basis_unstated", subject, f"{statement.id} → {hit.basis_read}"
    for code, detail in hit.conversion.notes:
        yield code, subject, detail
    if hit.conversion.is_foreign:
        yield "foreign_property", subject, properties
    if hit.conversion.is_later:
        yield "later_property", subject, properties
    if hit.conversion.is_expired:
        yield "expired_property", subject, properties
    if hit.conversion.is_general:
        yield "general_gas_value", subject, properties
