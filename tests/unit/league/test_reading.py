import json

import polars as pl
import pytest
from bench.leaguecases import PARTS, bundle_of, files_of, frames_of, head_of, key, lines_of, scaled, use

from bilanz.errors import Refused
from bilanz.league.reading import read_many
from bilanz.league.signing import PUBLIC, SIGNATURE, SUMS, integrity, signed

FRAMES = frames_of("a", lines_of(*(use("hall", activity, 11) for activity in PARTS)))
MORE = {**scaled(FRAMES, "b", 3), "factors": FRAMES["factors"].head(0)}
ODD = 'quoted "note",\nof two lines'


def files(name: str) -> dict[str, bytes]:
    frames = FRAMES if name == "a" else MORE
    organisations = (
        frames["organisations"].with_columns(name="name") if name == "a" else frames["organisations"]
    )
    told = {**frames, "organisations": organisations.with_columns(name=organisations["name"] + ODD)}
    return files_of(head_of(name, told), told)


def test_many_at_once_are_the_same_as_each_by_itself() -> None:
    told = [files("a"), files("b"), files("a")]
    found = read_many([(one, integrity(one)) for one in told])
    for one, bundle in zip(told, found, strict=True):
        alone = bundle_of(one)
        assert bundle.head == alone.head
        assert bundle.tables.keys() == alone.tables.keys()
        for name, frame in alone.tables.items():
            assert bundle.tables[name].equals(frame), name
    assert found[0].tables["organisations"]["name"][0].endswith(ODD)


@pytest.mark.parametrize("content", [b"", b"x\n", b"lines\n1\n", None])
def test_one_that_is_broken_is_named(content: bytes | None) -> None:
    good, bad = files("a"), files("b")
    if content is None:
        del bad["controls.csv"]
    else:
        bad["controls.csv"] = content
    with pytest.raises(Refused, match=r"controls\.csv"):
        read_many([(good, integrity(good)), (bad, integrity(bad))])


def test_a_row_that_swallows_the_next_bundle_is_found() -> None:
    """A quotation mark left open would take the rows of the next one in."""
    good, bad = files("a"), files("b")
    bad["controls.csv"] = bad["controls.csv"].rstrip(b"\n") + b'"'
    with pytest.raises(Refused, match=r"controls\.csv"):
        read_many([(bad, integrity(bad)), (good, integrity(good))])


def resigned(told: dict[str, bytes], name: str, content: bytes) -> dict[str, bytes]:
    rest = {one: held for one, held in told.items() if one not in {SUMS, SIGNATURE, PUBLIC}}
    return signed({**rest, name: content}, key())


def test_an_open_quote_cannot_hand_the_rows_of_another_bundle_in() -> None:
    """a opens a quotation mark, the rows of b are inside it, c closes it and has rows in their stead."""
    a, b, c = files("a"), files_of(head_of("b", MORE), MORE), files("c")
    path = "organisations.csv"
    header = b[path].partition(b"\n")[0] + b"\n"
    assert (b[path].count(b"\n"), b[path].count(b'"')) == (3, 0)
    row = b"x,,City of x,agency,DE\n"
    a = resigned(a, path, header + row + b'y,,"open')
    c = resigned(c, path, header + b'",agency,DE\n' + row)  # x, y and x: 1 + 2 + 0 rows by their own count
    with pytest.raises(Refused, match="organisations") as refused:
        read_many([(one, integrity(one)) for one in (a, b, c)])
    assert refused.value.parameters["member"] == "a"


@pytest.mark.parametrize("changed", [(b"\n", b"\r\n"), (b",agency,", b',"agency",')])
def test_a_table_of_a_spelling_of_its_own_is_refused_among_many(changed: tuple[bytes, bytes]) -> None:
    good, bad = files("a"), files("b")
    first, rest = bad["organisations.csv"].split(b"\n", 1)
    bad["organisations.csv"] = first + b"\n" + rest.replace(*changed)
    with pytest.raises(Refused, match=r"organisations\.csv"):
        read_many([(good, integrity(good)), (bad, integrity(bad))])


@pytest.mark.parametrize("name", ["a b", "a\nx " + "0" * 64, "", "../a", "ä"])
def test_a_member_whose_name_would_spoil_the_file_of_keys_is_refused(name: str) -> None:
    bad = files("b")
    head = json.loads(bad["manifest.json"])
    head["member"]["id"] = name
    bad["manifest.json"] = json.dumps(head).encode()
    for told in ([bad], [files("a"), bad]):
        with pytest.raises(Refused, match=r"member\.id"):
            read_many([(one, integrity(one)) for one in told])


@pytest.mark.parametrize("name", ["a/b", "a,b", "a=b", " a", "a#L1", "a\tb", "x" * 65])
def test_an_organisation_that_cannot_be_told_apart_is_refused(name: str) -> None:
    frames = {**MORE, "organisations": MORE["organisations"].with_columns(organisation=pl.lit(name))}
    bad = files_of(head_of("b", MORE), frames)
    with pytest.raises(Refused, match=r"organisations\.csv"):
        read_many([(bad, integrity(bad))])


def test_none_are_none() -> None:
    assert read_many([]) == []
