"""Every received file is read with its expected total, or refused for the right reason: a walk over all.

`tests/real/deliveries.toml` says of each file who reads it, what has to be stated beside it, what comes of
it, and why it differs from `expected.json`, which was computed independently. `pytest -s` prints the table.
"""

import json
import tempfile
import tomllib
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from bilanz.app.intake.examination import Examination, examine, identify_file
from bilanz.app.intake.ingest import PackageSummary, import_file
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError
from bilanz.organisation import OrganisationUnit
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation
from bilanz.store.archive import Taken, sha256_of
from bilanz.store.connection import open_store
from importers.base import SURE, ImportRequest
from importers.base import identify as claims_of

DATA = Path(__file__).parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the received files are not here")

LIST = Path(__file__).parent / "real" / "deliveries.toml"
LISTED = tomllib.loads(LIST.read_text(encoding="utf-8"))["file"]
OWN = {"README.md", "expected.json", "manifest.csv"}
PACKAGE = "metering/ch_sdat/sdat_e66_deliveries_2021-03-01_to_2021-04-21.zip"
LINE = (
    "{kind:14} {file:58.58} {read:>6} {accepted:>6} {rejected:>5} {ignored:>5} "
    "{total:>16} {expected:>16} {difference:>12}"
)


def files() -> list[str]:
    return sorted(
        str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.is_file() and path.name not in OWN
    )


def examined(entry: dict[str, Any]) -> Examination:
    path = DATA / entry["path"]
    request = ImportRequest(
        unit=entry.get("stated_unit"),
        zone=entry.get("stated_zone", "Europe/Berlin"),
        declared=entry.get("declared", {}),
    )
    named = entry["importer"] if entry.get("named") else None
    with tempfile.TemporaryDirectory() as directory:
        return examine(
            Taken(path, sha256_of(path)),
            request=request,
            directory=Path(directory),
            organisation="town",
            importer=named,
        )


def total_of(found: Examination, entry: dict[str, Any]) -> Decimal:
    rows = found.totals.to_dicts()
    chosen = (row for row in rows if row["unit"] == entry["unit"])
    activities = {None, entry.get("activity")}
    is_any = "activity" not in entry
    return sum(
        (row["quantity"] for row in chosen if is_any or row["activity"] in activities - {None}), Decimal(0)
    )


def expected_of(entry: dict[str, Any]) -> Decimal:
    """Return the total computed independently; without a key in `expected.json` the one read off by hand."""
    if "expected" not in entry:
        return Decimal(entry["total"])
    every = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
    value: Any = every[entry.get("expected_of", entry["path"])]
    for key in entry["expected"]:
        value = value[key]
    return Decimal(str(value))


def is_near(total: Decimal, expected: Decimal) -> bool:
    """Tell whether a total is an expected one as far as that is written out."""
    exponent = expected.as_tuple().exponent
    return abs(total - expected) * 2 <= Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def test_every_received_file_is_listed_once() -> None:
    listed = [entry["path"] for entry in LISTED]
    assert len(listed) > 150
    assert sorted([*listed, PACKAGE]) == files()


def test_a_difference_is_explained() -> None:
    assert not [entry["path"] for entry in LISTED if "difference" in entry and not entry.get("why")]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["path"])
def test_a_received_file_gives_what_is_expected(entry: dict[str, Any]) -> None:
    kind = entry["path"].partition("/")[0]
    shown = {"kind": kind, "file": entry["path"].removeprefix(f"{kind}/")}
    sure = [claim for _, claim in claims_of(DATA / entry["path"]) if claim.confidence >= SURE]
    assert len(sure) <= 1
    if "refused" in entry:
        with pytest.raises(BilanzError) as refused:
            examined({**entry, "importer": None})
        assert refused.value.code == entry["refused"]
        print("{kind:14} {file:58.58} refused: {code}".format(**shown, code=entry["refused"]))  # noqa: T201 - the table
        return
    found = examined(entry)
    counts = [found.result.read, found.accepted, found.rejected, found.result.ignored]
    numbers = dict(zip(("read", "accepted", "rejected", "ignored"), counts, strict=True))
    total = total_of(found, entry) if "unit" in entry else Decimal(0)
    expected = expected_of(entry) if "unit" in entry else Decimal(0)
    difference = Decimal(0) if is_near(total, expected) else total - expected
    sums = {"total": f"{total.normalize():f}", "expected": f"{expected.normalize():f}"}
    sums["difference"] = str(difference)
    print(LINE.format(**shown, **numbers, **sums))  # noqa: T201 - the table
    assert found.importer.name == entry["importer"]
    assert counts == entry["counts"]
    assert difference == Decimal(entry.get("difference", "0"))


def test_what_nobody_claims_is_said_to_be_nobodys() -> None:
    unclaimed = [entry["path"] for entry in LISTED if entry.get("refused") == "no_importer"]
    assert unclaimed
    assert not [path for path in unclaimed if identify_file(DATA / path)["importer"]]


def test_of_a_package_of_messages_the_one_made_last_counts(tmp_path: Path) -> None:
    """The deliveries of one day: the first all zero and provisional, the later ones corrected."""
    settings = Settings(data=tmp_path / "data", lang="en", zone="Europe/Zurich")
    registry = open_registry(settings.registry)
    put_organisation(registry, OrganisationUnit(id="town", name="Town", kind="agency"))
    registry.close()
    part = tmp_path / "march.zip"
    with zipfile.ZipFile(DATA / PACKAGE) as whole, zipfile.ZipFile(part, "w") as chosen:
        names = sorted(name for name in whole.namelist() if Path(name).name.startswith("202103"))[:60]
        for name in reversed(names):
            chosen.writestr(Path(name).name, whole.read(name))
    summary = import_file(part, organisation="town", settings=settings)
    assert isinstance(summary, PackageSummary)
    assert not summary.refused
    assert len(summary.members) + len(summary.known) == len(names)
    with open_store(settings.store_file, read_only=True) as store:
        stored = store.rows("""
            SELECT s.direction, d."day", sum(d.quantity) FROM daily d JOIN series s USING (series_key)
            GROUP BY ALL ORDER BY ALL""")
    drawn = {str(day): quantity for direction, day, quantity in stored if direction == "consumption"}
    assert len(drawn) > 5
    assert drawn == latest(part)


def latest(package: Path) -> dict[str, Decimal]:
    """Return day → consumption of the message made last that is no placeholder, read without our readers."""
    found: dict[str, tuple[str, Decimal]] = {}
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            root = etree.fromstring(archive.read(name))

            def texts(tag: str, root: Any = root) -> list[str]:  # noqa: ANN401 - an element
                return [str(text) for text in root.xpath(f"//*[local-name()='{tag}']/text()")]

            if not root.xpath("//*[local-name()='ConsumptionMeteringPoint']"):
                continue
            values = [Decimal(text) for text in texts("Volume")]
            if not any(values) and len(texts("Condition")) == len(values):
                continue
            start = datetime.fromisoformat(texts("StartDateTime")[-1])
            day = f"{(start + timedelta(hours=1)).astimezone(ZoneInfo('Europe/Zurich')):%Y-%m-%d}"
            found[day] = max(
                found.get(day, ("", Decimal(0))), (texts("Creation")[0], sum(values, Decimal(0)))
            )
    return {day: total for day, (_, total) in found.items()}
