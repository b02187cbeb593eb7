"""Forms as declared: their templates are read by one importer each, their examples come to known figures."""

import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from golden.standard.comparison import workspace
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bilanz.activity import activities, folded
from bilanz.errors import FileRefused, UsageError
from bilanz.messages import LANGUAGES, Language, catalogue
from importers.base import (
    SURE,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    identify,
    importers_found,
)
from importers.forms.claim import best, fit
from importers.forms.form import Form, forms
from importers.forms.importer import FormImporter
from importers.forms.rules import RULES
from importers.forms.rules.waste import codes, digits
from importers.forms.template import example_rows, write_form
from importers.upload.vocabulary import VOCABULARIES

DOCS = Path(__file__).parents[3] / "docs" / "formats"
KEPT = [form for form in forms().values() if not form.is_master]
FILES = [(form, suffix) for form in KEPT for suffix in (".csv", ".xlsx")]
MINE = {importer.name: importer for importer in importers_found() if isinstance(importer, FormImporter)}

# What the example rows come to, computed by hand: unit → sum.
EXAMPLES = {
    "commuting_survey": {
        "km": Decimal(198000),  # 2 × 12.5 km × 3 days × 44 weeks × 120 ÷ 2 answers
        "fte_hour": Decimal(42240),  # 2 days × 44 weeks × 8 h × 120 ÷ 2 answers
    },
    "energy_bills": {"kWh": Decimal("110000.5")},
    "fuel_deliveries": {"l": Decimal("3300.5")},  # 1200 + 3000.5 − 900
    "lighting_bills": {"kWh": Decimal("28085.5")},  # 18450.5 + 2.35 kW × 4100 h
    "meter_readings": {"kWh": Decimal("12345.6")},  # 22580.1 − 10234.5
    "refrigerant_log": {"kg": Decimal("1.25")},
    "tenant_shares": {"kWh": Decimal("84300.5")},  # 28100.166667 let + 56200.333333 own
    "territory_boilers": {"kWh": Decimal("9442058.823529")},  # 5350.5 kW × 1500 h ÷ 0.85
    "territory_grid_sales": {"MWh": Decimal("12450.5")},
    "territory_heat_sales": {"MWh": Decimal("1830.5")},
    "territory_mileage": {"km": Decimal("18250000.5")},
    # 3480500 generated + 855.5 kW × 1900 h × (1 − 1 ÷ 3.2) of ambient heat
    "territory_renewables": {"kWh": Decimal("4597996.875")},
    "waste_notes": {"t": Decimal("4.335")},  # 2.46 t + 7.5 m³ × 0.25 t/m³
}


def read(path: Path, directory: Path) -> ImportResult:
    [importer] = [found for found, claim in identify(path) if claim.confidence >= SURE]
    result = importer.read(path, ImportRequest(zone="Europe/Berlin"), workspace(directory))
    result.check()
    return result


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "form.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.code)
def test_every_column_is_documented_in_both_languages(form: Form) -> None:
    page = "territory" if form.importer.startswith("territory") else "small-town"
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    for language in LANGUAGES:
        assert f"## {form.title.shown(language)}\n" in text
        for column in form.columns:
            headers = [column.header("de"), column.header("en")]
            first, second = headers if language == "de" else reversed(headers)
            needed = {"de": "ja", "en": "yes"}[language] if column.is_filled else ""
            assert f"| {first} | {second} | {needed} | {column.meaning.shown(language)}" in text
    assert f"--kind {form.code}`" in text


def test_every_form_has_its_importer_and_every_importer_a_form() -> None:
    assert len(forms()) >= 14
    assert {form.importer for form in forms().values()} == set(MINE)
    assert {form.rule for form in forms().values()} <= set(RULES)
    assert set(EXAMPLES) == {form.code for form in KEPT}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "suffix"), FILES, ids=str)
def test_a_template_is_claimed_by_one_importer_and_gives_no_record(
    form: Form, suffix: str, language: Language, tmp_path: Path
) -> None:
    path = tmp_path / f"form{suffix}"
    write_form(form, path, language)
    assert [it.name for it, claim in identify(path) if claim.confidence >= SURE] == [form.importer]
    result = read(path, tmp_path)
    examples = len(form.examples[language]) * RULES[form.rule].statements
    assert (result.read, result.accepted, result.rejected, result.ignored) == (examples, 0, 0, examples)
    told = {"example_row", "personal_data", "territory_figures"}
    assert set(result.issues["code"]) <= told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "suffix"), FILES, ids=str)
