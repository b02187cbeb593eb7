"""2 000 invented members: their bundles on disk, and what their consolidation takes.

    python tests/bench/league.py --members 2000 --directory bench-data/league

Each step runs in a process of its own and prints one JSON object. Bundles are written once and kept.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

PAIRS = 500
"""Deliveries of heat from a member to the next one."""


def generate(folder: Path, members: int) -> dict[str, Any]:
    """Write the bundles that are not there yet."""
    import polars as pl
    from leaguecases import PARTS, files_of, frames_of, head_of, key, lines_of, scaled, use

    from bilanz.app.league.files import write_files
    from bilanz.league.bundle import DELIVERED_SCHEMA, DELIVERY_SCHEMA

    units = [f"unit{number}" for number in range(8)]
    base = frames_of(
        "town",
        lines_of(
            *(
                use(unit, activity, 1000 + 37 * number, source=f"{unit}-{activity}-{number}")
                for unit in units
                for activity in PARTS
                for number in range(3)
            )
        ),
    )
    key("bench")
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(members):
        name, path = f"m{number:05}", folder / f"m{number:05}.zip"
        if path.exists():
            continue
        frames = scaled(base, name, number + 1)
        rows, delivered = _deliveries(number, members, frames["balance"])
        frames["deliveries"] = pl.DataFrame(rows, schema=DELIVERY_SCHEMA, orient="row")
        frames["delivered"] = pl.DataFrame(delivered, schema=DELIVERED_SCHEMA, orient="row")
        write_files(files_of(head_of(name, frames), frames), path)
    size = sum(path.stat().st_size for path in folder.glob("*.zip"))
    return {"members": members, "rows": base["balance"].height, "bytes": size}


def _deliveries(number: int, members: int, balance: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401 - a frame
    """Return what a member sells to the next one, and what it buys of the one before."""
    from decimal import Decimal

    rows: list[Any] = []
    delivered: list[Any] = []
    for seller in (number, number - 1):
        if not 0 <= seller < min(PAIRS, members - 1):
            continue
        side = "seller" if seller == number else "buyer"
        names = [f"m{seller:05}-unit0", f"m{seller + 1:05}-unit1"]
        first = date(2020, 1, 1)
        facts = ("generates", side, *names, "district_heat", False, first, None, "contract")
        token = f"L{len(rows) + 1}"
        rows.append((f"D{seller}", *facts, "bisko,ghgp_location" if side == "seller" else "", token))
        scope, category = ("memo", "sold") if side == "seller" else ("2", "purchased_heat")
        role = "sold" if side == "seller" else "consumed"
        mass = None if side == "seller" else Decimal(180)
        for book in sorted(balance["book"].unique()):
            taken = Decimal(0) if side == "seller" else None
            for month in range(1, 13):
                place = (
                    token,
                    book,
                    date(2024, month, 1),
                    Decimal(1),
                    "district_heat",
                    role,
                    scope,
                    category,
                )
                delivered.append((*place, "kWh", "none", True, Decimal(1000), mass, taken))
    return rows, delivered


def consolidated(folder: Path, members: int) -> dict[str, Any]:
    """Read, check and add up the bundles."""
    import polars as pl

    from bilanz.app.league.balance import opened
    from bilanz.league.consolidation import consolidate

    paths = sorted(folder.glob("*.zip"))[:members]
    start, processor = time.perf_counter(), time.process_time()
    bundles = opened(paths)
    read = time.perf_counter()
    found = consolidate(bundles)
    end = time.perf_counter()
    league = found.totals.filter(
        pl.col("member").is_null(), pl.col("book") == "bisko", pl.col("scope") == "2"
    )
    return {
        "members": len(bundles),
        "rows": sum(each.tables["balance"].height for each in bundles),
        "read_s": round(read - start, 2),
        "consolidate_s": round(end - read, 2),
        "processor_s": round(time.process_time() - processor, 2),
        "eliminated_between_kg": str(league["across_kg"].item()),
        "deliveries": found.deliveries.height,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


STEPS = {"generate": generate, "consolidate": consolidated}


def main() -> None:
    """Run the steps, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--directory", type=Path, default=Path("bench-data/league"))
    parser.add_argument("--step", choices=list(STEPS))
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(STEPS[asked.step](asked.directory, asked.members)))  # noqa: T201 - a script
        return
    for step in STEPS:
        options = [f"--members={asked.members}", f"--directory={asked.directory}", f"--step={step}"]
        subprocess.run([sys.executable, __file__, *options], check=True)


if __name__ == "__main__":
    main()
