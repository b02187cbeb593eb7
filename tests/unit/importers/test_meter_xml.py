"""What the readers of meter data in XML share, and what makes them refuse a file."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from golden.standard.comparison import workspace

from bilanz.errors import FileRefused
from importers.base import FileSample, Importer, ImportRequest
from importers.eda import Eda
from importers.esl import Esl
from importers.formats import xml
from importers.green_button import GreenButton
from importers.meterxml import metercodes
from importers.meterxml.instants import placed, utc
from importers.meterxml.metercodes import Series
from importers.meterxml.texts import Texts
from importers.sdat import Sdat

EVERY: tuple[Importer, ...] = (Eda(), Esl(), GreenButton(), Sdat())
ROOTS = {
    "eda": "ConsumptionRecord",
    "esl": "ESLBillingData",
    "green_button": "feed",
    "sdat": "ValidatedMeteredData_14",
}
GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<a/>", "a"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- <no> -->\n<?pi x?><p:feed xmlns:p="x">', "feed"),
        ("<?xml version='1.0' encoding='utf-16'?><b >".encode("utf-16"), "b"),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>", None),
        (b"", None),
        (b"a;b;c\n1;<x>;2", None),
        (b"<!-- never closed <x>", None),
    ],
)
def test_the_root_is_seen_from_the_first_bytes(head: bytes, name: str | None) -> None:
    assert xml.root_name(head) == name


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-03-30T00:00:00+01:00", None, "2024-03-29T23:00"),
        ("2024-04-02T14:40:48.7049360Z", None, "2024-04-02T14:40:48.704936"),
        ("2024-07-01T00:00:00", "Europe/Zurich", "2024-06-30T22:00"),
        ("2024-07-01T00:00:00", None, None),
        ("0001-01-01T00:00:00+14:00", None, None),
        ("1812-07-01T00:00:00Z", None, None),
        ("gestern", "Europe/Zurich", None),
        (None, None, None),
    ],
)
def test_instants(text: str | None, zone: str | None, expected: str | None) -> None:
    assert utc(text, zone) == (None if expected is None else datetime.fromisoformat(expected))


def test_a_column_of_instants_keeps_what_it_cannot_read_as_null() -> None:
    rows = pl.DataFrame({"at": ["2024-03-30T00:00:00+01:00", "gestern", None, ""]})
    assert placed(rows, "at", "Europe/Vienna")["at_at"].to_list() == [
        datetime.fromisoformat("2024-03-29T23:00"), None, None, None
    ]  # fmt: skip
    assert placed(rows.head(0), "at", "Europe/Vienna").height == 0


def test_texts_are_gathered_in_order_whatever_the_chunks() -> None:
    texts = Texts("a", numbers=("n",))
    for number in range(10):
        texts.columns["a"].append(f" {number} ")
        texts.columns["n"].append(number)
        texts.packed(least=3)
    frame = texts.frame()
    assert frame["a"].to_list() == [str(number) for number in range(10)]
    assert frame["__row"].to_list() == list(range(1, 11))


def test_a_text_nobody_reads_is_cut_and_is_no_number() -> None:
    texts = Texts("a")
    texts.columns["a"].append("1" * 300)
    assert texts.frame()["a"].item() == "1" * 200 + "…"


CONSUMER = [Series("P", code, "KWH") for code in ("1-1:1.9.0 G.01", "1-1:2.9.0 G.02", "1-1:2.9.0 G.03")]
PRODUCER = [Series("P", code, "KWH") for code in ("1-1:2.9.0 G.01", "1-1:2.9.0 P.01", "1-1:2.9.0 P.01T")]
GAS = [Series("P", "7-20:99.33.17 P.01", "KWH"), Series("P", "7-1:99.23.17 P.01", "MTQ")]


@pytest.mark.parametrize(
    ("every", "kept"),
    [
        (CONSUMER, ["1-1:1.9.0 G.01"]),
        (PRODUCER, ["1-1:2.9.0 G.01"]),
        ([Series("P", "1-1:2.9.0 P.01", "KWH")], ["1-1:2.9.0 P.01"]),
        (
            [Series("A", "1-1:2.9.0 G.01", "KWH"), Series("B", "1-1:2.9.0 P.01", "KWH")],
            ["1-1:2.9.0 G.01", "1-1:2.9.0 P.01"],
        ),
        (GAS, ["7-20:99.33.17 P.01"]),
        (GAS[1:], ["7-1:99.23.17 P.01"]),
        ([Series("P", "1-1:1.9.1", "KWH"), Series("P", "1-1:1.9.2", "KWH")], ["1-1:1.9.1", "1-1:1.9.2"]),
        ([Series("P", "1-1:1.9.0", "KWH"), Series("P", "1-1:1.9.1", "KWH")], ["1-1:1.9.0"]),
        ([Series("P", "1-1:1.9.0", "KWH"), Series("P", "1-1:1.5.0", "KW")], ["1-1:1.9.0"]),
        ([Series("P", "1-1:1.9.1", "KWH"), Series("P", "1-1:1.5.0", "KW")], ["1-1:1.9.1"]),
        ([Series("P", "1-1:1.8.0", "KWH"), Series("P", "1-1:1.5.0", "KW")], ["1-1:1.5.0"]),
        ([Series("P", "1-1:2.9.0", "KWH"), Series("P", "1-1:1.5.0", "KW")], ["1-1:2.9.0", "1-1:1.5.0"]),
    ],
)
def test_metered_totals_count_and_their_parts_do_not(every: list[Series], kept: list[str]) -> None:
    left_out = metercodes.left_out(every)
    assert [one.code for one in every if one not in left_out] == kept


@pytest.mark.parametrize("importer", EVERY, ids=lambda one: one.name)
def test_nobody_claims_what_is_not_theirs(importer: Importer) -> None:
    for other in EVERY:
        files = sorted((GOLDEN / other.name).glob("*.xml"))
        assert files
        for path in files:
            assert (importer.identify(FileSample.of(path)) is not None) == (importer is other)


@pytest.mark.parametrize("importer", EVERY, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<{root}/>", "no_values"),
        ("<{root}><a></{root}>", "malformed_xml"),
        ("<other/>", None),
        ("<!DOCTYPE x [<!ENTITY e 'x'>]><{root}>&e;</{root}>", "unsafe_xml"),
        ("<{root}>" + "<a>" * 400 + "</a>" * 400 + "</{root}>", "unsafe_xml"),
        ("", "malformed_xml"),
    ],
)
def test_what_cannot_be_read_is_refused(
    importer: Importer, text: str, code: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text.replace("{root}", ROOTS[importer.name]), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        importer.read(path, ImportRequest(), workspace(tmp_path))
    assert refused.value.code == (code or f"not_{importer.name}")


def test_a_block_without_its_end_does_not_pass_its_values_to_the_next(tmp_path: Path) -> None:
    text = (GOLDEN / "sdat" / "clock_change.xml").read_text(encoding="utf-8")
    path = tmp_path / "a.xml"
    path.write_text(
        text.replace("<rsm:EndDateTime>2024-03-31T02:00:00Z", "<rsm:EndDateTime>", 1), encoding="utf-8"
    )
    result = Sdat().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    assert (result.accepted, result.rejected) == (8, 8)
    assert result.series["direction"].to_list() == ["feed_in"]
    assert "block_unusable" in result.issues["code"].to_list()


def test_a_cancelled_delivery_and_a_test_message_count_nothing(tmp_path: Path) -> None:
    text = (GOLDEN / "sdat" / "clock_change.xml").read_text(encoding="utf-8")
    path = tmp_path / "a.xml"
    path.write_text(text.replace("<rsm:Status>9<", "<rsm:Status>1<"), encoding="utf-8")
    result = Sdat().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    assert (result.accepted, result.ignored) == (0, 16)
    assert result.issues["code"].to_list() == ["delivery_cancelled"]
    simulated = (GOLDEN / "eda" / "blemishes.xml").read_text(encoding="utf-8")
    path.write_text(simulated.replace('DocumentMode="PROD"', 'DocumentMode="SIMU"'), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        Eda().read(path, ImportRequest(), workspace(tmp_path))
    assert refused.value.code == "test_message"


def test_a_file_of_more_tags_than_a_message_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<feed>" + '<a b="1"/>' * 10 + "</feed>", encoding="utf-8")

    def read(marks: int) -> xml.Element:
        return xml.read(path, items=lambda _: None, names=frozenset({"entry"}), marks=marks)

    assert len(read(22)) == 10  # two tags of the root, ten elements of one attribute each
    with pytest.raises(FileRefused) as refused:
        read(21)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("importer", EVERY, ids=lambda one: one.name)
def test_every_reader_bounds_what_stays_in_memory(
    importer: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml, "MARKS", 3)
    path = min((GOLDEN / importer.name).glob("*.xml"))
    with pytest.raises(FileRefused) as refused:
        importer.read(path, ImportRequest(), workspace(tmp_path))
    assert refused.value.code == "too_large"


def test_two_tariffs_of_one_point_keep_their_names_apart(tmp_path: Path) -> None:
    text = (GOLDEN / "eda" / "community_member.xml").read_text(encoding="utf-8")
    for old, new in (("1-1:1.9.0 G.01", "1-1:1.9.1"), ("1-1:2.9.0 G.02", "1-1:1.9.2")):
        text = text.replace(old, new)
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    result = Eda().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    point = "AT0000000000000000000000000000001"
    assert result.series["source"].to_list() == [f"{point} 1-1:1.9.1", f"{point} 1-1:1.9.2"]


def test_power_beside_energy_of_a_point_counts_once(tmp_path: Path) -> None:
    text = (GOLDEN / "sdat" / "clock_change.xml").read_text(encoding="utf-8")
    first, _, last = text.rpartition("8716867000030")
    last = last.replace("KWH", "KWT", 1)
    path = tmp_path / "a.xml"
    power = f"{first}8716867000016{last}".replace("ProductionMeteringPoint", "ConsumptionMeteringPoint")
    path.write_text(power, encoding="utf-8")
    result = Sdat().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    assert (result.accepted, result.ignored) == (8, 8)
    assert result.series["unit"].to_list() == ["kWh"]
    assert result.issues["code"].to_list() == ["series_ignored"]
