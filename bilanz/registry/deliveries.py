"""Internal deliveries, and the rules they must keep."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from sqlmodel import select

from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.errors import Refused, UnknownName
from bilanz.organisation import DELIVERY_KINDS, Delivery
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisation


def deliveries(registry: Registry) -> dict[str, Delivery]:
    """Return id → delivery, by id."""
    with registry.session() as session:
        return {found.id: found for found in session.exec(select(Delivery).order_by(Delivery.id))}


def deliveries_frame(registry: Registry) -> pl.DataFrame:
    """Return the deliveries as a frame, `DELIVERY_SCHEMA`, by id."""
    rows = [delivery.model_dump() for delivery in deliveries(registry).values()]
    return pl.DataFrame(rows, schema=DELIVERY_SCHEMA, orient="row")


def check_delivery(new: Delivery, others: Sequence[Delivery]) -> None:
    """Hold a delivery against the rules and against the others.

    Raises:
        UnknownName: the kind is outside the vocabulary.
        Refused: something is missing, or another delivery speaks of the same quantity.
    """
    if new.kind not in DELIVERY_KINDS:
        expected = ", ".join(DELIVERY_KINDS)
        raise UnknownName('"{name}" is not one of {expected}.', name=new.kind, expected=expected)
    if new.seller == new.buyer:
        message = 'The delivery "{id}" has one organisation on both sides: its own balance is not changed.'
        raise Refused(message, id=new.id)
    if new.activity is None and (new.buyer_source is None or new.seller_source is None):
        message = 'The delivery "{id}" needs an activity, or the sources of both sides.'
        raise Refused(message, id=new.id)
    if not new.evidence.strip():
        raise Refused('The delivery "{id}" needs evidence: the contract or the bill.', id=new.id)
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        raise Refused('The delivery "{id}" ends before it starts (the end is exclusive).', id=new.id)
    for other in others:
        if other.id != new.id and _overlap(new, other) and _collide(new, other):
            message = (
                'The deliveries "{id}" and "{other}" speak of the same quantity at the same time: name the '
                "source of each, or end the earlier one."
            )
            raise Refused(message, id=new.id, other=other.id)


def put_delivery(registry: Registry, new: Delivery) -> None:
    """Add a delivery or replace the one of its id.

    Raises:
        UnknownName: an organisation is not registered, or the kind is not known.
        Refused: it does not keep the rules.
    """
    for name in (new.seller, new.buyer):
        organisation(registry, name)
    check_delivery(new, list(deliveries(registry).values()))
    with registry.session() as session:
        session.merge(new)
        session.commit()


def remove_delivery(registry: Registry, identifier: str) -> None:
    """Delete a delivery.

    Raises:
        UnknownName: there is none of this id.
    """
    with registry.session() as session:
        found = session.get(Delivery, identifier)
        if found is None:
            known = ", ".join(deliveries(registry)) or "–"
            message = 'The delivery "{name}" is not declared. There are: {known}.'
            raise UnknownName(message, name=identifier, known=known)
        session.delete(found)
        session.commit()


def _collide(new: Delivery, other: Delivery) -> bool:
    """Say whether both speak of one purchase, or of overlapping but different sales of one seller.

    Many buyers of one sale are what a utility has; two statements about the same sale in different words
    (one by its meter, one by its activity) would each take a part of it.
    """
    is_same_purchase = new.buyer == other.buyer and _meet(
        (new.activity, new.buyer_source), (other.activity, other.buyer_source)
    )
    sales = (new.activity, new.seller_source), (other.activity, other.seller_source)
    is_other_sale = new.seller == other.seller and sales[0] != sales[1] and _meet(*sales)
    return is_same_purchase or is_other_sale


def _meet(first: tuple[str | None, str | None], second: tuple[str | None, str | None]) -> bool:
    """Say whether two selections (activity, source) can hold the same line; None: any."""
    return all(one is None or two is None or one == two for one, two in zip(first, second, strict=True))


def _overlap(first: Delivery, second: Delivery) -> bool:
    ends = (first.valid_to or date.max, second.valid_to or date.max)
    return first.valid_from < ends[1] and second.valid_from < ends[0]
