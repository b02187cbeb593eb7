from collections.abc import Iterator
from pathlib import Path

import pytest
import web


@pytest.fixture
def site(tmp_path: Path) -> Iterator[web.Site]:
    settings = web.settings_of(tmp_path)
    web.populate(settings)
    with web.served(settings) as found:
        yield found
