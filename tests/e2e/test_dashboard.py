"""The dashboard in a real browser: charts drawn, tables with the result's numbers, no request to anyone."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from unit.reports.synthetic import BOOKS, empty_result, full_result

from bilanz.app.output.reporting import render
from reports import numbers
from reports.base import Wording, sections_found
from reports.totals import scope_of, total_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the dashboard is not looked at")

# What a page asks for carries this annotation in Chromium's log ("blink_resource_loader"); the browser's own
# calls home (updates, time, dictionaries) carry others. A control below shows that it is still so.
ASKED_BY_PAGE = re.compile(r'"traffic_annotation":101845102,"url":"([^"]+)"')

# A page of ours beside the dashboard measures it from outside: its own policy forbids any script but its own.
PROBE = """<!doctype html><meta charset="utf-8"><body><pre id="measured">[]</pre>
<iframe id="w390" src="{name}" style="width:390px;height:900px;border:0"></iframe>
<iframe id="w1280" src="{name}" style="width:1280px;height:900px;border:0"></iframe>
<script>
function measure(id) {{
  var view = document.getElementById(id).contentWindow, page = view.document;
  var text = function (cell) {{ return cell.textContent; }};
  var all = function (selector, of) {{ return Array.from((of || page).querySelectorAll(selector)); }};
  return {{
    id: id,
    width: page.documentElement.clientWidth,
    needed: page.documentElement.scrollWidth,
    charts: all(".chart").map(function (box) {{
      var svg = box.querySelector(".main-svg");
      return {{
        id: box.dataset.figure,
        drawn: Boolean(svg),
        width: svg ? svg.getBoundingClientRect().width : 0,
        room: box.clientWidth,
        marks: all(
          ".bars .point path, .scatterlayer .trace path.point, .treemaplayer .slice, .sankey-node, .hm image",
          box
        ).length
      }};
    }}),
    open: all("details").map(function (details) {{ return details.open; }}),
    tables: all("table").reduce(function (found, table) {{
      found[table.id] = all("tbody tr", table).map(function (row) {{
        return Array.from(row.cells).map(text);
      }});
      return found;
    }}, {{}}),
    requests: view.performance.getEntriesByType("resource").map(function (entry) {{ return entry.name; }})
  }};
}}
window.addEventListener("load", function () {{
  setTimeout(function () {{
    document.getElementById("measured").textContent = JSON.stringify(["w390", "w1280"].map(measure));
  }}, 500);
}});
</script></body>"""


@dataclass(frozen=True)
class Seen:
    """What one visit left behind: measurements per width, messages of the console, what pages asked for."""

    narrow: dict[str, Any]
    wide: dict[str, Any]
    console: list[str]
    asked: set[str]


def browse(page: Path, work: Path) -> tuple[str, str, set[str]]:
    """Open a file: the document after its scripts, the messages, the addresses its pages asked for."""
    log = work / "net.json"
    options = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
        *(
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-dev-shm-usage",
        ),
        *(
            "--allow-file-access-from-files",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
        ),
        *(f"--user-data-dir={work / 'profile'}", f"--log-net-log={log}", "--virtual-time-budget=8000"),
    ]
    command = [str(CHROMIUM), *options, "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    return done.stdout, done.stderr, set(ASKED_BY_PAGE.findall(log.read_text(encoding="utf-8")))


def visit(page: Path, work: Path) -> Seen:
    """Measure a dashboard at two widths."""
    probe = page.with_suffix(".probe.html")
    probe.write_text(PROBE.format(name=page.name), encoding="utf-8")
    document, messages, asked = browse(probe, work)
    measured = re.search(r'<pre id="measured">(.*?)</pre>', document, flags=re.DOTALL)
    assert measured is not None
    narrow, wide = json.loads(unescape(measured.group(1)))
    return Seen(narrow, wide, [line for line in messages.splitlines() if "CONSOLE" in line], asked)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    work = tmp_path_factory.mktemp("dashboard")
    return visit(render(full_result(), "de", work / "bilanz.html", title="Musterhafen (Beispiel)"), work)


def test_every_chart_is_drawn_with_its_marks(seen: Seen) -> None:
    figures = {
        panel.identifier
        for section in sections_found()
        for panel in section.panels(full_result(), Wording("de"))
        if panel.figure is not None
    }
    for view in (seen.narrow, seen.wide):
        assert {chart["id"] for chart in view["charts"]} == figures
        for chart in view["charts"]:
            is_left_out = view is seen.narrow and chart["id"].startswith("flows-")
            assert chart["drawn"] is not is_left_out, chart
            assert is_left_out or chart["marks"] > 0, chart


def test_tables_hold_the_numbers_of_the_result(seen: Seen) -> None:
    result = full_result()
    shown = seen.wide["tables"]["table-headline-totals"]
    assert len(shown) == len(BOOKS)
    for row, book in zip(shown, BOOKS, strict=True):
        parts = [scope_of(result.lines, book, scope) for scope in ("1", "2", "3")]
        expected = [numbers.thousandth(value, "de") for value in (*parts, total_of(result.lines, book))]
        assert row[1:5] == expected
    months = seen.wide["tables"]["table-months-emissions"]
    assert months[4][:2] == ["Mai 2025", numbers.thousandth(Decimal(84_000), "de")]
    files = seen.wide["tables"]["table-sources-files"]
    assert sorted(row[0] for row in files) == sorted(result.batches["file"].to_list())


def test_tables_beside_charts_are_closed_once_the_charts_are_there(seen: Seen) -> None:
    assert len(seen.wide["open"]) == len(seen.wide["charts"])
    assert not any(seen.wide["open"])
    assert seen.narrow["open"] == [not chart["drawn"] for chart in seen.narrow["charts"]]


def test_a_phone_needs_no_sideways_scrolling(seen: Seen) -> None:
    assert seen.narrow["width"] <= 390
    assert seen.wide["width"] > 1200
    for view in (seen.narrow, seen.wide):
        assert view["needed"] <= view["width"], view["id"]
        for chart in view["charts"]:
            assert chart["width"] <= chart["room"] + 1, chart


def test_nothing_leaves_the_machine_and_nothing_is_blocked(seen: Seen) -> None:
    assert seen.console == []
    for view in (seen.narrow, seen.wide):
        assert view["requests"] == []
    assert {address for address in seen.asked if not address.startswith(("file:", "data:"))} == set()


def test_a_request_of_a_page_would_have_been_seen(tmp_path: Path) -> None:
    page = tmp_path / "control.html"
    page.write_text('<!doctype html><img src="http://city.invalid/pixel.png">', encoding="utf-8")
    assert browse(page, tmp_path)[2] == {"http://city.invalid/pixel.png"}


def test_a_year_without_data_is_a_page_without_charts(tmp_path: Path) -> None:
    found = visit(render(empty_result(), "en", tmp_path / "empty.html"), tmp_path)
    assert found.console == []
    assert found.narrow["charts"] == []
    assert found.narrow["needed"] <= found.narrow["width"]
