"""The cases of `make bench` run, on few rows; what they take is asserted nowhere."""

import json
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parent / "bench" / "run.py"
ROWS = 4000


def test_the_cases_of_an_import_run_on_few_rows(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(RUN), f"--rows={ROWS}", "--meters=2", "--readings=8000", "--points=2"),
            *(f"--directory={tmp_path}", "--only", "prepare", "raw", "import"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = {
        name: json.loads(told)
        for name, told in (line.split(": ", 1) for line in done.stderr.splitlines() if ": {" in line)
    }
    assert figures["import"]["rows"] == figures["raw"]["rows"] == ROWS
    assert {"hash", "read", "archive", "commit", "rollup"} <= set(figures["import"])
