"""Every text of the dashboard is there in German, and every placeholder survives the translation."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from bilanz.factor import Evidence, Grade
from bilanz.records import Direction, Quality, Role
from reports import names, reasons

ROOT = Path(__file__).parents[3]
GERMAN = ROOT / "bilanz" / "locale" / "de"
PO = GERMAN / "reports.po"
TABLES = (
    names.BOOKS,
    names.SCOPES,
    names.CATEGORIES,
    names.GRADES,
    names.QUALITIES,
    names.EVIDENCE,
    names.DIRECTIONS,
    names.ROLES,
    names.SUPERSEDED,
    names.ASSUMPTIONS,
    names.CHAINS,
    names.INSTRUMENTS,
)


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("translate", "UsageError"):
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                yield argument.value


def in_template(path: Path) -> Iterator[str]:
    for call in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Call):
        if getattr(call.node, "name", "") == "say":
            yield call.args[0].value  # type: ignore[attr-defined]


def templates() -> set[str]:
    files = [*(ROOT / "reports").rglob("*.py"), ROOT / "bilanz" / "app" / "output" / "reporting.py"]
    found = {text for path in files for text in in_python(path)}
    for page in sorted((ROOT / "reports").glob("*.jinja")):
        found |= set(in_template(page))
    found |= {text for table in TABLES for text in table.values()}
    found |= {text for entry in reasons.REASONS.values() for text in (entry.short, entry.text, entry.remedy)}
    return found


def german(*files: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in files:
        with path.open("rb") as stream:
            messages = [message for message in read_po(stream, locale="de") if message.id]
        found |= {str(message.id): str(message.string) for message in messages}
    return found


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_is_translated() -> None:
    wanted = templates()
    assert len(wanted) > 200
    assert sorted(wanted - set(german(*GERMAN.glob("*.po")))) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(german(PO)) - templates()) == []


def test_placeholders_agree() -> None:
    wrong = [text for text, translated in german(PO).items() if fields(text) != fields(translated)]
    assert wrong == []


def test_every_code_of_the_core_has_a_name() -> None:
    assert set(names.GRADES) == {grade.value for grade in Grade}
    assert set(names.EVIDENCE) == {evidence.value for evidence in Evidence}
    assert set(names.ROLES) == {role.value for role in Role}
    assert set(names.DIRECTIONS) == {direction.value for direction in Direction}
    assert set(names.QUALITIES) == {quality.value for quality in Quality}


def test_an_unknown_code_is_shown_and_a_missing_one_is_said() -> None:
    assert names.book("eigenes_buch", "de") == "eigenes_buch"
    assert names.book(None, "de") == "alle Bücher"
    assert names.scope(None, "de") == "keine Angabe"
    assert reasons.reason("quite_new", "de").short == "quite_new"
    assert reasons.reason("instalment", "de").short == "Abschlag ohne Schlussrechnung"


def test_potentials_name_their_books_where_they_differ() -> None:
    assert names.potentials("bisko: AR6, ghgp_market: AR6", "de") == "AR6"
    assert names.potentials("bisko: AR5, ghgp_market: AR6", "en") == (
        "Municipal facilities by the BISKO method: AR5; GHG Protocol, market-based: AR6"
    )
    assert names.potentials("AR6", "de") == "AR6"
