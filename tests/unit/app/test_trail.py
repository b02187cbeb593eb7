"""What is done to a data directory is entered, with who did it; the trail is listed and verified."""

import getpass
import json
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app import trail
from bilanz.app.balances import calculate_year
from bilanz.app.catalogue import releases
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.cli import run
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.app.settings import Settings
from bilanz.store.connection import open_store

FACTORS = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,182.5,g,kWh,total,AR5,exergy,Certificate of the network 2024
"""


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    return City(found.settings.model_copy(update={"user": "Office"}), tmp_path)


def asked(city: City, *arguments: str) -> int:
    return run([*arguments, "--data-dir", str(city.settings.data), "--lang", "en", "--json"])


def deeds(city: City) -> list[tuple[str, str, str, str | None]]:
    return [
        (entry["action"], entry["subject"], entry["by"], entry["reason"])
        for entry in trail.listed(city.settings)
    ]


def bill(city: City, name: str, quantity: str, **more: str) -> Path:
    header = ",".join(["source", "start", "end", "quantity", *more])
    row = ",".join(["M1", "2024-01-01", "2024-02-01", quantity, *more.values()])
    return city.file(name, header, row)


def test_every_change_is_entered_once(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    import_file(bill(city, "a.csv", "100"), organisation="town", settings=city.settings)
    ((batch),) = [entry["batch"] for entry in batches(city.settings)]
    run_ = calculate_year(city.settings, 2024, books=("bisko",)).manifest.run
    releases.create(city.settings, "r1")
    releases.pin(city.settings, 2024, "r1")
    releases.pin(city.settings, 2024, "r1")  # changes nothing
    releases.unpin(city.settings, 2024, reason="new factors")
    withdraw(batch, reason="wrong meter", settings=city.settings)
    add = (
        "organisation",
        "add",
        "pool",
        "--name",
        "Pool",
        "--parent",
        "town",
        "--reason",
        "new",
        "--by",
        "Treasury",
    )
    assert asked(city, *add) == 0
    capsys.readouterr()
    assert deeds(city) == [
        ("import.commit", batch, "Office", None),
        ("calculation.save", run_, "Office", None),
        ("release.create", "r1", "Office", None),
        ("release.pin", "2024", "Office", None),
        ("release.unpin", "2024", "Office", "new factors"),
        ("batch.withdraw", batch, "Office", "wrong meter"),
        ("masterdata.change", "organisations", "Treasury", "new"),
    ]
    assert trail.verify(city.settings)["is_intact"]


def test_a_change_of_master_data_keeps_the_original(city: City) -> None:
    for name in ("Pool", "Lido"):
        assert asked(city, "organisation", "add", "pool", "--name", name, "--parent", "town") == 0
    first, second = trail.listed(city.settings)
    assert first["details"] == {"added": ["pool"], "changed": {}}
    assert second["details"] == {"added": [], "changed": {"pool": "name: Pool → Lido"}}


def test_nothing_is_entered_where_nothing_was_done(city: City) -> None:
    import_file(bill(city, "a.csv", "100"), organisation="town", settings=city.settings, dry_run=True)
    assert asked(city, "organisation", "add", "pool", "--name", "Pool", "--parent", "nowhere") == 2
    assert deeds(city) == []


def test_a_correction_keeps_original_reason_and_who(city: City) -> None:
    """The document of the correction is its reason; the corrected record stays, and is named."""
    import_file(bill(city, "a.csv", "100"), organisation="town", settings=city.settings)
    corrected = bill(city, "b.csv", "90", document="K-7", document_type="correction")
    import_file(corrected, organisation="town", settings=city.settings, reason="meter was read wrongly")
    first, second = (entry["batch"] for entry in batches(city.settings))
    entry = trail.listed(city.settings, second)[0]
    assert (entry["by"], entry["reason"]) == ("Office", "meter was read wrongly")
    given_way = {"rule": "correction", "winner": second, "loser": first, "count": 1, "documents": "K-7"}
    assert entry["details"]["gave_way"] == [given_way]


def test_replacing_by_hand_needs_a_reason(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    import_file(bill(city, "a.csv", "100"), organisation="town", settings=city.settings)
    replacing = ("import", str(bill(city, "b.csv", "90")), "--org", "town", "--on-overlap", "replace")
    assert asked(city, *replacing) == 2
    assert "needs a reason" in capsys.readouterr().out
    assert asked(city, *replacing, "--reason", "corrected bill") == 0
    first, second = (entry["batch"] for entry in batches(city.settings))
    entry = trail.listed(city.settings, second)[0]
    given_way = {"rule": "replace", "winner": second, "loser": first, "count": 1, "documents": ""}
    assert (entry["reason"], entry["details"]["gave_way"]) == ("corrected bill", [given_way])
    with open_store(city.settings.store_file) as store:
        assert store.rows("SELECT count(*) FROM activity") == [(2,)]  # the original is still there
        assert store.rows('SELECT rule, reason, "by" FROM resolution WHERE "at" IS NOT NULL') == [
            ("replace", "corrected bill", getpass.getuser())
        ]


def test_own_factors_are_entered_with_the_hash_of_what_is_kept(city: City) -> None:
    file = city.folder / "heat.csv"
    file.write_text(FACTORS, encoding="utf-8")
    assert import_factors(file, city.settings, dry_run=False)["accepted"] == 1
    entered = trail.listed(city.settings)
    assert [entry["action"] for entry in entered] == ["factors.import"]
    assert len(entered[0]["details"]["sha256"]) == 64


def test_an_exported_trail_is_verified_alone_and_against_the_registry(
    city: City, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    releases.create(city.settings, "r1")
    file = tmp_path / "trail.jsonl"
    assert asked(city, "trail", "export", str(file)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["entries"] == 1
    releases.pin(city.settings, 2024, "r1")  # the chain goes on; the file stays its beginning
    assert asked(city, "trail", "verify", str(file)) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["is_intact"], found["is_ours"], found["hash"]) == (True, True, told["hash"])
    file.write_text(file.read_text(encoding="utf-8").replace('"r1"', '"r2"'), encoding="utf-8")
    assert asked(city, "trail", "verify", str(file)) == 1
    assert json.loads(capsys.readouterr().out)["broken"]["sequence"] == 1
    assert run(["trail", "verify", "--data-dir", str(city.settings.data), "--lang", "de"]) == 0
    assert "2 Einträge" in capsys.readouterr().out


def test_signs_that_end_a_line_elsewhere_are_signs_like_any_other(city: City, tmp_path: Path) -> None:
    reason = "a\u2028b\x85c\x0bd\r\ne"
    releases.create(city.settings, "r1", reason=reason)
    file = tmp_path / "trail.jsonl"
    trail.export(city.settings, file)
    assert trail.verify(city.settings, file)["is_intact"]
    assert trail.listed(city.settings)[0]["reason"] == reason
    for changed in (b"", b"\r\n"):
        file.write_bytes(file.read_bytes().rstrip(b"\n") + changed)
        assert not trail.verify(city.settings, file)["is_intact"]


def test_asking_makes_no_data_directory(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for asked_ in (["trail", "list"], ["trail", "verify"], ["period", "show"], ["verify", "run"]):
        assert run([*asked_, "--data-dir", str(nowhere)]) == 2
    assert not nowhere.exists()


def test_the_trail_of_somebody_else_is_told_apart(city: City, tmp_path: Path) -> None:
    other = found_city(tmp_path / "other")
    releases.create(other.settings, "theirs")
    releases.create(city.settings, "ours")
    trail.export(other.settings, tmp_path / "theirs.jsonl")
    found = trail.verify(city.settings, tmp_path / "theirs.jsonl")
    assert (found["is_intact"], found["is_ours"]) == (True, False)


def test_somebody_is_always_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILANZ_USER", "  ")
    monkeypatch.setenv("LOGNAME", "office")
    assert Settings().user == "office"
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(OSError("no name")))
    assert Settings().user.startswith("uid ")
    monkeypatch.setenv("BILANZ_USER", "Office")
    assert Settings().user == "Office"
