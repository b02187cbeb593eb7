"""Everything a user reads has a German text with the same placeholders."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from bilanz import errors
from bilanz.app.cli.output import table
from bilanz.app.intake.summary import REJECT_COLUMNS
from bilanz.issues import Issue, text
from bilanz.kinds import CATALOGUE
from bilanz.messages import catalogue, default_language, heading, translate
from factors.base import catalogue as factor_catalogue

ROOT = Path(__file__).parents[2]
PACKAGES = ("bilanz", "factors", "importers", "reports")
EXCEPTIONS = {
    name
    for name, value in vars(errors).items()
    # A CatalogueError speaks to whoever maintains a factor table, in the language of the code.
    if isinstance(value, type) and issubclass(value, errors.BilanzError) and name != "CatalogueError"
}
TRANSLATORS = dict.fromkeys({"translate", *EXCEPTIONS}, 0) | {"Claim": 1}
"""Name of a call → position of its template."""


def placeholders(template: str) -> Counter[str]:
    return Counter({name for _, name, _, _ in Formatter().parse(template) if name})


def templates(path: Path) -> Iterator[str]:
    """Yield the literal first arguments of calls that end in a translation, also through a local name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # The command line has a short name of its own for help texts, the board's page one for headers.
    short = {"cli": {"text": 0}, "board": {"say": 0}}
    known = TRANSLATORS | short.get(path.parent.name, {})
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in (tree, *functions):
        named: dict[str, set[str]] = {}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, set()).update(literals(node.value))
        for node in ast.walk(scope):
            if not isinstance(node, ast.Call) or len(node.args) <= known.get(called(node), len(node.args)):
                continue
            first = node.args[known[called(node)]]
            if not isinstance(first, ast.Name):
                yield from literals(first)
            elif scope is not tree:  # the same name in two functions is two names
                yield from named.get(first.id, set())


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def literals(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return set()


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_issue_has_a_german_text_and_remedy_with_the_same_placeholders(code: str) -> None:
    german = catalogue("de")
    for template in (CATALOGUE[code].text, CATALOGUE[code].remedy):
        assert template in german, f"bilanz/locale/de/*.po lack: {template}"
        assert placeholders(german[template]) == placeholders(template)
    # A remedy is shown once for many rows: it cannot speak of one of them.
    assert set(placeholders(CATALOGUE[code].remedy)) <= {"column", "value"}


def test_every_literal_that_is_translated_has_a_german_text() -> None:
    german = catalogue("de")
    found = {template: path for path in sources() for template in templates(path)}
    assert len(found) > 50
    missing = {
        f"{path.relative_to(ROOT)}: {template}" for template, path in found.items() if template not in german
    }
    assert not missing, "\n".join(sorted(missing))


def test_every_german_text_keeps_the_placeholders_of_its_template() -> None:
    german = catalogue("de")
    assert len(german) > 100
    changed = {
        template: text_ for template, text_ in german.items() if placeholders(template) != placeholders(text_)
    }
    assert not changed


def test_no_template_has_two_german_texts() -> None:
    """Files are read in the order of their names; two texts would make the order decide."""
    texts: dict[str, tuple[str, str]] = {}
    files = sorted((ROOT / "bilanz" / "locale" / "de").glob("*.po"))
    assert files
    for path in files:
        with path.open("rb") as stream:
            for message in read_po(stream, locale="de"):
                if message.id:
                    entry = (str(message.string), path.name)
                    first = texts.setdefault(str(message.id), entry)
                    assert first[0] == entry[0], f"{message.id!r}: {first} and {entry}"


def test_the_house_wording_says_where_what_what_was_expected_and_what_happens_now() -> None:
    issue = Issue("not_a_number", 118, "Verbrauch", "1.234,5O", {"expected": "1.234,56"})
    assert text(issue, "de", file="lastgang.csv") == (
        "lastgang.csv, Zeile 118, Spalte „Verbrauch“: „1.234,5O“ ist keine Zahl (erwartet: 1.234,56). "
        "Die Zeile wurde nicht übernommen."
    )
    assert text(issue, "en", file="lastgang.csv") == (
        'lastgang.csv, row 118, column "Verbrauch": "1.234,5O" is not a number (1.234,56 expected). '
        "The row was not imported."
    )


def test_an_untranslated_template_stays_english_and_is_still_filled_in() -> None:
    assert translate("no such text: {value}", "de", value=3) == "no such text: 3"


@pytest.mark.parametrize(
    ("asked", "lang", "expected"),
    [(None, "de_DE.UTF-8", "de"), (None, "C.UTF-8", "en"), ("en", "de_DE.UTF-8", "en"), ("DE", None, "de")],
)
def test_the_language_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, lang: str | None, expected: str
) -> None:
    for name, value in (("BILANZ_LANG", asked), ("LANG", lang)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert default_language() == expected


def test_the_columns_of_the_catalogue_and_of_rejects_have_german_headings() -> None:
    known = factor_catalogue()
    printed = {*known.factors.columns, *known.prices.columns, *known.degree_days.columns, *REJECT_COLUMNS}
    german = catalogue("de")
    assert not [name for name in sorted(printed) if f"heading: {name}" not in german]


def test_every_german_heading_is_another_word() -> None:
    """Two columns of one name could not be told apart in a table."""
    known = factor_catalogue()
    for frame in (known.factors, known.prices, known.degree_days, known.indices):
        titles = [heading(name, "de") for name in frame.columns]
        assert len(titles) == len(set(titles))


def test_a_heading_is_translated_and_a_word_of_a_users_file_is_not() -> None:
    assert heading("value", "de") == "Wert"
    assert heading("value", "en") == "value"
    assert heading("no_such_column", "de") == "no_such_column"
    assert translate("value", "de") == "value"


def test_a_table_is_written_in_the_language_of_its_reader() -> None:
    rows = [["natural_gas", True, None], ["wood", False, "0.2"]]
    assert table(["activity", "is_covered", "value"], rows, "de") == [
        "Aktivität    gedeckt  Wert",
        "───────────  ───────  ────",
        "natural_gas  ja",
        "wood         nein     0.2",
    ]
    assert table(["activity", "is_covered", "value"], rows, "en")[2] == "natural_gas  yes"
