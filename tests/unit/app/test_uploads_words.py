"""What a page says of an upload speaks to who reads pages."""

import pytest

from bilanz.app.upload.terms import UploadTerms
from bilanz.app.upload.uploads import shown_name
from bilanz.app.web.remedies import refusal, remedy, unsaid
from bilanz.errors import UnitError, UnknownName, UsageError
from bilanz.issues import Issue
from bilanz.kinds import CATALOGUE


def test_no_remedy_speaks_of_the_command_line() -> None:
    never_in_an_upload = {"overlap", "masterdata_differs"}
    assert set(unsaid()) <= never_in_an_upload


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_remedy_can_be_said_in_both_languages(code: str) -> None:
    issue = Issue(code, column="Menge", value="x")
    german = remedy(issue, "de")
    assert german
    assert "unten" not in german  # a page without a form shows it, too
    assert remedy(issue, "en")


def test_a_refusal_names_no_option() -> None:
    message = "{file}: more than one importer claims this file ({candidates}). Name one with --importer."
    said = refusal("several_importers", message, {"file": "a.csv", "candidates": "x"}, "en")
    assert said == "a.csv: several kinds of file fit. Choose one of them below."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Daten\\Zähler.csv", "Zähler.csv"),
        ("pass\u202ew\x07d.csv", "passwd.csv"),
        ("a\u200b\n.csv", "a.csv"),
        ("...", "file-1"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ('<b>"a"</b>.csv', "b_.csv"),
    ],
)
def test_a_name_is_shown_without_what_leads_elsewhere_or_is_not_seen(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"importer": "nothing"}, UnknownName),
        ({"zone": "Mars/Base"}, UnknownName),
        ({"unit": "kWj"}, UnitError),
        ({"first": "2024-01-01"}, UsageError),
        ({"first": "2024-02-01", "last": "2024-01-01"}, UsageError),
        ({"source": "x" * 201}, UsageError),
    ],
)
def test_terms_that_cannot_be(told: dict[str, str], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        UploadTerms.of(told).check()


def test_terms_that_are_none() -> None:
    with pytest.raises(UsageError, match="first"):
        UploadTerms.of({"first": "yesterday"})
    with pytest.raises(UsageError, match="colour"):
        UploadTerms.of({"colour": "red"})


def test_terms_become_those_of_an_import() -> None:
    told = {"unit": "kWh", "first": "2024-01-01", "last": "2024-12-31", "formats": {"Menge": "1.234,56"}}
    request = UploadTerms.of(told).request("Europe/Berlin")
    assert request.declared == {"Menge": "1.234,56", "unit": "kWh"}
    assert [f"{at:%Y-%m-%dT%H}" for at in request.period or ()] == ["2023-12-31T23", "2024-12-31T23"]
