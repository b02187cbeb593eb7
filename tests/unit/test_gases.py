"""Global warming potentials: which value weights a mass, and how it was found."""

from decimal import Decimal

import polars as pl
import pytest

from bilanz.errors import GwpMissing, UnknownName
from bilanz.gases import Resolution, find, gwp_set, gwp_value, known_gases, weights
from factors.base import catalogue


@pytest.mark.parametrize(
    ("name", "methane", "nitrous_oxide"),
    [
        ("SAR", "21", "310"),
        ("TAR", "23", "296"),
        ("AR4", "25", "298"),
        ("AR5", "28", "265"),
        ("AR6", "27.9", "273"),
    ],
)
def test_sets_differ(name: str, methane: str, nitrous_oxide: str) -> None:
    chosen = catalogue().gwp_set(name)
    assert gwp_value(chosen, "CO2").value == 1
    assert gwp_value(chosen, "CH4").value == Decimal(methane)
    assert gwp_value(chosen, "N2O").value == Decimal(nitrous_oxide)


def test_ar4_ar5_and_ar6_give_three_methane_results() -> None:
    """1000 kg CH4: 25 000, 28 000 and 27 900 kg CO2e."""
    results = [1000 * gwp_value(catalogue().gwp_set(name), "CH4").value for name in ("AR4", "AR5", "AR6")]
    assert results == [25000, 28000, 27900]


def test_methane_by_origin_where_the_set_tells_it() -> None:
    chosen = catalogue().gwp_set("AR6")
    fossil, biogenic = gwp_value(chosen, "CH4_fossil"), gwp_value(chosen, "CH4_biogenic")
    assert (fossil.value, fossil.resolution) == (Decimal("29.8"), Resolution.EXACT)
    assert (biogenic.value, biogenic.resolution) == (Decimal("27.0"), Resolution.EXACT)


def test_methane_by_origin_where_the_set_does_not_tell_it() -> None:
    found = gwp_value(catalogue().gwp_set("AR4"), "CH4_fossil")
    assert (found.value, found.resolution) == (Decimal(25), Resolution.UNSPLIT)
    assert found.components == (("CH4", Decimal(1)),)


def test_blends_by_composition() -> None:
    """R410A is half HFC32, half HFC125: AR5 0.5·677 + 0.5·3170 = 1923.5; AR6 0.5·771 + 0.5·3740 = 2255.5."""
    found = gwp_value(catalogue().gwp_set("AR5"), "R410A")
    assert (found.value, found.resolution) == (Decimal("1923.5"), Resolution.BLEND)
    assert found.components == (("HFC32", Decimal("0.5")), ("HFC125", Decimal("0.5")))
    assert gwp_value(catalogue().gwp_set("AR6"), "R410A").value == Decimal("2255.5")


def test_a_blend_without_a_value_for_a_component_has_none() -> None:
    with pytest.raises(GwpMissing, match="HFO1234yf, a component of R454B"):
        gwp_value(catalogue().gwp_set("AR4"), "R454B")
    assert gwp_value(catalogue().gwp_set("AR6"), "R454B").value > 0


@pytest.mark.parametrize("gas", ["CO2e", "CH5", "R405A"])
def test_what_has_no_potential_raises(gas: str) -> None:
    with pytest.raises(GwpMissing):
        gwp_value(catalogue().gwp_set("AR5"), gas)


def test_an_unknown_set_names_the_known() -> None:
    with pytest.raises(UnknownName, match="AR4, AR5, AR6, SAR, TAR"):
        catalogue().gwp_set("AR7")


def test_weights_are_a_frame_to_join() -> None:
    frame = weights(catalogue().gwp_set("AR6"), ["CO2e", "CH4", "CH4", "R410A", "CH4_fossil"])
    assert frame.rows() == [
        ("CH4", Decimal("27.9"), "exact"),
        ("CH4_fossil", Decimal("29.8"), "exact"),
        ("CO2e", Decimal(1), "equivalent"),
        ("R410A", Decimal("2255.5"), "blend"),
    ]
    with pytest.raises(GwpMissing):
        weights(catalogue().gwp_set("AR6"), ["CO2", "unobtainium"])


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("R-410A", "R410A"),
        ("r410a", "R410A"),
        ("HFC-134a", "HFC134a"),
        ("R134a", "HFC134a"),
        ("R 32", "HFC32"),
        ("R22", "HCFC22"),
        ("R12", "CFC12"),
        ("R1234yf", "HFO1234yf"),
        ("R744", "CO2"),
        ("sf6", "SF6"),
        ("CH4", "CH4"),
        ("R290", None),
        ("", None),
    ],
)
def test_spellings(spelling: str, code: str) -> None:
    known = catalogue()
    assert find(spelling, known_gases(known.gwp, known.blends)) == code


def test_every_potential_is_positive() -> None:
    assert catalogue().gwp.filter(pl.col("value") <= 0).is_empty()


def test_a_set_from_tables() -> None:
    gwp = pl.DataFrame({"gwp": ["X", "X"], "gas": ["A", "B"], "value": [Decimal(2), Decimal(4)]})
    blends = pl.DataFrame(
        {"blend": ["M", "M"], "gas": ["A", "B"], "share_percent": [Decimal(25), Decimal(75)]}
    )
    assert gwp_value(gwp_set("X", gwp, blends), "M").value == Decimal("3.5")  # 0.25·2 + 0.75·4