def test_examples_come_to_known_figures_once_their_note_is_gone(
    form: Form, suffix: str, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importers.forms.template.EXAMPLE_NOTES", {"de": "", "en": ""})
    path = tmp_path / f"form{suffix}"
    write_form(form, path, language)
    result = read(path, tmp_path)
    assert result.rejected == 0
    sums = result.activities.group_by("unit").agg(pl.col("quantity").sum())
    assert dict(sums.rows()) == EXAMPLES[form.code]
    names = [it for it in result.activities["activity"] if it is not None]
    assert set(names) <= set(activities())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.code)
def test_every_header_is_found_again(form: Form, language: Language) -> None:
    header = [column.header(language) for column in form.columns]
    assert set(fit(form, header).match.positions) == {column.field for column in form.columns}
    assert [it.form.code for it in best([header], forms().values())] == [form.code]


@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.code)
def test_no_spelling_belongs_to_two_columns_of_a_form(form: Form) -> None:
    owners: dict[str, str] = {}
    for field in form.fields():
        for spelling in field.spellings:
            assert owners.setdefault(folded(spelling), field.name) == field.name, spelling


@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.code)
def test_a_form_is_told_in_both_languages(form: Form) -> None:
    texts = [
        form.title,
        form.sentence,
        *(it.title for it in form.columns),
        *(it.meaning for it in form.columns),
    ]
    assert all(text.de.strip() and text.en.strip() for text in texts)
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in form.kept.values())
    german = catalogue("de")
    for column in form.columns:
        for word in form.vocabulary(column.words) if column.words else ():
            if column.words not in VOCABULARIES:
                assert word.en == word.de or german[word.en] == word.de
                assert {form.word(column.words, it) for it in (word.en, word.de, *word.also)} == {word.code}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", KEPT, ids=lambda form: form.code)
def test_an_example_row_with_another_number_is_a_record(
    form: Form, language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "form.csv"
    write_form(form, path, language)
    places = [place for place, column in enumerate(form.columns) if column.kind == "measure"]
    texts = {row[place] for row in example_rows(form, language) for place in places if row[place]}
    content = path.read_text(encoding="utf-8-sig")
    for text in texts or {"12,5", "12.5"}:
        content = content.replace(f";{text};", f";1{text};")
    path.write_text(content, encoding="utf-8-sig")
    assert read(path, tmp_path).accepted > 0


def test_master_data_are_written_as_csv_and_pointed_to_their_command(tmp_path: Path) -> None:
    form = forms()["territory_population"]
    with pytest.raises(UsageError):
        write_form(form, tmp_path / "figures.xlsx", "de")
    path = tmp_path / "figures.csv"
    write_form(form, path, "de")
    path.write_text(
        path.read_text(encoding="utf-8-sig") + "town;2024-01-01;8012;;;census\n", encoding="utf-8"
    )
    with pytest.raises(FileRefused, match="masterdata import"):
        read(path, tmp_path)


def test_the_figures_form_has_the_columns_of_the_master_data() -> None:
    from bilanz.app.master.tables import TABLES

    [figures] = [table for table in TABLES if table.name == "figures"]
    form = forms()["territory_population"]
    assert [column.header("de") for column in form.columns] == [column.name for column in figures.columns]


def test_a_whole_standard_upload_is_left_to_its_importer(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Site,Source,Energy carrier,Billed from,Billed until,Quantity billed,CO2 emissions stated [kg],"
        "Start,End,Quantity,Unit",
        "a,b,Electricity,2024-01-01,2024-12-31,1,2,2024-01-01,2024-12-31,1,kWh",
    )
    assert [it.name for it, claim in identify(path) if claim.confidence >= SURE] == ["standard"]


def test_codes_of_the_upload_are_no_headers_of_a_form(tmp_path: Path) -> None:
    path = written(tmp_path, "activity,start,end,quantity,share", "Electricity,2024-01-01,2024-12-31,1,2")
    assert [it.name for it, _ in identify(path) if it.name in MINE] == []


def test_a_named_importer_says_which_columns_are_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "Anlage;Füllmenge [kg];Nachgefüllt [kg]", "a;1;2")
    with pytest.raises(FileRefused, match="Kältemittel"):
        MINE["town_refrigerants"].read(path, ImportRequest(), workspace(tmp_path))


