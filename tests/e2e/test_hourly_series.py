"""From a file of generation and a file of readings to two books side by side, through the command line."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
BILANZ = str(Path(sys.executable).with_name("bilanz"))
BERLIN = ZoneInfo("Europe/Berlin")
FUELS = """\
production_type,g_per_kwh,gas,chain,gwp,source,locator,licence,evidence
Steinkohle,800,CO2,direct,,erfunden,Zeile 1,keine,custom
Photovoltaik,0,CO2,direct,,erfunden,Zeile 2,keine,custom
"""


def called(*arguments: str, data: Path, code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": "de", "BILANZ_DATA": str(data)}
    done = subprocess.run(
        [BILANZ, *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def schema(name: str) -> dict[str, Any]:
    """Return a JSON schema of docs/cli.md."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- schema: {name} -->\n```json\n(.*?)```", text, flags=re.DOTALL)
    assert found is not None
    body: dict[str, Any] = json.loads(found[1])
    return body


def local(hour: int) -> datetime:
    """Return local time of an hour of June 2024."""
    return (datetime(2024, 5, 31, 22, tzinfo=UTC) + timedelta(hours=hour)).astimezone(BERLIN)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a data directory with June's readings and June's generation, and the answer of the latter."""
    folder = tmp_path_factory.mktemp("town")
    data = folder / "data"
    called("organisation", "add", "town", "--name", "Stadt", "--kind", "municipality", data=data)
    form = "%d.%m.%Y %H:%M"
    heads = ("Datum von", "Datum bis", "Steinkohle [MWh] Berechnete Auflösungen", "Photovoltaik [MWh]")
    generated = [";".join(heads)]
    metered = ["Zählpunkt;Zeitstempel;Verbrauch (kWh)"]
    for hour in range(720):
        # at night (hours 0 to 11 of each day) coal alone, by day as much sun as coal
        sun = "1.000,00" if hour % 24 >= 12 else "0,00"
        generated.append(
            f"{local(hour):{form}};{local(hour + 1):{form}};{'-' if hour == 5 else '1.000,00'};{sun}"
        )
        metered += [
            f"DE0005626680200000000000000000001;{local(hour) + timedelta(minutes=quarter):{form}};0,25"
            for quarter in (0, 15, 30, 45)
        ]
    (folder / "fuels.csv").write_text(FUELS, encoding="utf-8")
    (folder / "smard.csv").write_text("\n".join([*generated, ""]), encoding="utf-8")
    (folder / "lastgang.csv").write_text("\n".join([*metered, ""]), encoding="utf-8")
    called("import", str(folder / "lastgang.csv"), "--org", "town", data=data)
    answer = called(
        *("factors", "series", "import", str(folder / "smard.csv"), "--name", "smard_2024", "--region", "DE"),
        *("--factors", str(folder / "fuels.csv"), "--source", "erfunden", "--title", "Erzeugung"),
        *("--licence", "keine"),
        data=data,
    )
    return data, answer


def test_the_series_is_listed_with_its_source(town: tuple[Path, dict[str, Any]]) -> None:
    data, answer = town
    jsonschema.validate(answer, schema("series-import"))
    assert (answer["minutes"], answer["values"], answer["missing"]) == (60, 719, 1)
    assert (answer["least"], answer["most"]) == ("400", "800")
    assert [entry["name"] for entry in called("factors", "series", "list", data=data)["series"]] == [
        "smard_2024"
    ]
    shown = called("factors", "series", "show", "smard_2024", data=data)["series"]
    assert shown["hash"] == answer["hash"]
    assert [fuel["g_per_kwh"] for fuel in shown["fuels"]] == ["800", "0"]
    missing = called("factors", "series", "show", "smard", data=data, code=2)
    assert "smard_2024" in missing["error"]["message"]


def test_two_books_stand_side_by_side(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    asked = ("--book", "hourly", "--book", "ghgp_location")
    answer = called("calculate", "--year", "2024", *asked, data=data, code=1)
    annual, hourly = answer["books"]
    assert (annual["book"], annual["is_supplementary"]) == ("ghgp_location", False)
    assert (hourly["book"], hourly["is_supplementary"]) == ("hourly", True)
    # 719 kWh: 359 hours at night without the missing one · 800 g, 360 hours by day · 400 g
    assert Decimal(hourly["co2e_kg"]) == Decimal(359 * 800 + 360 * 400) / 1000
    assert Decimal(annual["co2e_kg"]) == 720 * Decimal("0.361")  # UBA, CC 16/2026: direct CO2e of 2024
    assert answer["exceptions_by_code"] == {"hour_missing": 1}
    assert answer["coverage"]["records"] == "1/1"  # the supplementary book does not lower it


def test_the_usual_run_is_the_usual_run(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    answer = called("calculate", "--year", "2024", data=data)
    assert [book["book"] for book in answer["books"]] == ["bisko", "ghgp_location", "ghgp_market"]


def test_a_number_is_followed_back_to_the_readings(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    (line,) = called("explain", "--year", "2024", "--book", "hourly", data=data)["lines"]
    told = "\n".join(line["steps"])
    assert "719 kWh in 2876 Messwerten, jeder × Wert seiner Stunde" in told
    assert "series:smard_2024" in told
    assert "= 431,2 kg CO2e" in told  # 359 · 0.8 + 360 · 0.4
    assert "1 kWh in 4 Messwerten: Die Reihe nennt keinen Wert" in told
    assert "lastgang.csv" in told


def test_a_run_by_the_hour_is_compared_by_the_hour(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    run = called("calculate", "--year", "2024", "--book", "hourly", data=data, code=1)["run"]
    found = called("factors", "diff", "current", "current", "--run", run, data=data)["balance"]
    assert found["is_reproduced"] is True
    (book,) = found["books"]
    assert (book["book"], book["co2e_a_kg"], book["difference_kg"]) == ("hourly", "431.2", "0")


def test_the_page_shows_it_apart(town: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    data, _ = town
    asked = ("--book", "hourly", "--book", "ghgp_location")
    called("calculate", "--year", "2024", *asked, data=data, code=1)
    called("report", "--year", "2024", "--out", str(tmp_path / "page.html"), data=data)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    headline, _, rest = text.partition('id="hourly"')
    assert rest
    assert "Ergänzend: Strom nach Stunden" in rest
    cards = headline[headline.index("headline-totals") :]
    assert "Ergänzend: stündliche Netzintensität" not in cards
    assert "Die Reihe nennt keinen Wert für die Zeit des Messwerts" in rest


def test_a_page_of_the_supplementary_book_alone_has_no_headline(
    town: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    data, _ = town
    called("calculate", "--year", "2024", "--book", "hourly", data=data, code=1)
    called("report", "--year", "2024", "--out", str(tmp_path / "page.html"), data=data)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "headline-totals" not in text
    assert "Ergänzend: Strom nach Stunden" in text
