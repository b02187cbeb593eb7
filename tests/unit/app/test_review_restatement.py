"""A restatement that is only looked at: what a job keeps of it, and what a page makes of that."""

from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from bilanz.app.period import yearwork
from bilanz.app.period.view import looked_at
from bilanz.app.queue import Work
from bilanz.app.settings import Settings
from bilanz.job import Job
from bilanz.registry.engine import open_registry


def line(effect: str, *, is_counted: bool = True) -> dict[str, object]:
    return {"effect_kg": effect, "is_counted": is_counted, "month": date(2024, 5, 1)}


def test_only_lines_that_count_in_a_total_are_told_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"number": None, "books": [], "lines": [line("1"), line("-9"), line("50", is_counted=False)]}
    monkeypatch.setattr(yearwork, "restate", lambda *_, **__: SimpleNamespace(as_json=lambda: found))
    job = Job(
        kind="restate", organisation="works", subject="2024", parameters={"year": 2024, "dry_run": True}
    )
    settings = Settings(data=tmp_path)
    with closing(open_registry(settings.registry)) as registry:
        kept = yearwork.restated(Work(settings, registry, job, progress=lambda _share: None))
    seen = looked_at(dict(kept), "clara", "2025-01-01", 1)
    assert seen.count == 2
    assert [one["effect_kg"] for one in seen.lines] == [Decimal(-9)]
