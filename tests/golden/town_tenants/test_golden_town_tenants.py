from pathlib import Path

import pytest
from golden.town_forms import cases, check

from importers.town_tenants import TenantShares

CASES = cases("town_tenants")


def test_there_are_clean_and_dirty_cases() -> None:
    assert any("clean" in case for case in CASES)
    assert any("dirty" in case for case in CASES)


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    check(TenantShares(), case, tmp_path, update=update)
