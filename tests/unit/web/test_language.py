"""Everything a page says is German for who reads German."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import web
from jinja2 import Environment, nodes

from bilanz import trail
from bilanz.app.queue import DEFECT
from bilanz.app.web import problems, views
from bilanz.app.web.jobs import STATES, TITLES
from bilanz.messages import catalogue

WEB = Path(views.__file__).parent
TECHNICAL = re.compile(
    r"[^A-Z]*$"  # names, paths, media types, words of addresses
    r"|[A-Z][A-Za-z0-9-]*:? ?$"  # one capitalised word: checked where it is shown by `say`
    r"|[a-z-]+=|[A-Z0-9]+\b"  # headers, algorithms
)


def said(path: Path) -> Iterator[str]:
    """Yield what a template says."""
    for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            yield from literals(call.args[0])


def literals(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, nodes.CondExpr):
        yield from literals(node.expr1)
        if node.expr2 is not None:
            yield from literals(node.expr2)


def constants(path: Path) -> Iterator[str]:
    """Yield the sentences among the constants of a module, which are translated by their name."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for part in ast.walk(node.value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_everything_a_template_says_has_a_german_text() -> None:
    german = catalogue("de")
    found = [(path.name, text) for path in sorted(views.TEMPLATES.glob("*.jinja")) for text in said(path)]
    assert len(found) > 150
    missing = sorted({f"{name}: {text}" for name, text in found if text not in german})
    assert not missing, "\n".join(missing)


FOR_PROGRAMS = frozenset({"metrics.py"})
"""Modules whose sentences no person reads on a page."""


def test_the_sentences_among_constants_have_a_german_text() -> None:
    german = catalogue("de")
    paths = sorted(WEB.glob("*.py")) + sorted((WEB / "pages").glob("*.py"))
    found = [(path.name, text) for path in paths if path.name not in FOR_PROGRAMS for text in constants(path)]
    sentences = [(name, text) for name, text in found if " " in text and not TECHNICAL.match(text)]
    assert len(sentences) > 30
    missing = sorted({f"{name}: {text}" for name, text in sentences if text not in german})
    assert not missing, "\n".join(missing)


def test_what_is_named_by_tables_has_a_german_text() -> None:
    german = catalogue("de")
    texts = [
        *(entry.title for entry in views.NAVIGATION),
        *(entry.about for entry in views.NAVIGATION if entry.about),
        *problems._TITLES.values(),  # noqa: SLF001 - what pages are named by
        *problems._DETAILS.values(),  # noqa: SLF001 - likewise
        *STATES.values(),
        *TITLES.values(),
        *trail.ACTIONS.values(),
        DEFECT,
    ]
    assert not [text for text in texts if text not in german]


def test_a_text_that_lacks_german_is_found(tmp_path: Path) -> None:
    template = tmp_path / "new.html.jinja"
    template.write_text('{{ say("A new one" if x else "Another") }}{{ part.f(say("Third {n}", n=1)) }}')
    assert list(said(template)) == ["A new one", "Another", "Third {n}"]
    module = tmp_path / "new.py"
    module.write_text('X: Final = {"a": "Not known yet"}\n')
    assert "Not known yet" in list(constants(module))


def test_placeholders_of_templates_are_stated() -> None:
    """`say` fills a text in only where something is stated: a forgotten one would be shown as it is."""
    paths = sorted(views.TEMPLATES.glob("*.jinja"))
    assert len(paths) > 30
    for path in paths:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name != "say":
                continue
            stated = {one.key for one in call.kwargs}
            for text in literals(call.args[0]):
                assert {name for _, name, _, _ in Formatter().parse(text) if name} == stated, (path, text)


def test_pages_are_german_where_german_was_chosen(site: web.Site) -> None:
    adam = site.as_("adam")
    adam.get("/language?to=de")
    for path, text in (
        ("/", "Angemeldet als Adam."),
        ("/users", "Wer sich anmelden darf"),
        ("/users/new", "Benutzer anlegen"),
        ("/account", "Wo Sie angemeldet sind"),
        ("/account/factor", "Das Geheimnis als Text"),
        ("/trail", "Wer was wann und warum getan hat"),
        ("/trail/check", "Jedes Glied der Kette hält"),
    ):
        page = adam.get(path)
        assert text in page
        assert '<html lang="de"' in page
    assert "Unter dieser Adresse gibt es nichts." in adam.get("/nothing-here", status=404)


def test_a_language_that_is_not_there_changes_nothing(site: web.Site) -> None:
    visitor = site.visitor()
    visitor.get("/language?to=fr")
    assert '<html lang="en"' in visitor.get("/login")
    visitor.client.headers["accept-language"] = "fr"
    assert '<html lang="de"' in visitor.get("/login")
