"""What an officer reads in German is German: no code, no English word, no foreign date letters."""

import json
import re
from pathlib import Path

import pytest
from golden.standard.comparison import read

from bilanz.activity import activities
from bilanz.issues import Issue, text
from bilanz.messages import catalogue
from importers.base import FileSample, Importer
from importers.einvoice import EInvoice
from importers.fuel_card import FuelCard
from importers.standard import StandardUpload
from importers.upload import vocabulary
from importers.upload.words import expected_dimensions

GOLDEN = Path(__file__).parents[2] / "golden"
ENGLISH = re.compile(
    r"\b(?:the|row|column|expected|energy|volume|mass|electricity|natural gas|measured|billed|estimated|line|"
    r"date|unit|is not|was|DD|YYYY)\b"
)


def german(importer: Importer, path: Path, directory: Path) -> list[str]:
    issues = read(importer, path, directory).issues
    return [
        text(
            Issue(found["code"], found["source_row"], None, found["value"], json.loads(found["parameters"])),
            "de",
            file=path.name,
        )
        for found in issues.iter_rows(named=True)
    ]


@pytest.mark.parametrize(
    ("importer", "name"),
    [
        (StandardUpload(), "standard/dirty_de.csv"),
        (FuelCard(), "fuel_card/dirty_en.csv"),
        (FuelCard(), "fuel_card/clean_de.csv"),
        *((EInvoice(), f"einvoice/{path.name}") for path in sorted((GOLDEN / "einvoice").glob("*.xml"))),
    ],
)
def test_no_english_word_is_left(importer: Importer, name: str, tmp_path: Path) -> None:
    found = german(importer, GOLDEN / name, tmp_path)
    assert found
    assert not [sentence for sentence in found if ENGLISH.search(sentence)]


def test_layouts_numbers_and_lists_are_german() -> None:
    date = Issue("not_a_date", 3, None, "31.02.", {"expected": "DD.MM.YYYY HH:MM:SS"})
    assert "(erwartet: TT.MM.JJJJ HH:MM:SS)" in text(date, "de", file="a.csv")
    both = Issue("ambiguous_date", None, "Ende", None, {"candidates": "DD/MM/YYYY / MM/DD/YYYY"})
    assert "(TT/MM/JJJJ / MM/TT/JJJJ)" in text(both, "de", file="a.csv")
    total = Issue("control_sum", 9, None, "1000041.98", {"expected": "123.45"})
    assert text(total, "de", file="a.csv").endswith("von 123,45; die Werte ergeben zusammen 1.000.041,98.")
    assert "1000041.98" in text(total, "en", file="a.csv")
    number = Issue("not_a_number", 3, None, "x", {"expected": "1234.56"})
    assert "(erwartet: 1234.56)" in text(number, "de", file="a.csv")  # a format, no sum


def test_every_activity_and_dimension_has_its_german_name() -> None:
    german_texts = catalogue("de")
    assert {entry.en: entry.de for entry in activities().values()}.items() <= german_texts.items()
    for code in activities():
        assert set(expected_dimensions(code).split(", ")) <= set(german_texts)


@pytest.mark.parametrize("name", sorted(vocabulary.VOCABULARIES))
def test_the_words_of_a_vocabulary_are_told_in_the_readers_language(name: str) -> None:
    english, german_words = (", ".join(vocabulary.offered(name, language)) for language in ("en", "de"))
    assert catalogue("de")[english] == german_words


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "beschädigt"),
        (b"<html></html>", "Webseite"),
        (b"a;b", "Text"),
    ],
)
def test_what_a_file_is_instead_is_told_in_german(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    claim = StandardUpload().identify(FileSample.of(path))
    assert claim is not None
    assert said in catalogue("de")[claim.reason]
