"""What is measured. Each case runs in a process of its own and returns figures; see `run.py`."""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import choice
import duckdb
import mscons
import polars as pl
import sdat
import uncertain
from generate import START, point, write_csv, write_readings

if TYPE_CHECKING:
    from bilanz.app.settings import Settings

ORGANISATION = "bench"
YEAR = 2024
Figures = dict[str, float]


@dataclass(frozen=True)
class Bench:
    """Size and place of the data."""

    directory: Path
    rows: int
    meters: int
    readings: int
    points: int

    @property
    def csv(self) -> Path:
        return self.directory / f"{self.rows}x{self.meters}.csv"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def large(self) -> Path:
        return self.directory / f"large-{self.readings}"

    @property
    def parquet(self) -> Path:
        return self.directory / f"{self.readings}x{self.points}.parquet"


@contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    figures[name] = figures.get(name, 0.0) + time.perf_counter() - start


def watch(figures: Figures, module: ModuleType | type, function: str, name: str) -> None:
    """Time every call of a function of ours."""
    original: Callable[..., object] = getattr(module, function)

    @wraps(original)
    def watched(*values: object, **named: object) -> object:
        with timed(figures, name):
            return original(*values, **named)

    setattr(module, function, watched)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed_processor(figures: Figures) -> Iterator[None]:
    """Add processor seconds: other work on the machine moves them less than the clock."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    yield
    after = resource.getrusage(resource.RUSAGE_SELF)
    figures["processor"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def prepare(bench: Bench) -> Figures:
    bench.directory.mkdir(parents=True, exist_ok=True)
    if not bench.csv.exists():
        write_csv(bench.csv, bench.rows, bench.meters)
    if not bench.parquet.exists():
        write_readings(bench.parquet, bench.readings, bench.points)
    rows = pl.scan_parquet(bench.parquet).select(pl.len()).collect().item()
    return {"csv_mb": bench.csv.stat().st_size / 1e6, "readings": rows}


def raw_read(bench: Bench) -> Figures:
    """Read the CSV into a table of a database file: no check, no provenance, local time."""
    figures: Figures = {}
    file = bench.directory / "raw.duckdb"
    file.unlink(missing_ok=True)
    con = duckdb.connect(file)
    con.execute("SET enable_progress_bar = false")
    with timed(figures, "seconds"), timed_processor(figures):
        con.execute(
            f"""CREATE TABLE raw AS SELECT * FROM read_csv('{bench.csv}', delim = ';', header = false,
            skip = 1, auto_detect = false, quote = '', decimal_separator = ',',
            timestampformat = '%d.%m.%Y %H:%M',
            columns = {{'point': 'VARCHAR', 'stamp': 'TIMESTAMP', 'kwh': 'DECIMAL(19,6)'}})"""
        )
        con.execute("CHECKPOINT")
    figures["rows"] = con.execute("SELECT count(*) FROM raw").fetchall()[0][0]
    con.close()
    file.unlink()
    return figures


def settings_of(directory: Path) -> "Settings":
    from bilanz.app.settings import Settings
    from bilanz.organisation import OrganisationUnit
    from bilanz.registry.engine import open_registry
    from bilanz.registry.organisations import put_organisation

    shutil.rmtree(directory, ignore_errors=True)
    settings = Settings(data=directory)
    registry = open_registry(settings.registry)
    put_organisation(
        registry, OrganisationUnit(id=ORGANISATION, name="Bench", kind="municipality", region="DE")
    )
    registry.close()
    return settings


def imported(bench: Bench) -> Figures:
    """Import the CSV as everybody does: claimed, archived, read, checked, committed, rolled up."""
    from bilanz.app.intake import examination, ingest, taking
    from bilanz.store import commit

    figures: Figures = {}
    settings = settings_of(bench.data)
    watch(figures, examination, "read_file", "read")
    watch(figures, taking, "take", "hash")  # the copy; the hash itself is taken while the file is read
    watch(figures, taking, "keep", "archive")
    watch(figures, taking, "commit", "commit")
    watch(figures, commit, "recompute", "rollup")
    watch(figures, commit, "check_stored", "control")
    with timed(figures, "seconds"), timed_processor(figures):
        summary = ingest.import_file(bench.csv, organisation=ORGANISATION, settings=settings)
    figures["rows"] = summary.accepted
    return figures


def checked(bench: Bench) -> Figures:
    """Hold readings to their grid (order, interval, repeats, overlaps, gaps, midnight), and nothing else."""
    from importers.interval import grid
    from importers.interval.findings import Findings

    figures: Figures = {}
    findings, clock = Findings(), grid.Clock("Europe/Berlin", "Europe/Berlin")
    frame = pl.read_parquet(bench.parquet, n_rows=bench.rows).rename({"source_row": "__row"})
    cells = frame.with_columns(stamp="start", length=pl.lit(None, dtype=pl.Int32)).drop("minutes")
    count = 0
    for part in cells.iter_slices(1_000_000):
        with timed(figures, "seconds"):
            found = grid.with_intervals(grid.with_step(grid.ordered(part)))
            kept = grid.without_repeats(found, "", clock, findings)
            grid.name_gaps(kept, "", clock, findings)
            grid.crosses_midnight(kept, clock)
        count += kept.height
    figures["rows"] = count
    return figures


def committed(bench: Bench) -> Figures:
    """Commit the large file of readings: placed, rolled up by local day, checked."""
    from bilanz.app.intake.newsources import register_sources
    from bilanz.records import SERIES_SCHEMA
    from bilanz.registry.engine import open_registry
    from bilanz.store import commit
    from bilanz.store.connection import open_store
    from bilanz.store.overlaps import Choice

    figures: Figures = {}
    settings = settings_of(bench.large)
    facts = {
        "activity": "electricity",
        "direction": "consumption",
        "unit": "kWh",
        "basis": "none",
        "minutes": 15,
        "zone": "Europe/Berlin",
        "column": "kWh",
    }
    series = pl.DataFrame(
        [{"series": number, "source": point(number), **facts} for number in range(bench.points)],
        schema=SERIES_SCHEMA,
    ).with_columns(organisation=pl.lit(ORGANISATION))
    copy = bench.large / "readings.parquet"
    shutil.copy(bench.parquet, copy)
    count = pl.scan_parquet(copy).select(pl.len()).collect().item()
    registry = open_registry(settings.registry)
    delivery = commit.Delivery(
        batch="bench",
        sha256="0" * 64,
        file="large.csv",
        importer="interval_csv",
        importer_version="1",
        organisation=ORGANISATION,
        zone="Europe/Berlin",
        n_read=count,
        n_accepted=count,
        n_rejected=0,
        n_ignored=0,
        series=series,
        readings=copy,
    )
    register_sources(registry, delivery.activities, delivery.series)
    registry.close()
    watch(figures, commit, "recompute", "rollup")
    with open_store(settings.store_file) as store, timed(figures, "seconds"):
        commit.commit(store, delivery, Choice("first", None, "bench", datetime.now(UTC).replace(tzinfo=None)))
    figures["rows"] = count
    return figures


def balanced(bench: Bench) -> Figures:
    """Balance the large store from its roll-up, all books, thrice; the best counts."""
    from bilanz.app import calculation
    from bilanz.app.balances import ledger
    from bilanz.app.settings import Settings
    from factors.base import catalogue

    figures: Figures = {}
    best: Figures = {}
    with ledger(Settings(data=bench.large)) as data:
        for name in ("build", "balance_of", "coverage", "engine"):
            watch(figures, calculation, name, name)
        for _ in range(3):
            figures.clear()
            with timed(figures, "seconds"):
                result = calculation.calculate(
                    data.store, data.organisations, data.source_terms, catalogue(), year=YEAR, region="DE"
                )
            best = min(best or dict(figures), dict(figures), key=lambda one: one["seconds"])
        best["lines"] = result.lines.height
        best["hand_seconds"] = _hand_written(data.store.con, bench, from_readings=False)
    return best


def _hand_written(con: duckdb.DuckDBPyConnection, bench: Bench, *, from_readings: bool) -> float:
    """Sum a year by series and month and weight it with twelve values: the least any balance has to do."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE weight AS "
        "SELECT range AS book, 0.363::DECIMAL(19,12) AS kg FROM range(12)"
    )

    micros = int((START - datetime(1970, 1, 1)).total_seconds()) * 1_000_000  # noqa: DTZ001 - naive UTC
    local = """("start" + CASE WHEN "start" < TIMESTAMP '2024-03-31 01:00' THEN INTERVAL 1 HOUR
        WHEN "start" < TIMESTAMP '2024-10-27 01:00' THEN INTERVAL 2 HOUR ELSE INTERVAL 1 HOUR END)"""
    origin = (
        f"""SELECT series AS key, date_trunc('day', {local}) AS day, sum(quantity) AS quantity
        FROM read_parquet('{bench.parquet}') WHERE "start" >= make_timestamp({micros}) GROUP BY ALL"""
        if from_readings
        else f'SELECT series_key AS key, "day", quantity FROM daily WHERE year("day") = {YEAR}'
    )
    times = []
    for _ in range(3):
        figures: Figures = {}
        with timed(figures, "seconds"):
            con.execute(
                f"""CREATE OR REPLACE TEMP TABLE least AS
                SELECT key, month, book, sum(q) * any_value(kg) AS kg FROM (
                SELECT key, date_trunc('month', day) AS month, sum(quantity)::DECIMAL(19,6) AS q
                FROM ({origin}) GROUP BY ALL) CROSS JOIN weight GROUP BY ALL"""
            )
        times.append(figures["seconds"])
    return min(times)


