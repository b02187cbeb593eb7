"""The registry on a real PostgreSQL: tables, the trail that only grows, jobs that are taken once, pages."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import masters
import postgres
import pytest
import web
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from bilanz.app.master.data import export_masterdata, import_masterdata
from bilanz.app.queue import enqueue
from bilanz.registry import jobs, trail
from bilanz.registry.engine import Registry, open_registry
from bilanz.trail import Deed

pytestmark = pytest.mark.skipif(postgres.PROGRAMS is None, reason=postgres.MISSING)


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgres.Cluster]:
    with postgres.cluster() as started:
        yield started


@pytest.fixture
def registry(cluster: postgres.Cluster) -> Iterator[Registry]:
    opened = open_registry(cluster.database())
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(registry: Registry) -> None:
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET \"by\" = 'somebody else'",
        "DELETE FROM trail",
        "TRUNCATE trail",
        "DELETE FROM trailhead",
        "UPDATE trailhead SET sequence = 0",
    ],
)
def test_the_trail_only_grows(registry: Registry, statement: str) -> None:
    trail.record(registry, Deed("olga", "calculation.save", "run"))
    with pytest.raises(DatabaseError, match="append-only"), registry.engine.begin() as connection:
        connection.execute(text(statement))
    assert trail.broken_link(registry) is None


@pytest.mark.parametrize("table", ["fundassessment", "fundassessedamount"])
def test_assessments_are_not_emptied(registry: Registry, table: str) -> None:
    statement = text(f"TRUNCATE {table} CASCADE")
    with (
        pytest.raises(DatabaseError, match="assessments are never changed"),
        registry.engine.begin() as connection,
    ):
        connection.execute(statement)


def test_many_writers_make_one_chain(registry: Registry) -> None:
    def write(number: int) -> None:
        for step in range(10):
            trail.record(registry, Deed(f"writer {number}", "calculation.save", str(step)))

    in_threads(write, 6)
    assert len(trail.entries(registry)) == 60
    assert trail.broken_link(registry) is None


def test_a_job_is_taken_once(registry: Registry, tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path)
    asked = {enqueue(registry, settings, "read", organisation="city", subject=str(n)).id for n in range(30)}
    taken: list[str] = []

    def take(_number: int) -> None:
        while (job := jobs.take(registry)) is not None:
            taken.append(job.id)

    in_threads(take, 6)
    assert sorted(taken) == sorted(asked)


def test_pages_are_served_over_it(cluster: postgres.Cluster, tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path, registry_url=cluster.database())
    web.populate(settings)
    with web.served(settings) as site:
        assert site.client.get("/readyz").json() == {"status": "ok"}
        assert "Signed in as Olga." in site.as_("olga").get("/")
    assert not (settings.data / "registry.sqlite").exists()


def test_master_data_go_in_and_come_out_unchanged(cluster: postgres.Cluster, tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path, registry_url=cluster.database())
    web.populate(settings)
    masters.fill(settings, tmp_path / "masters")
    export_masterdata(tmp_path / "out", settings)
    again = import_masterdata(tmp_path / "out", settings).as_json()
    assert again["tables"]["fund_flows"]["unchanged"] == 2
    assert all(count["read"] == count["unchanged"] for count in again["tables"].values()), again


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
