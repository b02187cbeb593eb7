"""Whether head and tables of a bundle say the same: a signature says who published it, not that it is so.

head            = sums and counts of the tables      exceptions, joined rows, rows of few places
year            = that of every row that names one
books, potentials = those of the run
organisations   of figures and deliveries are there; the member is the outermost
deliveries      and the lines they speak of belong together

Every check takes many bundles at once: tables carry the column `member`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import polars as pl

from bilanz.boundary import Approach
from bilanz.league.bundle import Head
from bilanz.league.products import MEMBER
from bilanz.league.recomputation import Check, by_member, checked
from bilanz.organisation import DeliveryKind

_TIME: Final = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00"
"""Which of two bundles counts is decided by this text."""

_BOOKED: Final = ("balance", "controls", "indicators", "exceptions", "delivered", "potentials")
_Tables = Mapping[str, pl.DataFrame]


def agreements(tables: _Tables, heads: Mapping[str, Head]) -> list[Check]:
    """Return every check of every bundle.

    Args:
        tables: name → rows of all bundles, with `member`.
        heads: member → head.
    """
    facts = _facts(heads)
    found = [
        *_heads(tables, heads),
        *by_member("years", _years(tables, facts), heads),
        *by_member("books", _books(tables, heads), heads),
        *by_member("organisations", _organisations(tables), heads),
        *by_member("deliveries", _deliveries(tables), heads),
        *by_member("boundary", _boundary(tables["balance"], facts), heads),
    ]
    return sorted(found, key=lambda check: (check.member, check.name))


def _facts(heads: Mapping[str, Head]) -> pl.DataFrame:
    rows = [
        (member, head.year, date(head.year, 1, 1), date(head.year + 1, 1, 1), head.approach)
        for member, head in heads.items()
    ]
    schema = {
        MEMBER: pl.String,
        "year_told": pl.Int32,
        "first": pl.Date,
        "end": pl.Date,
        "approach": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _heads(tables: _Tables, heads: Mapping[str, Head]) -> Iterator[Check]:
    """Yield whether each head is what its tables come to."""
    balance = tables["balance"]
    known = pl.col("records").sum()
    exceptions = dict(tables["exceptions"].group_by(MEMBER).agg(known).iter_rows())
    joined = _joined(balance)
    below = _below(balance, heads)
    outer = {
        row[MEMBER]: (row["organisation"], row["name"], row["kind"])
        for row in _outermost(tables["organisations"], heads).iter_rows(named=True)
    }
    territories = dict(
        tables["territory"].group_by(MEMBER).agg(pl.col("territory").unique().sort()).iter_rows()
    )
    for member, head in heads.items():
        named = sorted(each.territory for each in head.territories)
        facts = {
            "exceptions": head.exceptions == exceptions.get(member, 0),
            "joined": head.grain.joined == joined.get(member, {}),
            "below": head.grain.below == below.get(member, 0),
            "smallest": head.grain.smallest >= 1,
            "approach": head.approach in [*Approach],
            "member": outer.get(member) == (head.member.organisation, head.member.name, head.member.kind),
            "potentials": head.potentials.keys() == set(head.books),
            "territories": named == territories.get(member, []),
            "published_at": _is_time(head.published_at),
        }
        wrong = [name for name, is_so in facts.items() if not is_so]
        yield Check(member, "head", len(facts), len(wrong), ", ".join(wrong))


def _is_time(text: str) -> bool:
    return re.fullmatch(_TIME, text, re.ASCII) is not None


def _joined(balance: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return member → what was joined → number of rows."""
    words = balance.filter(pl.col("joined") != "").select(
        MEMBER, pl.col("joined").str.split(" ").alias("word")
    )
    found: dict[str, dict[str, int]] = {}
    for member, word, count in words.explode("word").group_by(MEMBER, "word").len().iter_rows():
        found.setdefault(member, {})[word] = count
    return found


def _below(balance: pl.DataFrame, heads: Mapping[str, Head]) -> dict[str, int]:
    """Return member → rows that rest on fewer places than asked for."""
    smallest = pl.DataFrame(
        [(member, head.grain.smallest) for member, head in heads.items()],
        schema={MEMBER: pl.String, "smallest": pl.Int64},
        orient="row",
    )
    told = balance.join(smallest, on=MEMBER).filter(
        pl.col("places") < pl.col("smallest"), pl.col("co2e_kg").is_not_null()
    )
    return dict(told.group_by(MEMBER).len().iter_rows())


def _outermost(organisations: pl.DataFrame, heads: Mapping[str, Head]) -> pl.DataFrame:
    """Return the row of the organisation each head says it is of; it belongs to nobody."""
    named = pl.DataFrame(
        [(member, head.member.organisation) for member, head in heads.items()],
        schema={MEMBER: pl.String, "organisation": pl.String},
        orient="row",
    )
    return organisations.join(named, on=[MEMBER, "organisation"]).filter(pl.col("parent").is_null())