def from_parquet(bench: Bench) -> Figures:
    """Balance the large store from its readings: every day rolled up anew, then all books."""
    from bilanz.app import calculation
    from bilanz.app.balances import ledger
    from bilanz.app.settings import Settings
    from bilanz.store.rollup import recompute, touched_days
    from factors.base import catalogue

    figures: Figures = {}
    with ledger(Settings(data=bench.large)) as data:
        figures["hand_seconds"] = _hand_written(data.store.con, bench, from_readings=True)
        touched = touched_days(data.store, 1)
        with timed(figures, "seconds"):
            with timed(figures, "rollup"), data.store.transaction():
                recompute(data.store, touched)
            calculation.calculate(
                data.store, data.organisations, data.source_terms, catalogue(), year=YEAR, region="DE"
            )
        month = touched.with_columns(
            first_day=pl.date(YEAR, 6, 1).cast(pl.Date), last_day=pl.date(YEAR, 6, 30).cast(pl.Date)
        )
        with timed(figures, "month"), data.store.transaction():
            recompute(data.store, month)
    return figures


def by_the_hour(bench: Bench) -> Figures:
    """Balance the large store in the hourly book, and join the same readings with the same hours by hand."""
    from bilanz.app import calculation
    from bilanz.app.balances import ledger
    from bilanz.app.settings import Settings
    from bilanz.hourly import HourClass
    from bilanz.intensity import VALUES, About, Intensity
    from bilanz.store.hours import ParquetHours
    from factors.base import catalogue

    figures: Figures = {}
    hours = pl.datetime_range(START, START + timedelta(hours=8783), "1h", eager=True)
    grams = (300 + (pl.int_range(8784, eager=True) * 37) % 211).cast(pl.Decimal(38, 18))
    told = dict.fromkeys(About.__dataclass_fields__, "bench") | {
        "region": "DE",
        "zone": "Europe/Berlin",
        "minutes": 60,
        "gas": "CO2",
        "gwp": None,
        "chain": "direct",
        "mass_unit": "g",
        "per_unit": "kWh",
        "fuels": (),
        "excluded": (),
        "zero": (),
    }
    series = Intensity(About(**told), pl.DataFrame({"start": hours, "value": grams}, schema=VALUES))  # type: ignore[arg-type] # the fields by name, of several types
    with ledger(Settings(data=bench.large)) as data:
        watch(figures, ParquetHours, "fill", "fill")
        best: Figures = {}
        processors: list[float] = []
        for _ in range(3):
            figures.clear()
            with timed(figures, "seconds"):
                result = calculation.calculate(
                    data.store,
                    data.organisations,
                    data.source_terms,
                    catalogue(),
                    year=YEAR,
                    books=("hourly",),
                    series=(series,),
                )
            best = min(best or dict(figures), dict(figures), key=lambda one: one["seconds"])
            with timed_processor(figures):
                data_hours = ParquetHours(data.store, {series.factor_id: series})
                data_hours.fill((HourClass(0, series.factor_id, Fraction(1, 1000)),))
            processors.append(figures["processor"])
        best["processor"] = min(processors)
        best |= _joined(data.store.con, bench, series.values)
        best["difference"] = abs(float(result.lines["co2e_kg"].sum() or 0) - best["kg"])
    return best


