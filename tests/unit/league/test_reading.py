import pytest
from bench.leaguecases import PARTS, bundle_of, files_of, frames_of, head_of, lines_of, scaled, use

from bilanz.errors import Refused
from bilanz.league.reading import read_many
from bilanz.league.signing import integrity

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


def test_none_are_none() -> None:
    assert read_many([]) == []