def test_a_number_in_another_unit_than_the_form_declares_is_no_such_column() -> None:
    header = [column.header("en") for column in forms()["energy_bills"].columns]
    tonnes = [text.replace("CO2 emissions stated [kg]", "CO2 emissions stated [t]") for text in header]
    assert tonnes != header
    assert not any(it.is_whole for it in best([tonnes], [forms()["energy_bills"]]))


def test_a_repeated_decisive_column_is_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Jahr;Wärmenetz;Verbrauchssektor;Wärmeabsatz;Wärmeabsatz;Einheit",
        "2024;Nord;Industrie;1,5;2,5;MWh",
    )
    with pytest.raises(FileRefused) as refused:
        read(path, tmp_path)
    assert refused.value.code == "duplicate_column"


def test_a_header_without_rows_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "Jahr;Wärmenetz;Verbrauchssektor;Wärmeabsatz;Einheit")
    result = read(path, tmp_path)
    assert (result.read, result.issues["code"].to_list()) == (0, ["no_rows", "territory_figures"])


def test_rejected_rows_come_back_as_the_file_has_them(tmp_path: Path) -> None:
    path = tmp_path / "heat.xlsx"
    header = ["Jahr", "Wärmenetz", "Verbrauchssektor", "Wärmeabsatz", "Einheit", "Bemerkung"]
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, [2024, "Nord", "Industrie", 12.5, "MWh", ""])
        sheet.write_row(2, 0, [2024, "Nord", "Mond", 13.5, "MWh", "kein Sektor"])
        sheet.write_row(3, 0, [2024, "Nord", "Verkehr", 14.5, "kW", "keine Menge"])
    result = read(path, tmp_path)
    assert (result.read, result.accepted, result.rejected) == (3, 1, 2)
    assert result.rejects is not None
    assert result.rejects.header == tuple(header)
    assert result.rejects.rows.rows() == [
        (3, "2024", "Nord", "Mond", "13.5", "MWh", "kein Sektor"),
        (4, "2024", "Nord", "Verkehr", "14.5", "kW", "keine Menge"),
    ]


def test_ragged_rows_are_counted_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Jahr;Wärmenetz;Verbrauchssektor;Wärmeabsatz;Einheit",
        "2024;Nord;Industrie;12,5;MWh",
        "2024;Nord;GHD;12,5;MWh;zu viel;zu viel",
    )
    result = read(path, tmp_path)
    assert (result.read, result.accepted, result.rejected) == (2, 1, 1)


def test_territories_carry_boundary_and_sector(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Jahr;Netzbetreiber;Verbrauchssektor;Energieträger;Netzabsatz [MWh];Bezug",
        "2024;Netz;Haushalte;Strom;1,5;",
        "2024;Netz;GHD;Strom;2,5;",
    )
    result = read(path, tmp_path)
    attributes = result.activities["attributes"].str.json_decode(
        pl.Struct({"sector": pl.String, "boundary": pl.String})
    )
    assert attributes.to_list() == [
        {"sector": "households", "boundary": "territory"},
        {"sector": "commerce", "boundary": "territory"},
    ]
    assert result.activities["source"].n_unique() == 2  # none may replace the other
    assert result.issues["code"].to_list() == ["territory_figures"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20 03 01", "200301"),
        ("200301", "200301"),
        ("17 02 04*", "170204"),
        ("AVV 20-03-01", "200301"),
        ("2003", None),
    ],
)
def test_waste_codes_in_any_writing(text: str, code: str | None) -> None:
    assert digits(text) == code


def test_waste_codes_are_those_of_waste() -> None:
    assert len(codes()) > 30
    assert all(re.fullmatch(r"\d{6}", code) for code in codes())
    assert {activities()[name].category for name in codes().values()} == {"3.5"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
@example(bytes.fromhex("d0cf11e0a1b11ae1"))  # an old workbook by its first bytes
@example(b"PK\x03\x04")
def test_identify_never_raises(tmp_path: Path, content: bytes) -> None:
    for name in ("a.csv", "a.xlsx", "a.bin"):
        path = tmp_path / name
        path.write_bytes(content)
        sample = FileSample.of(path)
        for importer in _form_importers():
            importer.identify(sample)


def _form_importers() -> list[Importer]:
    return list(MINE.values())


def test_a_form_is_filled_in_by_hand_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.forms.importer.MAX_ROWS", 1)
    row = "2024;Nord;Industrie;12,5;MWh"
    path = written(tmp_path, "Jahr;Wärmenetz;Verbrauchssektor;Wärmeabsatz;Einheit", row, row)
    with pytest.raises(FileRefused) as refused:
        read(path, tmp_path)
    assert refused.value.code == "too_large"
