"""Measure the program against raw tools: `make bench SIZE=20000000 METERS=600`.

Every case runs in a fresh process; the table goes to standard output and, with `--write`, into
`docs/benchmarks.md`. Nothing here is part of the tests: a figure is looked at, not asserted.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cases import CASES, Bench, Figures, peak_mb

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the CSV")
    parser.add_argument("--meters", type=int, default=600, help="metering points of the CSV")
    parser.add_argument("--readings", type=int, default=100_004_160, help="readings of the large store")
    parser.add_argument("--points", type=int, default=2_854, help="metering points of the large store")
    parser.add_argument("--directory", type=Path, default=ROOT / "bench-data", help="where the data goes")
    parser.add_argument("--only", nargs="*", choices=sorted(CASES), help="these cases only")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    parser.add_argument("--case", choices=sorted(CASES), help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(bench: Bench, name: str) -> Figures:
    """Run one case in a process of its own."""
    told = [
        f"--{field}={getattr(bench, field)}"
        for field in ("rows", "meters", "readings", "points", "directory")
    ]
    done = subprocess.run(
        [sys.executable, __file__, *told, "--case", name], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    sys.stderr.write(f"{name}: {json.dumps(figures)}\n")
    return figures


def _seconds(value: float) -> str:
    return f"{value:.2f} s"


def _rate(rows_per_second: float) -> str:
    return f"{rows_per_second / 1e6:.2f} M rows/s"


def _choice(figures: Figures) -> tuple[str, str]:
    what = f"{figures['keys']:.0f} distinct keys against {figures['rows']:.0f} factor rows, one book"
    return what, f"{_seconds(figures['seconds'])}, grouping the rows {_seconds(figures['group'])}"


def _without_store(found: dict[str, Figures], add: Callable[..., None]) -> None:
    """Add the rows of what needs no large store."""
    if choice := found.get("matching"):
        add("matching", *_choice(choice), "< 2 s")
    if told := found.get("mscons"):
        speed, bare = told["mb"] / told["seconds"], told["mb"] / told["parse_seconds"]
        times = told["processor"] / told["parse_processor"]
        what = f"MSCONS of {told['rows']:,.0f} values, {told['mb']:.0f} MB"
        spent = f"{_seconds(told['seconds'])}, {speed:.2f} MB/s"
        add(
            "mscons",
            what,
            f"{spent} (bare parse {bare:.2f} MB/s, processor × {times:.2f})",
            "≤ 1.1 × the parse",
        )
    if sdat := found.get("sdat"):
        speed, raw = (sdat["mb"] / sdat[name] for name in ("seconds", "raw_seconds"))
        measured = f"{_seconds(sdat['seconds'])}, {speed:.0f} MB/s ({speed / raw:.2f} of a bare parser)"
        add("sdat", f"SDAT-CH message of {sdat['mb']:.0f} MB, {sdat['rows']:.0f} values, read", measured)
    if intervals := found.get("uncertainty"):
        size = f"{intervals['lines']:,.0f} lines of {intervals['sources']:,.0f} sources"
        what = f"95 % intervals of {size}, 10 000 draws"
        alone = _seconds(intervals["plain_seconds"])
        add("uncertainty", what, f"{_seconds(intervals['seconds'])} (draws alone in NumPy {alone})", "< 10 s")
        times = intervals["processor"] / intervals["plain_processor"]
        alone = _seconds(intervals["plain_processor"])
        spent = f"{_seconds(intervals['processor'])} (draws alone {alone}, × {times:.2f})"
        add("uncertainty", "· processor time", spent)
    if start := found.get("start"):
        add("start", "`bilanz --help`", f"{start['help'] * 1000:.0f} ms", "< 300 ms")
        add("start", "first query (`bilanz batch list`)", f"{start['query'] * 1000:.0f} ms", "< 500 ms")


def table(found: dict[str, Figures]) -> list[tuple[str, str, str, str]]:
    """Return rows of (what, measured, aim, peak memory)."""
    rows: list[tuple[str, str, str, str]] = []

    def add(case: str, what: str, measured: str, aim: str = "–") -> None:
        rows.append((what, measured, aim, f"{found[case]['peak_mb']:.0f} MB"))

    if raw := found.get("raw"):
        rate = raw["rows"] / raw["seconds"]
        add("raw", "DuckDB `read_csv` into a table", f"{_seconds(raw['seconds'])}, {_rate(rate)}")
        add("raw", "· processor time", _seconds(raw["processor"]))
    if done := found.get("import"):
        speed = done["rows"] / done["seconds"]
        ratio = f", {speed / rate:.2f} of raw" if raw else ""
        aim = "≥ 0.5 of raw, < 2 GB"
        add("import", "CSV → committed", f"{_seconds(done['seconds'])}, {_rate(speed)}{ratio}", aim)
        share = f" ({raw['processor'] / done['processor']:.2f} of raw)" if raw else ""
        add("import", "· processor time", f"{_seconds(done['processor'])}{share}")
        add("import", "· reading, checking, writing Parquet", _seconds(done["read"]))
        add("import", "· copying and archiving", _seconds(done["hash"] + done["archive"]))
        rolled = f"{_seconds(done['commit'])}, roll-up {_seconds(done['rollup'])}"
        add("import", "· commit", rolled)
    if checks := found.get("checks"):
        add(
            "checks",
            "quality checks of the same number of readings",
            f"{_seconds(checks['seconds'])}, {checks['rows'] / checks['seconds'] / 1e6:.0f} M rows/s",
            "≥ 30 M rows/s",
        )
    if large := found.get("commit"):
        add(
            "commit",
            "roll-up of the large store",
            f"{_seconds(large['rollup'])}, {large['rows'] / large['rollup'] / 1e6:.0f} M rows/s",
            "≥ 80 M rows/s",
        )
    if balance := found.get("balance"):
        times = balance["seconds"] / balance["hand_seconds"]
        add(
            "balance",
            "balance of a year from the roll-up, all books",
            f"{_seconds(balance['seconds'])} (sums alone {_seconds(balance['hand_seconds'])}, × {times:.1f})",
            "< 0.5 s",
        )
        add(
            "balance",
            "· of it slices, matching and sums",
            f"{_seconds(balance['build'])} + {_seconds(balance['balance_of'])}",
        )
    if direct := found.get("parquet"):
        times = direct["seconds"] / direct["hand_seconds"]
        add(
            "parquet",
            "the same from the Parquet",
            f"{_seconds(direct['seconds'])} (sums alone {_seconds(direct['hand_seconds'])}, × {times:.1f})",
            "≤ 1.5 × the sums alone",
        )
        add("parquet", "one month recomputed", _seconds(direct["month"]), "< 0.5 s")
    if hourly := found.get("hourly"):
        add(
            "hourly",
            "the hourly book, readings × hours",
            f"{_seconds(hourly['fill'])} (raw join {_seconds(hourly['join_seconds'])})",
        )
        times = hourly["processor"] / hourly["join_processor"]
        spent = (
            f"{_seconds(hourly['processor'])} (raw join {_seconds(hourly['join_processor'])}, × {times:.1f})"
        )
        add("hourly", "· processor time", spent)
        add("hourly", "· the whole calculation", _seconds(hourly["seconds"]))
    _without_store(found, add)
    return rows


def machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "numpy", "polars", "pyarrow"))
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Python {platform.python_version()}, {libraries}"


def page(bench: Bench, found: dict[str, Figures], load: float) -> str:
    head = [
        f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; load by others before the run {load:.1f}.",
        (
            f"CSV: {bench.rows:,} rows of {bench.meters} metering points; "
            f"large store: {bench.readings:,} readings of {bench.points} metering points."
        ),
        "",
        "| what | measured | aim | peak memory |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *("| " + " | ".join(row) + " |" for row in table(found))])


def main() -> None:
    asked = arguments()
    bench = Bench(asked.directory, asked.rows, asked.meters, asked.readings, asked.points)
    if asked.case:
        figures = CASES[asked.case](bench)
        sys.stdout.write(json.dumps({**figures, "peak_mb": peak_mb()}) + "\n")
        return
    load = os.getloadavg()[0]
    names = [name for name in CASES if not asked.only or name in asked.only]
    found = {name: measure(bench, name) for name in names}
    text = page(bench, found, load)
    sys.stdout.write(text + "\n")
    if asked.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