def _joined(con: duckdb.DuckDBPyConnection, bench: Bench, values: pl.DataFrame) -> Figures:
    """Join readings with hours and sum by series: without days, months, resolutions or what is missing."""
    con.register("hour_frame", values.with_columns(kg=(pl.col("value") / 1000).cast(pl.Decimal(19, 12))))
    con.execute("CREATE OR REPLACE TEMP TABLE hour_kg AS SELECT start, kg FROM hour_frame")
    times = []
    for _ in range(3):
        figures: Figures = {}
        with timed(figures, "seconds"), timed_processor(figures):
            found = con.execute(
                f"""SELECT sum(kg)::DOUBLE FROM (SELECT series, sum(quantity * kg) AS kg
                FROM read_parquet('{bench.parquet}') r
                JOIN hour_kg h ON h.start = date_trunc('hour', r.start) GROUP BY series)"""
            ).fetchall()
        times.append((figures["seconds"], figures["processor"]))
    seconds, processor = (min(column) for column in zip(*times, strict=True))
    return {"join_seconds": seconds, "join_processor": processor, "kg": found[0][0]}


def started(bench: Bench) -> Figures:
    """Start the command line: the help, and the first question to the store of the imported CSV."""
    command = Path(sys.executable).with_name("bilanz")
    figures: Figures = {}
    for name, words in (("help", ["--help"]), ("query", ["batch", "list", "--json"])):
        times = []
        for _ in range(5):
            one: Figures = {}
            with timed(one, "seconds"):
                subprocess.run(
                    [command, *words],
                    check=True,
                    capture_output=True,
                    env={"BILANZ_DATA": str(bench.data), "PATH": "/usr/bin:/bin"},
                )
            times.append(one["seconds"])
        figures[name] = sorted(times)[2]
    return figures


