from pathlib import Path

import pytest

import factors
from bilanz.activity import activities
from bilanz.books import chosen, digest, read, read_all
from bilanz.errors import CatalogueError, UnknownName
from bilanz.instrument import INSTRUMENT_KINDS
from factors.base import catalogue

FOLDER = Path(factors.__file__).parent / "books"


def test_the_books() -> None:
    books = read_all(FOLDER)
    assert list(books) == [
        "administration",
        "administration_market",
        "bisko",
        "ghgp_location",
        "ghgp_market",
        "hourly",
    ]
    assert books["bisko"].label.de == "kommunale Einrichtungen nach BISKO-Methodik"
    assert {book.verdict for book in books.values()} == {"unknown"}
    assert all(book.reasons for book in books.values())
    assert (books["bisko"].gwp, books["ghgp_market"].gwp) == ("AR5", "AR6")


def test_every_source_a_book_names_exists() -> None:
    known = {entry.source for entry in catalogue().sources} | {*INSTRUMENT_KINDS, "custom", "series"}
    named = {
        rule.source
        for book in read_all(FOLDER).values()
        for family in book.families
        for rule in (*family.sources, *family.upstream, *family.losses)
    }
    assert named <= known


def test_own_factors_never_replace_the_mix_in_bisko_and_the_location_book() -> None:
    for name in ("bisko", "ghgp_location"):
        family = read_all(FOLDER)[name].family("electricity")
        assert family is not None
        assert not {*INSTRUMENT_KINDS, "custom"} & {rule.source for rule in family.sources}


def test_only_fuels_may_be_counted_before_their_factor_is_valid() -> None:
    fuels = {"fuels", "vehicle fuels"}
    early = {
        (name, family.name)
        for name, book in read_all(FOLDER).items()
        for family in book.families
        if family.earlier
    }
    assert {name for _, name in early} == fuels
    assert {book for book, _ in early} == {
        "administration",
        "administration_market",
        "bisko",
        "ghgp_location",
        "ghgp_market",
    }


def test_the_digest_follows_the_content() -> None:
    books = tuple(read_all(FOLDER).values())
    assert digest(books) == digest(tuple(reversed(books)))
    assert digest(books) != digest(books[:2])


def test_a_supplementary_book_is_calculated_where_it_is_named_and_comes_last() -> None:
    books = read_all(FOLDER)
    assert [book.id for book in books.values() if book.is_supplementary] == [
        "administration",
        "administration_market",
        "hourly",
    ]
    assert [book.id for book in chosen(books, ())] == ["bisko", "ghgp_location", "ghgp_market"]
    assert [book.id for book in chosen(books, ("hourly", "bisko"))] == ["bisko", "hourly"]


def test_the_hourly_book_leaves_out_all_but_electricity() -> None:
    book = read_all(FOLDER)["hourly"]
    assert book.is_hourly
    for code in activities():
        assert (book.exclusion(code) is None) == (book.family(code) is not None), code
    assert {code for code in activities() if book.exclusion(code) is None} == {
        "electricity",
        "electricity_heating",
        "electricity_traction",
    }


def test_a_book_matches_by_the_hour_throughout_or_not_at_all(tmp_path: Path) -> None:
    text = (FOLDER / "hourly.toml").read_text(encoding="utf-8")
    path = tmp_path / "mixed.toml"
    mixed = text.replace(
        '{ source = "series", grade = "custom" }', '{ source = "series" }, { source = "geg" }'
    )
    assert mixed != text
    path.write_text(mixed, encoding="utf-8")
    with pytest.raises(CatalogueError, match="stands beside other sources"):
        read(path)


def test_an_unknown_book_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="bisko, ghgp_location, ghgp_market"):
        chosen(read_all(FOLDER), ("iso",))


@pytest.mark.parametrize(
    "change",
    [
        ('activities = ["refrigerant", ', 'activities = ["refrigerant", "diesel", '),  # twice
        ('activities = ["refrigerant", ', 'activities = ["unobtainium", '),
        ('verdict = "unknown"', 'verdict = "splendid"'),
        ('gwp = "AR5"', 'gwp = "AR5"\nsurprise = 1'),
        ('gwp = "AR5"', "gwp ="),
        ("older = 2\n", "older = 2\nearlier = 2\n"),  # electricity is no physical property
    ],
)
def test_a_broken_book_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = (FOLDER / "bisko.toml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"broken\.toml is not a book"):
        read(path)
