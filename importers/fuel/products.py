"""What a line of a fuel card is: a fuel, charging current, or nothing the balance wants."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bilanz import activity
from bilanz.activity import folded


@dataclass(frozen=True, slots=True)
class Product:
    """The meaning of a product name; exactly one of the two is set.

    Attributes:
        activity: code of the closed vocabulary.
        reason: why the line is of no interest (English template).
    """

    activity: str | None = None
    reason: str | None = None


@cache
def _names() -> dict[str, Product]:
    with (Path(__file__).parent / "products.toml").open("rb") as stream:
        table = tomllib.load(stream)
    names: dict[str, Product] = {}
    for code, entry in table["activity"].items():
        product = Product(activity=activity.activity(code).code)
        names |= {folded(name): product for name in entry["names"]}
    for entry in table["irrelevant"].values():
        names |= {folded(name): Product(reason=entry["reason"]) for name in entry["names"]}
    return names


def find(name: str) -> Product | None:
    """Return what a whole product name means: by the table of fuel cards, then by the vocabulary."""
    found = _names().get(folded(name))
    if found is not None:
        return found
    code = activity.find(name)
    return Product(activity=code) if code else None


def classify(description: str | None, product: str | None, product_class: str | None) -> Product | None:
    """Return what a line is by its description, its product or its class; None: no name is known.

    A name of something irrelevant decides wherever it stands: "Non-Fuel" as a class, "AdBlue" as a product of
    the class "Diesel". Else the most specific known name decides.
    """
    found = [find(name) for name in (description, product, product_class) if name]
    known = [entry for entry in found if entry is not None]
    return next((entry for entry in known if entry.reason), known[0] if known else None)
