"""What docs/security.md names is there, and no requirement of levels 1 and 2 is passed over."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
TEXT: Final = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

REQUIRED: Final = """
1.1 1-2 | 1.2 1-9 | 1.3 1-11 | 1.4 1-3 | 1.5 1-2
2.1 1-3 | 2.2 1-3 | 2.3 1-4 | 2.4 1-1
3.2 1-2 | 3.3 1-4 | 3.4 1-6 | 3.5 1-5 | 3.7 1-2
4.1 1-3 | 4.2 1-1 | 4.3 1-2 | 4.4 1-4
5.1 1-1 | 5.2 1-3 | 5.3 1-2 | 5.4 1-3
6.1 1-3 | 6.2 1-12 | 6.3 1-4 | 6.4 1-4 | 6.5 1-5 | 6.6 1-3 | 6.8 1-4
7.1 1-3 | 7.2 1-4 | 7.3 1-2 | 7.4 1-5 | 7.5 1-2 | 7.6 1-2
8.1 1-2 | 8.2 1-3 | 8.3 1-1 | 8.4 1-1
9.1 1-3 | 9.2 1-4
10.1 1-2 | 10.2 1-2 | 10.3 1-4 | 10.4 1-11 | 10.5 1-5 | 10.6 1-2 | 10.7 1-3
11.1 1-2 | 11.2 1-3 | 11.3 1-3 | 11.4 1-4 | 11.5 1-1 | 11.6 1-1
12.1 1-3 | 12.2 1-2 | 12.3 1-4
13.1 1-1 | 13.2 1-5 | 13.3 1-2 | 13.4 1-5
14.1 1-2 | 14.2 1-4 | 14.3 1-3
15.1 1-3 | 15.2 1-3 | 15.3 1-7
16.1 1-1 | 16.2 1-5 | 16.3 1-4 | 16.4 1-3 | 16.5 1-3
"""
"""Sections of ASVS 5.0.0 and which of their requirements are of level 1 or 2."""

PACKAGES: Final = ("importers", "reports", "factors")


def required() -> list[str]:
    """Return the numbers of the requirements, in order."""
    found = []
    for part in REQUIRED.replace("\n", " | ").split(" | "):
        if part.strip():
            section, span = part.split()
            first, last = map(int, span.split("-"))
            found += [f"{section}.{number}" for number in range(first, last + 1)]
    return found


def test_no_requirement_is_passed_over_and_none_stands_twice() -> None:
    chapters = TEXT.partition("## ASVS 5.0.0")[2].partition("## What the operator does")[0]
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \|", chapters, flags=re.MULTILINE)
    others = re.findall(r"Not applicable: (.*?)\n\n", chapters, flags=re.DOTALL)
    passed = [number for text in others for number in re.findall(r"\b\d+\.\d+\.\d+\b", text)]
    assert len(required()) > 200
    assert sorted([*rows, *passed]) == sorted(required())
    assert rows == [number for number in required() if number in rows]


def test_every_test_and_module_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}
    assert len(named) > 100
    assert sorted(named - there) == []
    modules = set(re.findall(r"`([a-z]+(?:\.[a-z_]+)+)`", TEXT))
    missing = [name for name in modules if not (name.endswith(FILES) or is_module(name))]
    assert sorted(missing) == []


FILES: Final = (".md", ".py", ".txt", ".json", ".key", ".log", ".duckdb")


def is_module(name: str) -> bool:
    """Tell whether a name, without the leading `bilanz.`, is that of a module or package."""
    full = name if name.startswith(PACKAGES) else f"bilanz.{name}"
    place = ROOT / full.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def test_every_claim_has_a_test_or_says_that_there_is_none() -> None:
    rows = re.findall(r"^\| \d+\.\d+\.\d+ \|(.*)\|(.*)\|$", TEXT, flags=re.MULTILINE)
    assert len(rows) > 100
    for how, shown in rows:
        assert how.strip()
        assert shown.strip() == "–" or "`test_" in shown, how
