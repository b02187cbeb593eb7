"""A made-up result for exports: two months of the synthetic city, gases told apart, hostile names."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
from ledger import gwp
from unit.reports.synthetic import MONTHS, Row, frame, full_result

from bilanz.calorific import NET_RATIO_SCHEMA
from bilanz.disclosure import by_gas
from bilanz.organisation import SITE_SCHEMA
from bilanz.registry.frames import ORGANISATION_FIGURE_SCHEMA
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, Beside, Result
from reports.indicator import Indicator

KEPT = (MONTHS[0], MONTHS[2])
HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx")


def _line(book: str, source: str, **told: object) -> Row:
    return {
        "book": book,
        "organisation": "rathaus",
        "source": source,
        "role": "consumed",
        "region": "DE",
        "month": MONTHS[0],
        "chain": "direct",
        "basis": "none",
        "is_lead": False,
        "grade": "exact",
        "quality": "measured",
        "is_apportioned": False,
        **told,
    }


def _pellets(book: str) -> list[Row]:
    """1 000 kg of pellets: 1.2 kg CH4 × 27 = 32.4, 0.1 kg N2O × 273 = 27.3 kg CO2e, 1 700 kg CO2 outside."""
    common = {"activity": "wood_pellets", "quantity": Decimal(1000), "unit": "kg", "factor_id": "pellets"}
    scoped = {"scope": "1", "category": "stationary_combustion"}
    outside = {"scope": "outside", "category": "biogenic_co2", "gas": "CO2", "chain": "biogenic"}
    gases = [("CH4", "1.2", "32.4"), ("N2O", "0.1", "27.3")]
    rows = [
        _line(book, "P-1", **common, **scoped, gas=gas, mass_kg=Decimal(mass), co2e_kg=Decimal(co2e))
        for gas, mass, co2e in gases
    ]
    rows[0]["is_lead"] = True
    biogenic = _line(book, "P-1", **common, **outside, mass_kg=Decimal(1700), co2e_kg=Decimal(1700))
    return [*rows, biogenic]


def _leaks(book: str) -> list[Row]:
    """Refrigerants escaped: 2 kg HFC134a × 1 530 = 3 060 and 1 kg R410A × 2 256 = 2 256 kg CO2e."""
    told = {"activity": "refrigerant", "unit": "kg", "scope": "1", "category": "fugitive", "is_lead": True}
    return [
        _line(book, "K-1", **told, gas=gas, quantity=mass, mass_kg=mass, co2e_kg=co2e, factor_id=gas)
        for gas, mass, co2e in [
            ("HFC134a", Decimal(2), Decimal(3060)),
            ("R410A", Decimal(1), Decimal(2256)),
        ]
    ]


SITES: list[Row] = [
    {
        "site": "hall",
        "organisation": "rathaus",
        "name": "Rathaus am Markt",
        "kind": "non_residential",
        "floor_area_m2": Decimal(4200),
        "area_kind": "net_floor",
    },
    {"site": "lights", "organisation": "werke", "name": "Beleuchtung", "kind": "street_lighting"},
    {
        "site": "sewage",
        "organisation": "werke",
        "name": "Klärwerk",
        "kind": "sewage_plant",
        "population_equivalent": 30_000,
    },
    {"site": "school", "organisation": "rathaus", "name": "Schule", "floor_area_m2": Decimal(900)},
]
PLACES = {"DE0001": "hall", "G-17": "Rathaus am Markt", "FW-3": "Alte Wache", "DE0002": "lights"}
"""Source → site as files call it: by its id, by its name, and one that nobody registered."""

NET_PER_GROSS = Decimal("0.9")


INDICATORS = (
    Indicator(
        id="1",
        framework="Liste",
        name="Emissionen je Einwohner",
        figure="ghgp_market.total",
        per="population",
    ),
    Indicator(
        id="2",
        aspect="Energie",
        name="Energie je Stelle",
        formula="Energie / Stellen",
        figure="energy_mwh",
        per="staff",
    ),
    Indicator(id="3", name="Wasser", figure="water_m3"),
    Indicator(id="4", name="Abfall", figure="waste_t", explanation="Der Abfall wird noch nicht gewogen."),
    Indicator(id="5", name="Radwege", unit="km", value={"2025": Decimal("12.5")}, source="Tiefbauamt"),
    Indicator(id="6", name="Bäume", unit="Stück", value={"2024": 900}, source="Grünflächenamt"),
    Indicator(id="7", name="Teilhabe", explanation="Kein Gegenstand des Berichts."),
    Indicator(id="8", name="Energie je Fläche", figure="energy_mwh", per="floor_area_m2"),
)


def _beside() -> Beside:
    ratio = {"activity": "natural_gas", "net_per_gross": NET_PER_GROSS, "source": "Amt für Beispiele: S. 1"}
    figures = [
        {"year": 2025, "organisation": "stadt", "name": "Stadt Musterhafen", "population": 18_240},
        *(
            {"year": 2025, "organisation": code, "name": code, "staff": Decimal(staff)}
            for code, staff in [("rathaus", 200), ("werke", 90), ("depot", 60), ("bus", 70), ("einkauf", 10)]
        ),
    ]
    return Beside(
        sites=frame(SITES, SITE_SCHEMA),
        figures=frame(figures, {**ORGANISATION_FIGURE_SCHEMA, "year": pl.Int32}),
        net_ratios=frame([ratio], NET_RATIO_SCHEMA),
    )


def result() -> Result:
    """Two months, seven kinds of lines, one exception for each hostile name."""
    whole = full_result()
    books = whole.manifest.books[1:]
    extra = [row for book in books for row in (*_pellets(book), *_leaks(book))]
    hostile = [
        {
            "source": name,
            "organisation": "rathaus",
            "activity": "electricity",
            "code": "no_factor",
            "records": 1,
        }
        for name in HOSTILE
    ]
    within = pl.col("month").is_in(KEPT)
    lines = pl.concat([whole.lines.filter(within), frame(extra, LINE_SCHEMA)])
    return replace(
        whole,
        lines=lines,
        usage=whole.usage.filter(within).with_columns(
            pl.col("source").replace_strict(PLACES, default=None, return_dtype=pl.String).alias("site")
        ),
        coverage=whole.coverage.filter(within),
        exceptions=pl.concat([whole.exceptions.filter(within), frame(hostile, EXCEPTION_SCHEMA)]),
        beside=replace(_beside(), gases=by_gas(lines, dict.fromkeys(books, gwp("AR6")))),
        organisations=whole.organisations.with_columns(
            pl.col("parent").str.replace("werke", "stadt")  # nobody stands below another one with lines
        ),
    )
