from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from bilanz.errors import UsageError
from bilanz.registry import fund
from bilanz.registry.engine import HEAD, MIGRATIONS, open_registry, registry_exists, revision
from bilanz.registry.instruments import instruments
from bilanz.registry.organisations import organisations


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    registry = open_registry(url(tmp_path))
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert len(SQLModel.metadata.tables) == 45
    registry.close()


def test_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    assert not registry_exists(url(tmp_path))
    open_registry(url(tmp_path)).close()
    assert registry_exists(url(tmp_path))
    registry = open_registry(url(tmp_path))
    assert revision(registry.engine) == HEAD
    registry.close()


def test_a_registry_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    registry = open_registry(url(tmp_path))
    with registry.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    registry.close()
    with pytest.raises(UsageError, match="newer version"):
        open_registry(url(tmp_path))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite").write_text("this is no database, it only has its name" * 50)
    with pytest.raises(UsageError, match="cannot be opened"):
        open_registry(url(tmp_path))


def test_a_registry_of_the_first_version_keeps_its_data(tmp_path: Path) -> None:
    engine = create_engine(url(tmp_path))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO organisationunit (id, name, kind, consolidation_share) "
                "VALUES ('town', 'Town', 'municipality', 1)"
            )
        )
    assert "energyinstrument" not in inspect(engine).get_table_names()
    engine.dispose()
    registry = open_registry(url(tmp_path))
    assert revision(registry.engine) == HEAD
    assert [unit.name for unit in organisations(registry).values()] == ["Town"]
    assert instruments(registry) == {}
    registry.close()


def test_money_of_others_from_before_it_had_a_day_stays(tmp_path: Path) -> None:
    engine = create_engine(url(tmp_path))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    row = "'a', 'p', 'Land', 5, 'EUR', 'notice'"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        columns = "id, project, financier, amount, currency, evidence"
        connection.execute(text(f"INSERT INTO fundfinancing ({columns}) VALUES ({row})"))
    engine.dispose()
    registry = open_registry(url(tmp_path))
    assert [(one.id, one.on, one.amount) for one in fund.financing(registry)] == [("a", None, 5)]
    registry.close()
