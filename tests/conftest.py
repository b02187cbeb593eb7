"""Options and surroundings of all tests."""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # no test asserts a time
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="rewrite the golden files; read the diff")
    parser.addoption("--tour-update", action="store_true", help="make the pictures of the guided tour anew")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are English and no data directory of the machine is used, whatever the environment says."""
    for name in ("DATA", "REGISTRY_URL", "ZONE", "REGION", "USER", "WAIT", "ENEFG"):
        monkeypatch.delenv(f"BILANZ_{name}", raising=False)
    monkeypatch.setenv("BILANZ_LANG", "en")