def _years(tables: _Tables, facts: pl.DataFrame) -> pl.DataFrame:
    """Return whether rows that name a year, a month or days are of the year of their bundle."""
    month = pl.col("month")
    before = pl.col("valid_from") < pl.col("end")
    after = pl.col("valid_to").is_null() | (
        (pl.col("valid_to") > pl.col("first")) & (pl.col("valid_to") > pl.col("valid_from"))
    )
    rules = {
        "delivered": (month.dt.year() == pl.col("year_told")) & (month.dt.day() == 1),
        "deliveries": before & after,
        "denominators": before,
        "territory": pl.col("year") == pl.col("year_told"),
        "effects": pl.col("year") <= pl.col("year_told"),  # what projects did up to it
        "findings": pl.col("year").is_null() | (pl.col("year") <= pl.col("year_told")),
    }
    return pl.concat(
        _of_table(tables[name].join(facts, on=MEMBER), name, rule) for name, rule in rules.items()
    )


def _of_table(rows: pl.DataFrame, name: str, rule: pl.Expr, *columns: str) -> pl.DataFrame:
    return checked(rows.with_columns(table=pl.lit(f"{name}.csv")), rule, "table", *columns)


def _books(tables: _Tables, heads: Mapping[str, Head]) -> pl.DataFrame:
    """Return whether every book is one of the run, and its potentials those of the run."""
    pairs = [
        (member, book, head.potentials.get(book)) for member, head in heads.items() for book in head.books
    ]
    schema = {MEMBER: pl.String, "book": pl.String, "gwp_told": pl.String}
    known = pl.DataFrame(pairs, schema=schema, orient="row").with_columns(is_known=pl.lit(value=True))
    found = []
    for name in _BOOKED:
        named = [MEMBER, "book", *(["gwp"] if name == "potentials" else [])]
        rows = tables[name].drop_nulls("book").select(named).unique()
        rule = pl.col("is_known")
        if name == "potentials":
            rule &= pl.col("gwp") == pl.col("gwp_told")
        found.append(_of_table(rows.join(known, on=[MEMBER, "book"], how="left"), name, rule, "book"))
    burns = tables["deliveries"].select(MEMBER, book=pl.col("burns").str.split(",")).explode("book")
    burnt = burns.filter(pl.col("book") != "").unique().join(known, on=[MEMBER, "book"], how="left")
    return pl.concat([*found, _of_table(burnt, "deliveries", pl.col("is_known"), "book")])


def _organisations(tables: _Tables) -> pl.DataFrame:
    """Return whether organisations stand once, and those of figures and of own sides are there."""
    names = tables["organisations"].select(MEMBER, "organisation")
    known = names.unique().with_columns(is_known=pl.lit(value=True))
    figures = tables["denominators"].join(known, on=[MEMBER, "organisation"], how="left")
    is_single = pl.struct(MEMBER, "organisation", "figure").is_unique()
    is_seller = pl.col("side") == "seller"
    sides = tables["deliveries"].with_columns(
        organisation=pl.when(is_seller).then("seller").otherwise("buyer"),
        other=pl.when(is_seller).then("buyer").otherwise("seller"),
    )
    met = sides.join(known, on=[MEMBER, "organisation"], how="left").join(
        known.rename({"organisation": "other", "is_known": "is_own"}), on=[MEMBER, "other"], how="left"
    )
    own = pl.col("is_known") & pl.col("is_own").is_null() & pl.col("side").is_in(["seller", "buyer"])
    once = pl.struct(MEMBER, "organisation").is_unique()
    return pl.concat(
        [
            _of_table(names, "organisations", once, "organisation"),
            _of_table(figures, "denominators", pl.col("is_known") & is_single, "organisation"),
            _of_table(met, "deliveries", own & pl.col("kind").is_in([*DeliveryKind]), "id"),
        ]
    )


def _deliveries(tables: _Tables) -> pl.DataFrame:
    """Return whether lines belong to a delivery, and what a seller says is taken off is a part of them."""
    sides = tables["deliveries"].select(MEMBER, "lines", "side", "kind").unique()
    told = tables["delivered"].join(
        sides.group_by(MEMBER, "lines").agg(
            pl.col("side").n_unique().alias("sides"), pl.col("side").first(), pl.col("kind").n_unique()
        ),
        on=[MEMBER, "lines"],
        how="left",
    )
    taken, share = pl.col("taken"), pl.col("share")
    is_sale = (pl.col("side") == "seller") & (pl.col("kind") == 1)
    is_part = taken.is_null() | (taken.is_between(0, 1) & is_sale)
    is_share = share.is_null() | share.is_between(0, 1)
    is_one = (pl.col("sides") == 1) & ((pl.col("side") == "buyer") | is_sale)
    return _of_table(told, "delivered", is_one & is_part & is_share, "lines", "book")


def _boundary(balance: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Return whether nothing is of other owners where the boundary is drawn by control: all or nothing."""
    others = balance.filter(pl.col("minority_kg") != 0).join(facts, on=MEMBER)
    return _of_table(others, "balance", pl.col("approach") == Approach.EQUITY.value, "book", "scope")
