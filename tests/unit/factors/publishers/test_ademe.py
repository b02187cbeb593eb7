"""The Base Carbone: every value of the official sample, parts and wholes, numbers, changed layouts."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from factors import intake
from factors.base import catalogue
from factors.custom import save
from factors.publication import LayoutChanged, recognise
from factors.publishers.ademe import Ademe

FILE = Path(__file__).parents[5] / "shared/reference/publications/ademe_Base_Carbone_Test_seed.csv"
official = pytest.mark.skipif(not FILE.is_file(), reason="the official sample is not beside the repository")

HEADER = (
    "Type Ligne;Identifiant de l'élément;Structure;Type de l'élément;Statut de l'élément;Nom base français;"
    "Nom attribut français;Nom frontière français;Code de la catégorie;Unité français;"
    "Localisation géographique;Sous-localisation géographique français;"
    "Date de création;Date de modification;Période de validité;Incertitude;Type poste;"
    "Total poste non décomposé;CO2f;CH4f;CH4b;N2O;Autres GES;CO2b"
)


def line(kind: str, name: str, total: str, **told: str) -> str:
    cells = {
        "unit": "kgCO2e/litre",
        "status": "Valide générique",
        "type": "Facteur d'émission",
        "category": "Combustibles > Fossiles",
        "part": "",
        "gases": ";;;;;",
        "place": "France continentale",
    } | told
    return (
        f"{kind};{name};;{cells['type']};{cells['status']};Fioul {name};;;{cells['category']};"
        f"{cells['unit']};{cells['place']};;20/10/2014;24/04/2023;déc-30;5;{cells['part']};{total};{cells['gases']}"
    )


def written(tmp_path: Path, *lines: str, header: str = HEADER, encoding: str = "cp1252") -> Path:
    path = tmp_path / "base.csv"
    path.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
    return path


def values(path: Path) -> dict[tuple[str, str, str], str]:
    rows = Ademe().read(path).rows
    names = rows["factor_id"].str.split(":").list.last()
    return dict(zip(zip(names, rows["gas"], rows["chain"], strict=True), rows["value"], strict=True))


WHOLE = line("Elément", "1", "3,25", gases="3,18;0,05;0;0,0145;0;0")
BURNT = line("Poste", "1", "2,68", part="Combustion", gases="2,66;0,00198;0;0,0145;0;0,3")
SUPPLY = line("Poste", "1", "0,567", part="Amont", gases="0,519;0,048;0;0;0;-0,3")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_combustion_and_upstream_are_taken_and_never_the_whole_beside_them(
    tmp_path: Path, encoding: str
) -> None:
    path = written(tmp_path, WHOLE, SUPPLY, BURNT, encoding=encoding)
    assert values(path) == {
        ("1", "CO2e", "direct"): "2.68",
        ("1", "CO2", "direct"): "2.66",
        ("1", "CO2", "biogenic"): "0.3",
        ("1", "CO2e", "upstream"): "0.567",
        ("1", "CO2", "upstream"): "0.519",
    }
    found = intake.take(path, Ademe())
    assert (found.n_accepted, found.quarantined.height) == (5, 0)
    assert sum(found.extract.ignored.values()) == 1 + 3 + 1  # the whole, CH4 twice and N2O, the uptake


def test_other_parts_stay_inside_the_whole(tmp_path: Path) -> None:
    built = line("Poste", "1", "0,003", part="Fabrication")
    assert values(written(tmp_path, WHOLE, SUPPLY, BURNT, built)) == {
        ("1", "CO2e", "total"): "3.25",
        ("1", "CO2", "total"): "3.18",
    }
    assert values(written(tmp_path, WHOLE, BURNT)).keys() == {("1", "CO2e", "total"), ("1", "CO2", "total")}


def test_parts_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    """2.68 + 0.567 = 3.247; 3.25 is that rounded, 3.29 is not (1.3 % more)."""
    found = intake.take(
        written(tmp_path, WHOLE.replace("3,25", "3,29"), BURNT, SUPPLY, line("Elément", "2", "1")), Ademe()
    )
    assert found.quarantined["row"].to_list() == [2, 3, 4]
    assert set(found.quarantined["reason"]) == {"The parts do not add up to the whole."}
    assert found.n_accepted == 1


def test_what_is_no_valid_factor_is_ignored_and_counted(tmp_path: Path) -> None:
    found = Ademe().read(
        written(
            tmp_path,
            line("Elément", "1", "1", status="Archivé"),
            line("Elément", "2", "1", type="Données source"),
            line("Elément", "3", "1960", category="Process > PRG à 100 ans > Autres", unit="kgCO2e/kg"),
            line("Elément", "4", "1", status="Valide spécifique"),
        )
    )
    assert found.rows["factor_id"].to_list() == ["ademe:2023_04_24:4"]
    assert sorted(found.ignored.values()) == [1, 1, 1]


def test_numbers_follow_the_format_of_their_column(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        line("Elément", "1", "9,99"),
        line("Elément", "2", "1.234"),
        line("Elément", "3", "1 234,5", unit="kgCO2e/tonne"),
        line("Elément", "4", "4,74E-3"),
    )
    found = intake.take(path, Ademe())
    assert [f"{value.normalize():f}" for value in found.factors["value"]] == ["9.99", "1234.5", "0.00474"]
    assert found.quarantined.rows() == [(3, "The number is not written like the others of its column.", None)]
    assert found.extract.n_read == found.n_accepted + found.quarantined.height == 4


def test_units_and_bases(tmp_path: Path) -> None:
    units = ("kWh PCI", "kWh PCS", "kWh", "kg", "peq.km")
    lines = [line("Elément", str(at), "0,2", unit=f"kgCO2e/{unit}") for at, unit in enumerate(units)]
    found = intake.take(written(tmp_path, *lines), Ademe())
    assert list(found.factors.select("per_unit", "basis").iter_rows()) == [
        ("kWh", "Hi"),
        ("kWh", "Hs"),
        ("kWh", "unstated"),
        ("kg", "none"),
    ]
    assert found.quarantined["reason"].to_list() == ["Not a unit in use here."]


def test_a_place_or_part_nobody_knows_is_refused(tmp_path: Path) -> None:
    lines = (line("Elément", "1", "1", place="Atlantide"), line("Poste", "2", "1", part="Amont"), "Elément;3")
    found = intake.take(written(tmp_path, *lines), Ademe())
    assert [(row, reason) for row, reason, _ in found.quarantined.iter_rows()] == [
        (2, "Expected an ISO 3166 code, EU27 or World."),
        (3, "The whole this part belongs to is missing."),
        (4, "The row has more or fewer fields than the header."),
    ]


def test_elements_of_the_same_name_keep_their_identifier(tmp_path: Path) -> None:
    one, two = line("Elément", "1", "1"), line("Elément", "2", "2").replace("Fioul 2", "Fioul 1")
    found = intake.take(written(tmp_path, one, two), Ademe())
    assert found.factors["item"].to_list() == ["Fioul 1 [1]", "Fioul 1 [2]"]


def test_a_negative_value_stays_readable_once_it_is_kept(tmp_path: Path) -> None:
    found = intake.take(written(tmp_path, line("Elément", "1", "-0,5", unit="kgCO2e/kg")), Ademe())
    save(found.factors, tmp_path / "kept.csv")
    kept = catalogue([tmp_path / "kept.csv"]).factors.filter(source="ademe")
    assert kept["value"].to_list() == [Decimal("-0.5")]


@pytest.mark.parametrize(
    ("header", "lines", "place", "expected"),
    [
        (
            HEADER.replace("Total poste non décomposé", "Total"),
            (WHOLE,),
            "line 1",
            "Total poste non décomposé",
        ),
        (HEADER.replace(";CO2b", ";CO2 b"), (WHOLE,), "line 1", "CO2b"),
        (HEADER, (WHOLE.replace("24/04/2023", "hier"),), 'column "Date de modification"', "20/12/2021"),
    ],
)
def test_a_changed_layout_names_place_and_expectation(
    tmp_path: Path, header: str, lines: tuple[str, ...], place: str, expected: str
) -> None:
    path = written(tmp_path, *lines, header=header)
    assert recognise(path) is not None
    with pytest.raises(LayoutChanged) as raised:
        Ademe().read(path)
    assert place in str(raised.value)
    assert expected in str(raised.value)


# element → the values taken, read by eye: the whole, or combustion + upstream
BY_EYE = {
    "20591": "2935", "27025": "88.2", "27003": "169", "27002": "156", "20907": "1833", "20906": "5.5",
    "26011": "73", "20731": "275", "28130": "0.259", "28144": "0.00592", "37141": "0.0317",
    "28150": "0.00503", "27999": "0.147", "28007": "0.103", "27966": "0.227", "27965": "0.239",
    "28203": "0.0051 0.00044", "28225": "0.015 0.0013", "28211": "0.011 0.00095", "28218": "0.015 0.0013",
    "28207": "0.0081 0.00069",
    "28205": "0.01 0.00087", "28033": "0.16", "28041": "0.0823", "34512": "1489", "34486": "737",
    "24309": "0.919", "34678": "122", "20908": "36.7", "34496": "2139", "20835": "5500", "34462": "135",
    "26729": "2211", "25005": "560", "24999": "170", "25001": "170", "25004": "390", "25018": "1600",
    "25017": "600", "25022": "700", "25000": "320", "25026": "120", "24998": "130", "24997": "110",
    "25032": "220", "25029": "100", "34721": "0.0323", "42513": "0.052", "34943": "0 0.0503",
    "14087": "2.68 0.567", "34682": "87",
}  # fmt: skip


@official
def test_every_value_of_the_sample() -> None:
    rows = Ademe().read(FILE).rows.filter(gas="CO2e").sort("factor_id", "chain", maintain_order=True)
    found: dict[str, str] = {}
    for name, value in rows.select("factor_id", "value").iter_rows():
        key = name.rpartition(":")[2]
        found[key] = f"{found.get(key, '')} {Decimal(value).normalize():f}".strip()
    assert found == BY_EYE


@official
def test_every_line_of_the_sample_is_accounted_for() -> None:
    """117 lines: 59 state CO2e that is read, 48 parts, 8 wholes beside parts, 1 archived, 1 potential."""
    with FILE.open(encoding="cp1252", newline="") as stream:
        lines = list(csv.DictReader(stream, delimiter=";"))
    found = intake.take(FILE, Ademe())
    assert dict(found.extract.ignored) == {
        "Part of a total that is taken as a whole.": 48,
        "The sum of parts that are taken one by one.": 8,
        "Archived or not validated by its publisher.": 1,
        "Global warming potentials are not factors; they are kept in a table of their own.": 1,
        "Weighted with a set of potentials the file does not name; it is inside the CO2e.": 5,
        "Carbon taken up by plants in the supply chain is no emission factor.": 1,
    }
    assert found.extract.rows.filter(gas="CO2e").height + 48 + 8 + 1 + 1 == len(lines) == 117
    assert (found.extract.n_read, found.n_accepted, found.quarantined.height) == (66, 64, 2)
    assert dict(found.categories) == {
        "Achats de biens": 13,
        "Achats de services": 13,
        "Combustibles": 9,
        "Electricité": 2,
        "Traitement des déchets": 6,
        "Transport de marchandises": 14,
        "Transport de personnes": 7,
    }


@official
def test_nothing_of_the_sample_is_counted_twice() -> None:
    """The wholes of all valid factors of the file, and what was taken, add up to the same, up to rounding."""
    with FILE.open(encoding="cp1252", newline="") as stream:
        lines = list(csv.DictReader(stream, delimiter=";"))
    wholes = sum(
        Decimal(line["Total poste non décomposé"].replace(",", "."))
        for line in lines
        if line["Type Ligne"] == "Elément"
        and line["Statut de l'élément"].startswith("Valide")
        and "PRG" not in line["Code de la catégorie"]
    )
    taken = sum(Decimal(value) for value in Ademe().read(FILE).rows.filter(gas="CO2e")["value"])
    assert abs(wholes - taken) < Decimal("0.01")
