"""Emission factors and fuel properties as frames, and what their columns mean.

An emission factor is one published statement about one activity; it has one row per gas and chain part. Rows
of one statement share `factor_id`. Values are exact decimals as published; units are never assumed.
"""

from enum import StrEnum
from typing import Final

import polars as pl

FACTOR_VALUE: Final = pl.Decimal(38, 18)

PROVENANCE: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "edition": pl.String,
    "evidence": pl.String,
    "publisher": pl.String,
    "title": pl.String,
    "locator": pl.String,
    "licence": pl.String,
}
"""Where a figure of any table of the catalogue comes from."""
UNSTATED: Final = "unstated"
"""What a publication does not say: of a basis, a set of potentials, a method."""


class Chain(StrEnum):
    """Which part of the life cycle a value covers.

    `total` = direct and upstream in one published figure; never split by subtracting another publisher's.
    `biogenic` = CO2 of biomass, outside the scopes.
    """

    DIRECT = "direct"
    UPSTREAM = "upstream"
    TOTAL = "total"
    BIOGENIC = "biogenic"


class Evidence(StrEnum):
    """How the figure was read; see docs/factors.md. `doubtful` is never shipped."""

    PRIMARY = "primary"
    TRANSCRIPTION = "transcription"
    SECONDARY = "secondary"
    CUSTOM = "custom"


class Method(StrEnum):
    """How the emissions of a plant were divided between electricity and heat (see `bilanz.heat`).

    `credit`: the electricity was credited against the heat; `unstated`: the certificate does not say.
    """

    EXERGY = "exergy"
    ENERGY = "energy"
    EFFICIENCY = "efficiency"
    FINNISH = "finnish"
    CREDIT = "credit"
    UNSTATED = "unstated"


class Delivery(StrEnum):
    """What a kWh of electricity a factor is stated per.

    `generated`: losses of the grid are not in it. `consumed`: they are. `losses`: it is nothing but the
    losses, per kWh consumed, and stands only beside a factor per kWh generated of the same source.
    """

    GENERATED = "generated"
    CONSUMED = "consumed"
    LOSSES = "losses"


class Grade(StrEnum):
    """How well a matched factor fits, best first."""

    EXACT = "exact"
    CONTRACT = "contract"
    CUSTOM = "custom"
    OLDER_EDITION = "older_edition"
    WIDER_REGION = "wider_region"
    PARENT = "parent"
    PROXY = "proxy"
    NONE = "none"


FACTOR_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "factor_id": pl.String,  # one statement; rows per gas and chain share it
    "source": pl.String,  # folder below factors/data
    "edition": pl.String,
    "activity": pl.String,  # code of the vocabulary; null: catalogued, never matched by itself
    "product_group": pl.String,  # what was bought, or which substance escaped; else null
    "category": pl.String,  # the publisher's own category; null: see `activity`
    "item": pl.String,  # the publisher's own name of the line
    "region": pl.String,  # ISO 3166-1/-2, "EU27", "World"
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive; null: open
    "gas": pl.String,  # CO2, CH4, CH4_fossil, CH4_biogenic, N2O, ..., or CO2e
    "value": FACTOR_VALUE,
    "mass_unit": pl.String,  # unit of the gas mass: g, kg, t
    "per_unit": pl.String,  # unit of the activity quantity: kWh, GJ, l, kg, pkm, EUR
    "basis": pl.String,  # Hi, Hs, none; "unstated": the publication does not say, listed as an assumption
    "chain": pl.String,  # Chain
    "gwp": pl.String,  # the set the publisher weighted with (AR4, AR5, AR6) or "unstated"; null: a mass.
    # Beside a gas other than CO2e: the value is kg CO2e of that gas, its mass is the value / potential.
    "method": pl.String,  # heat of networks: how a plant's emissions were allocated (Method); else null
    "price_year": pl.Int32,  # spend: prices of which year
    "price_basis": pl.String,  # spend: "basic" or "purchaser" prices
    "delivery": pl.String,  # Delivery; null: not electricity, or the publication does not say
    "evidence": pl.String,  # Evidence
    "uncertainty": pl.Float64,  # half-width of the 95 % interval in percent; null: not stated
    "publisher": pl.String,
    "title": pl.String,
    "locator": pl.String,  # page, table, cell
    "licence": pl.String,
    "note": pl.String,
    "organisation": pl.String,  # own factors: whose they are, with what is below it; null: everybody's
}

PROPERTY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "property_id": pl.String,
    "activity": pl.String,
    "kind": pl.String,  # net_calorific_value, state_number, …: `KINDS` of factors.properties
    "region": pl.String,
    "area": pl.String,  # supply area of a grid (Brennwertgebiet) the value holds in; null: the whole region
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "value": FACTOR_VALUE,
    "unit": pl.String,  # of the quantity, e.g. GJ
    "per_unit": pl.String,  # e.g. t, l, m3; "1" for ratios
    "basis": pl.String,  # Hi, Hs, none
    "rank": pl.Int32,  # the lower is preferred where several sources state the same property
    **PROVENANCE,
}

GWP_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "gwp": pl.String,  # SAR, TAR, AR4, AR5, AR6
    "gas": pl.String,
    "value": FACTOR_VALUE,  # kg CO2e per kg, 100 years
    "source": pl.String,
    "evidence": pl.String,
}
