from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

from bilanz.errors import UsageError
from bilanz.registry.engine import HEAD, MIGRATIONS, open_registry, registry_exists, revision


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    registry = open_registry(url(tmp_path))
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert len(SQLModel.metadata.tables) == 6
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
