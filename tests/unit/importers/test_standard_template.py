from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import read

from bilanz.activity import find as find_activity
from bilanz.activity import folded
from bilanz.errors import UsageError
from bilanz.messages import LANGUAGES, Language, catalogue
from importers.columns.headers import match
from importers.standard import StandardUpload
from importers.upload import vocabulary
from importers.upload.fields import UPLOAD_FIELDS, declared_fields
from importers.upload.template import example_rows, write_template


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_template_imported_unchanged_gives_no_record(tmp_path: Path, language: Language, suffix: str) -> None:
    path = tmp_path / f"template{suffix}"
    write_template(path, language)
    result = read(StandardUpload(), path, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (2, 0, 0, 2)
    assert set(result.issues["code"]) == {"example_row"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_examples_are_accepted_once_their_note_is_gone(
    tmp_path: Path, language: Language, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importers.upload.template.EXAMPLE_NOTES", {"de": "", "en": ""})
    path = tmp_path / f"template{suffix}"
    write_template(path, language)
    result = read(StandardUpload(), path, tmp_path)
    assert (result.accepted, result.rejected) == (2, 0)
    assert [f"{value.normalize():f}" for value in result.activities["quantity"]] == ["12345.6", "45.678"]
    assert result.activities["basis"].to_list() == ["none", "Hs"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_header_is_found_again(language: Language) -> None:
    found = match([field.header(language) for field in UPLOAD_FIELDS], declared_fields())
    assert len(found.positions) == len(UPLOAD_FIELDS)
    assert found.unused == ()


def test_no_spelling_belongs_to_two_fields() -> None:
    owners: dict[str, str] = {}
    for field in declared_fields():
        for spelling in (field.name, *field.spellings):
            assert owners.setdefault(folded(spelling), field.name) == field.name, spelling


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_words_offered_mean_their_code(name: str) -> None:
    for word in vocabulary.VOCABULARIES[name]:
        for language in LANGUAGES:
            assert vocabulary.find(name, word.shown(language)) == word.code


def test_example_activities_are_known() -> None:
    column = [field.name for field in UPLOAD_FIELDS].index("activity")
    names = [row[column] for language in LANGUAGES for row in example_rows(language)]
    assert all(find_activity(name) for name in names)


def test_meanings_are_translated() -> None:
    german = catalogue("de")
    assert [field.name for field in UPLOAD_FIELDS if field.meaning not in german] == []


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_template(tmp_path / "template.ods", "de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_row_with_another_quantity_is_a_record(tmp_path: Path, language: Language) -> None:
    path = tmp_path / "template.csv"
    write_template(path, language)
    text = path.read_text(encoding="utf-8-sig")
    old = "12345,6" if language == "de" else "12345.6"
    assert old in text
    path.write_text(text.replace(old, "99999,9" if language == "de" else "99999.9"), encoding="utf-8-sig")
    result = read(StandardUpload(), path, tmp_path)
    assert result.activities["quantity"].to_list() == [Decimal("99999.9")]
    assert result.ignored == 1
