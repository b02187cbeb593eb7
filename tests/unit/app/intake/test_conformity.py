"""`bilanz check`: what conforms, what does not and why; signatures; the report fits its schema."""

import json
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from bilanz.app.cli import app
from bilanz.app.intake.conformity import Report, check
from bilanz.errors import UsageError

SCHEMA = json.loads(
    (Path(__file__).parents[4] / "docs" / "delivery" / "report.schema.json").read_text(encoding="utf-8")
)
HEADER = "source;activity;start;end;quantity;unit;quality"
ROWS = ("Z1;electricity;2024-01-01;2024-01-31;10.5;kWh;billed", "V1;diesel;2024-01-03;2024-01-03;40;l;billed")
SUMS = "bilanz: sums;kWh=10.5;l=40;records=2"


def delivered(directory: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = directory / "delivery.csv"
    path.write_text("\n".join([*lines, ""]), encoding=encoding)
    return path


def verdicts(report: Report) -> dict[str, bool | None]:
    jsonschema.validate(json.loads(json.dumps(report.as_json())), SCHEMA)
    return {test.code: test.passed for test in report.tests}


def test_records_that_state_everything_conform(tmp_path: Path) -> None:
    report = check(delivered(tmp_path, SUMS, HEADER, *ROWS), language="en")
    assert report.conforms
    assert verdicts(report) == {
        "form": True,
        "encoding": True,
        "records": True,
        "complete": True,
        "sources": True,
        "control_sums": True,
        "signature": None,
    }


def test_interval_values_that_state_everything_conform_in_german(tmp_path: Path) -> None:
    rows = [
        f"2024-01-01T{hour:02}:00+01:00;2024-01-01T{hour + 1:02}:00+01:00;DE0001;1-1:1.29.0;1,5;kWh;gemessen"
        for hour in range(20)
    ]
    header = "Beginn;Ende;Zählpunkt;OBIS;Wert;Einheit;Status"
    path = delivered(tmp_path, "bilanz: Summen;kWh=30;Datensätze=20", header, *rows)
    assert check(path, language="de").conforms


@pytest.mark.parametrize(
    ("lines", "failed"),
    [
        ((HEADER, *ROWS), {"control_sums"}),
        ((SUMS.replace("10.5", "11"), HEADER, *ROWS), {"control_sums"}),
        ((SUMS.replace("records=2", "records=3"), HEADER, *ROWS), {"control_sums"}),
        ((SUMS.replace("l=40", "litres of fuel=40"), HEADER, *ROWS), {"control_sums"}),
        ((SUMS, HEADER, ROWS[0], ROWS[1].replace("40;l", "x;l")), {"records", "control_sums"}),
        ((SUMS, HEADER, *(row.replace(";billed", ";") for row in ROWS)), {"complete"}),
        ((SUMS, HEADER, *(row.replace("Z1", "").replace("V1", "") for row in ROWS)), {"sources"}),
        (("a;b", "1;2"), {"form"}),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, lines: tuple[str, ...], failed: set[str]) -> None:
    report = check(delivered(tmp_path, *lines), language="en")
    assert {code for code, passed in verdicts(report).items() if passed is False} == failed
    assert not report.conforms


def test_another_encoding_does_not_conform(tmp_path: Path) -> None:
    lines = (SUMS, HEADER, ROWS[0].replace("Z1", "Zähler"), ROWS[1])
    assert verdicts(check(delivered(tmp_path, *lines, encoding="cp1252"), language="en"))["encoding"] is False


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_a_signature_is_tested_where_a_key_is_given(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    path, public = delivered(tmp_path, SUMS, HEADER, *ROWS), tmp_path / "public.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert verdicts(check(path, language="en", key=public))["signature"] is False
    signature = path.with_name("delivery.csv.sig")
    signature.write_bytes(key.sign(path.read_bytes()))
    assert verdicts(check(path, language="en", key=public))["signature"] is True
    path.write_bytes(path.read_bytes().replace(b"10.5", b"10.6"))
    assert verdicts(check(path, language="en", key=public))["signature"] is False


def test_a_key_that_is_none_is_an_error_of_usage(tmp_path: Path) -> None:
    path = delivered(tmp_path, SUMS, HEADER, *ROWS)
    with pytest.raises(UsageError, match="no Ed25519 public key"):
        check(path, language="en", key=path)


def test_the_command_needs_no_data_directory_and_exits_by_the_verdict(tmp_path: Path) -> None:
    run = CliRunner()
    path = delivered(tmp_path, SUMS, HEADER, *ROWS)
    good = run.invoke(app, ["check", str(path), "--json"])
    assert (good.exit_code, json.loads(good.output)["conforms"]) == (0, True)
    bad = run.invoke(app, ["check", str(delivered(tmp_path, HEADER, *ROWS)), "--lang", "de"])
    assert bad.exit_code == 1
    assert "Die Lieferung nennt keine Kontrollsummen." in bad.output
    assert [file.name for file in tmp_path.iterdir()] == ["delivery.csv"]