def matched(_: Bench) -> Figures:
    """Choose the factors of 5 000 distinct keys out of 30 000 rows, in one book, nothing remembered."""
    return choice.matched()


def mscons_read(bench: Bench) -> Figures:
    """Read a metering message of a hundredth of the rows, and take it apart with the library alone."""
    bench.directory.mkdir(parents=True, exist_ok=True)
    values = bench.rows // 100
    return mscons.read(bench.directory / f"{values}.edi", values)


def sdat_read(bench: Bench) -> Figures:
    """Read one large SDAT-CH message, beside a bare parser that touches every value."""
    values = min(bench.rows, sdat.VALUES)
    path = bench.directory / f"{values}.sdat.xml"
    bench.directory.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        sdat.write_sdat(path, values)
    raw, found = sdat.parsed(path)
    seconds, accepted = sdat.imported(path)
    if found != accepted:
        message = f"{accepted} of {found} values were accepted"
        raise RuntimeError(message)
    return {"mb": path.stat().st_size / 1e6, "rows": accepted, "seconds": seconds, "raw_seconds": raw}


def uncertain_totals(_: Bench) -> Figures:
    """Give a balance of 200 000 slices its intervals with 10 000 draws, and take the draws alone."""
    return uncertain.measured()


CASES: dict[str, Callable[[Bench], Figures]] = {
    "prepare": prepare,
    "raw": raw_read,
    "import": imported,
    "checks": checked,
    "commit": committed,
    "balance": balanced,
    "parquet": from_parquet,
    "matching": matched,
    "sdat": sdat_read,
    "hourly": by_the_hour,
    "uncertainty": uncertain_totals,
    "mscons": mscons_read,
    "start": started,
}
