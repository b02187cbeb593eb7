from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import MASS, Result
from reports import behind, charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Tile
from reports.totals import book_column, by_book, counted, largest, organisation_name, ratio

_INDENT = "\u2003"
_ITSELF = {"reach": behind.ITSELF}


class Organisations(Section):
    """Who causes the emissions."""

    name: ClassVar[str] = "organisations"
    position: ClassVar[int] = 50

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Organisations", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return one treemap per book, each with its table."""
        language = wording.language
        lines = counted(result.lines)
        if lines.is_empty():
            return []
        own = by_book(lines, ["organisation"], result.manifest.books)
        return [
            _panel(result, own, book, language)
            for book in result.manifest.books
            if own[book_column(book)].drop_nulls().len()
        ]


@dataclass(slots=True)
class Node:
    """One organisation of the tree: its own value and everything below it (kg CO2e)."""

    code: str
    name: str
    own: Decimal | None
    total: Decimal | None = None
    weight: int = 0  # whole kg: what is drawn
    depth: int = 0
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> list["Node"]:
        """Return this node and all below, parents first."""
        return [self, *(node for child in self.children for node in child.walk())]


def tree(result: Result, own: dict[str, Decimal | None], language: Language) -> list[Node]:
    """Return the outermost organisations with values on themselves or below, the largest first.

    An organisation whose parent is unknown, or that is its own ancestor, is an outermost one.
    """
    name = organisation_name(result, language)
    parents: dict[str, str | None] = dict(result.organisations.select("organisation", "parent").iter_rows())
    codes = [*parents, *(code for code in own if code not in parents)]
    nodes = {code: Node(code, name(code), own.get(code)) for code in codes}
    roots: list[Node] = []
    for code, node in nodes.items():
        parent = parents.get(code)
        if parent is not None and parent in nodes and not _is_ancestor(code, parent, parents):
            nodes[parent].children.append(node)
        else:
            roots.append(node)
    for root in roots:
        _settle(root, 0)
    return _ordered(roots)


def _is_ancestor(code: str, of: str, parents: dict[str, str | None]) -> bool:
    """Say whether a code stands above (or is) another one: a broken tree must not become an endless loop."""
    seen: set[str] = set()
    current: str | None = of
    while current is not None and current not in seen:
        if current == code:
            return True
        seen.add(current)
        current = parents.get(current)
    return current is not None


def _settle(node: Node, depth: int) -> None:
    """Fill in depth and totals, and drop branches without any value."""
    node.depth = depth
    for child in node.children:
        _settle(child, depth + 1)
    node.children = _ordered(node.children)
    values = [value for value in (node.own, *(child.total for child in node.children)) if value is not None]
    node.total = sum(values, Decimal(0)) if values else None
    node.weight = round(node.own or 0) + sum(child.weight for child in node.children)


def _ordered(nodes: list[Node]) -> list[Node]:
    """Return the nodes that hold a value, the largest first."""
    return sorted(
        (node for node in nodes if node.total is not None), key=lambda node: (-(node.total or 0), node.code)
    )


def _panel(result: Result, own: pl.DataFrame, book: str, language: Language) -> Panel:
    """Return treemap and table of one book."""
    values = {
        code: value
        for code, value in own.select("organisation", book_column(book)).iter_rows()
        if code is not None
    }
    roots = tree(result, values, language)
    nodes = [node for root in roots for node in root.walk()]
    table = pl.DataFrame(
        [(_INDENT * node.depth + node.name, node.own, node.total) for node in nodes],
        schema={"organisation": pl.String, "own": MASS, "total": MASS},
        orient="row",
    )
    lines = ({"book": book, "scope": behind.COUNTED, "unit": node.code} for node in nodes)
    is_drawable = bool(nodes) and all((node.total or 0) > 0 and (node.own or 0) >= 0 for node in nodes)
    tiles = _tiles(roots, fills(result), language)
    return Panel(
        identifier=f"organisations-{book.replace('_', '-')}",
        heading=translate("Emissions by organisation: {book}", language, book=names.book(book, language)),
        finding=_finding(own, book, organisation_name(result, language), language),
        table=table,
        columns=(
            Column("organisation", translate("Organisation", language)),
            Column("own", translate("Itself", language), kind="mass", is_totalled=True, lines=_ITSELF),
            Column("total", translate("With everything below it", language), kind="mass", lines={}),
        ),
        lines=tuple(lines),
        figure=charts.treemap(tiles, language=language) if is_drawable else None,
        note=""
        if is_drawable
        else translate(
            "An area cannot show an amount of zero or below; the table holds all of them.", language
        ),
    )


def _finding(own: pl.DataFrame, book: str, name: Callable[[str | None], str], language: Language) -> str:
    """Return the largest organisation in one sentence."""
    column = book_column(book)
    known = own.filter(pl.col(column).is_not_null())
    top = largest(known, "organisation", column)
    if top is None:
        return ""
    return translate(
        "{organisation} has the largest share: {value}, {share} of all organisations together.",
        language,
        organisation=name(top[0]),
        value=numbers.tonnes(top[1], language),
        share=numbers.share(ratio(top[1], sum(known[column].to_list(), Decimal(0))), language),
    )


def fills(result: Result) -> dict[str, str]:
    """Return organisation → fill, the same in every book and whatever its rank."""
    codes = sorted({*result.organisations["organisation"], *result.lines["organisation"].drop_nulls()})
    return {code: theme.GROUP_FILLS[index % len(theme.GROUP_FILLS)] for index, code in enumerate(codes)}


def _tiles(roots: list[Node], fill_of: dict[str, str], language: Language) -> list[Tile]:
    """Return the rectangles: a branch has one colour; a single outermost organisation is paper."""
    if len(roots) == 1 and roots[0].children:
        root = roots[0]
        outer = Tile(root.code, "", root.name, root.weight, numbers.tonnes(root.total, language), theme.PAPER)
        branches = [_branch(child, root.code, fill_of[child.code], language) for child in root.children]
        return [outer, *(tile for branch in branches for tile in branch)]
    return [tile for root in roots for tile in _branch(root, "", fill_of[root.code], language)]


def _branch(node: Node, parent: str, fill: str, language: Language) -> list[Tile]:
    """Return a branch as rectangles of one colour."""
    own = Tile(node.code, parent, node.name, node.weight, numbers.tonnes(node.total, language), fill)
    below = [tile for child in node.children for tile in _branch(child, node.code, fill, language)]
    return [own, *below]
