"""Profiles of a data directory: saved, recognised, taken by imports; the assistant that makes them."""

from pathlib import Path

import pytest
from toy import City, found_city
from typer.testing import CliRunner

from bilanz.app.cli import app
from bilanz.app.intake import profiles
from bilanz.app.intake.ingest import identify_file, import_file
from bilanz.errors import Refused, UnknownName, UsageError
from importers.profiles.profile import MappingProfile, read

LIST = "Stadtwerke;;;\nObjekt;Jahr;Strom kWh;Farbe\nRathaus;2023;1.234,5;rot\nBad;2023;7,0;blau\n"
PROFILE = MappingProfile.model_validate(
    {
        "name": "list",
        "header": ["Objekt", "Jahr", "Strom kWh", "Farbe"],
        "columns": {"site": "Objekt", "year": "Jahr"},
        "values": [{"column": "Strom kWh", "activity": "electricity", "unit": "kWh"}],
        "period": "year",
    }
)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return found_city(tmp_path)


def listed(city: City, name: str = "list.csv") -> Path:
    path = city.folder / name
    path.write_text(LIST, encoding="utf-8")
    return path


def test_the_next_file_with_the_header_is_read_by_the_profile(city: City) -> None:
    path = listed(city)
    assert identify_file(path)["importer"] is None
    profiles.save(city.settings, PROFILE)
    found = identify_file(path, profiles=profiles.saved(city.settings), language="en")
    assert (found["importer"], found["candidates"][0]["reason"]) == (
        "mapped",
        'The header is that of the mapping profile "list".',
    )
    summary = import_file(path, organisation="town", settings=city.settings)
    assert (summary.importer, summary.accepted) == ("mapped", 2)


def test_a_named_importer_goes_before_a_profile(city: City) -> None:
    profiles.save(city.settings, PROFILE)
    with pytest.raises(Refused):
        import_file(listed(city), organisation="town", settings=city.settings, importer="standard")


def test_a_profile_is_saved_once_and_one_header_has_one(city: City) -> None:
    profiles.save(city.settings, PROFILE)
    with pytest.raises(Refused) as exists:
        profiles.save(city.settings, PROFILE)
    assert exists.value.code == "profile_exists"
    with pytest.raises(Refused) as rival:
        profiles.save(city.settings, PROFILE.model_copy(update={"name": "other"}))
    assert rival.value.code == "profile_rival"


def test_two_profiles_put_there_by_hand_for_one_header_are_refused(city: City) -> None:
    first = profiles.save(city.settings, PROFILE)
    first.with_name("b.toml").write_text(first.read_text().replace('"list"', '"b"'))
    with pytest.raises(UsageError, match="several mapping profiles"):
        import_file(listed(city), organisation="town", settings=city.settings)


def test_a_removed_profile_is_gone_and_nothing_else(city: City) -> None:
    outside = city.folder / "mine.toml"
    outside.write_text(profiles.save(city.settings, PROFILE).read_text())
    with pytest.raises(UnknownName):
        profiles.remove(city.settings, str(outside))
    profiles.remove(city.settings, "list")
    assert profiles.saved(city.settings) == []
    assert profiles.named(city.settings, str(outside)) == PROFILE


def assisted(city: City, path: Path, answers: list[str], *more: str) -> tuple[int, str]:
    command = ["import", str(path), "--org", "town", "--map", "--lang", "en", *more]
    data = ["--data-dir", str(city.settings.data)]
    done = CliRunner().invoke(app, [*command, *data], input="\n".join([*answers, ""]))
    return done.exit_code, done.output


def test_the_assistant_takes_suggestions_and_saves_what_it_was_told(city: City) -> None:
    answers = ["", "", "", "", "", "", "", "", "", "Yearly list", ""]
    code, output = assisted(city, listed(city), answers)
    assert code == 0, output
    saved = profiles.named(city.settings, "yearly-list")
    assert saved.columns == {"site": "Objekt", "year": "Jahr"}
    assert [(value.column, value.activity, value.unit) for value in saved.values] == [
        ("Strom kWh", "electricity", "kWh")
    ]
    assert (saved.period, saved.given) == ("year", {"quality": "billed"})
    assert "2 rows read: 2 accepted" in output
    assert (
        import_file(
            listed(city, "again.csv"), organisation="town", settings=city.settings, dry_run=True
        ).accepted
        == 2
    )


def test_the_assistant_asks_again_where_it_does_not_understand(city: City) -> None:
    path = city.folder / "odd.csv"
    path.write_text("Haus;Tag;Zahl\nA;03.04.2024;1.234\nB;05.06.2024;2.345\n", encoding="utf-8")
    answers = [
        "3", "1",  # what a row states
        "colour", "?", "site",  # Haus
        "date",  # Tag
        "quantity", "gaz", "electricity", "kWurst", "kWh",  # Zahl
        "billed", "refused",
        "1.234,56",  # the format nothing decides
        "Odd list", "odd list", "odd-list",
    ]  # fmt: skip
    code, output = assisted(city, path, answers)
    assert code == 0, output
    assert '"colour" is none of the fields' in output
    assert '"gaz" is not known' in output
    saved = profiles.named(city.settings, "odd-list")
    assert saved.formats == {"Zahl": "1.234,56"}
    assert saved.period == "day"


def test_profiles_can_be_listed_shown_shared_and_removed(city: City, tmp_path: Path) -> None:
    profiles.save(city.settings, PROFILE)
    data = ["--data-dir", str(city.settings.data), "--lang", "en"]
    run = CliRunner()
    assert "Objekt; Jahr; Strom kWh; Farbe" in run.invoke(app, ["profile", "list", *data]).output
    shared = tmp_path / "shared.toml"
    shared.write_text(run.invoke(app, ["profile", "show", "list", *data]).output, encoding="utf-8")
    assert read(shared) == PROFILE
    assert run.invoke(app, ["profile", "remove", "list", *data]).exit_code == 0
    assert run.invoke(app, ["profile", "add", str(shared), *data]).exit_code == 0
    assert profiles.named(city.settings, "list") == PROFILE
    chosen = ["import", str(listed(city)), "--org", "town", "--profile", "list", "--dry-run", *data]
    assert "2 accepted" in run.invoke(app, chosen).output
