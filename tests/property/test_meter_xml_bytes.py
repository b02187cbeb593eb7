"""Whatever happens to a message on its way, it is read and counted in full, or refused."""

import re
import tempfile
from pathlib import Path

import pytest
from golden.standard.comparison import workspace
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from importers.base import FileSample, Importer, ImportRequest
from importers.eda import Eda
from importers.esl import Esl
from importers.green_button import GreenButton
from importers.sdat import Sdat

EVERY: tuple[Importer, ...] = (Eda(), Esl(), GreenButton(), Sdat())
GOLDEN = Path(__file__).parents[1] / "golden"
FILES = {one.name: [path.read_bytes() for path in sorted((GOLDEN / one.name).glob("*.xml"))] for one in EVERY}
TOKENS = st.sampled_from(
    [
        *("0", "-1", "1e9", "99999999999999999999", "NaN", "1,5", "21", "12", "3", "72", "4294967296"),
        *("KWH", "D", "P1D", "PT0M", "1-1:1.8.0", "1&#0;", "&amp;", "<x/>", "<![CDATA[7]]>"),
        *("2024-13-01", "2024-03-31T02:30:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ]
)
INSIDE = re.compile(rb'>[^<>]*<|="[^"]*"')
REQUESTS = st.sampled_from(
    [
        ImportRequest(),
        ImportRequest(declared={"unit": "kWh", "factor": "1.5"}),
        ImportRequest(zone="America/New_York", unit="kW", source="M1", activity="natural_gas"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    data = draw(st.sampled_from(FILES[name]))
    for _ in range(draw(st.integers(1, 4))):
        places = list(INSIDE.finditer(data))
        if not places:
            break
        place = places[draw(st.integers(0, len(places) - 1))]
        text = draw(TOKENS).encode()
        kept = b"" if draw(st.booleans()) else place.group()[1:-1]
        data = data[: place.start() + 1] + kept + text + data[place.end() - 1 :]
        if draw(st.integers(0, 9)) == 0:
            data = data[: draw(st.integers(0, len(data)))]
    return data


@pytest.mark.parametrize("importer", EVERY, ids=lambda one: one.name)
@settings(max_examples=40)
@given(data=st.data())
def test_every_value_of_a_damaged_message_is_counted_or_the_message_refused(
    importer: Importer, data: st.DataObject
) -> None:
    content, request = data.draw(mutated(importer.name)), data.draw(REQUESTS)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "message.xml"
        path.write_bytes(content)
        importer.identify(FileSample.of(path))
        try:
            result = importer.read(path, request, workspace(Path(directory)))
        except FileRefused:
            return
    result.check()
    assert result.issues.height or not (result.rejected or result.ignored)
