"""The bench of the league runs on few members; what it takes is asserted nowhere."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "league.py"


def test_invented_members_are_added_up(tmp_path: Path) -> None:
    """Two deliveries of twelve months, 180 kg in scope 2 each."""
    command = [sys.executable, str(BENCH), "--members=3", f"--directory={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made, found = (json.loads(line) for line in done.stdout.splitlines())
    assert found["members"] == made["members"] == 3
    assert found["rows"] == 3 * made["rows"] > 0
    assert float(found["eliminated_between_kg"]) == 2 * 12 * 180
