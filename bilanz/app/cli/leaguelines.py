"""The balance of a league, said to people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bilanz.app.cli.output import table, word
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.league.balance import Consolidated


def consolidation_lines(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield the balance of a league for people."""
    from reports.consolidation import APPROACHES

    found = made.league
    yield translate(
        "{count} members, {year}, {approach}, in t CO2e:",
        language,
        count=found.members.height,
        year=found.common.year,
        approach=word(APPROACHES, found.common.approach, language),
    )
    for name in made.first_seen:
        key = dict(found.members.select("member", "fingerprint").iter_rows()).get(name, "")
        message = "{member}: the key {fingerprint} was seen for the first time and is known from now on."
        yield translate(message, language, member=name, fingerprint=key)
    yield from _totals(made, language)
    yield from _across(made, language)
    yield from _ratios(made, language)
    yield from _listed(made, language)


def _totals(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield the league by book and scope; members stand in `--json` and in the package."""
    import polars as pl

    from reports import names, numbers

    told = made.league.totals.filter(pl.col("member").is_null())
    columns = ["co2e_kg", "outside_kg", "minority_kg", "eliminated_kg", "across_kg", "league_kg"]
    for book in made.league.common.books:
        rows = [
            [row["scope"], *(numbers.thousandth(row[name], language) for name in columns)]
            for row in told.filter(pl.col("book") == book).iter_rows(named=True)
        ]
        yield ""
        yield names.book(book, language)
        headers = ["scope", "own", "outside", "minority", "eliminated", "between members", "league"]
        yield from table(headers, rows, language)


def _across(made: "Consolidated", language: Language) -> Iterator[str]:
    from reports import numbers
    from reports.siteleague import STATES

    rows = [
        [
            *(row[name] for name in ("delivery", "book")),
            *(numbers.decimal(row[name], language) for name in ("sold", "within", "bought")),
            row["unit"],
            numbers.thousandth(row["eliminated"], language),
            word(STATES, row["state"], language),
        ]
        for row in made.league.deliveries.iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield from table(
            ["delivery", "book", "sold", "sold within", "bought", "unit", "eliminated", "state"],
            rows,
            language,
        )


def _ratios(made: "Consolidated", language: Language) -> Iterator[str]:
    import polars as pl

    from reports import names, numbers
    from reports.consolidation import UNITS
    from reports.sitepanels import lacks

    rows = [
        [
            names.book(row["book"], language),
            word(UNITS, row["indicator"], language),
            "" if row["value"] is None else numbers.decimal(row["value"], language, digits=2),
            lacks(row, language, {}),
        ]
        for row in made.league.ratios.filter(pl.col("member").is_null()).iter_rows(named=True)
    ]
    if rows:
        yield ""
        yield translate("kg CO2e per inhabitant, m² and full-time equivalent:", language)
        yield from table(["book", "per", "value", "missing"], rows, language)


def _listed(made: "Consolidated", language: Language) -> Iterator[str]:
    """Yield what differs, what was left out and what changed."""
    import polars as pl

    from reports import numbers

    found = made.league
    for row in found.mismatches.iter_rows(named=True):
        message = "Differs: {kind} {subject}, {value}: {members} ({count})"
        yield translate(message, language, **(row | {"kind": word(_kinds(), row["kind"], language)}))
    few = found.members.filter(pl.col("effects_left_out") > 0)
    for name, count in few.select("member", "effects_left_out").iter_rows():
        message = "{member}: effects of {count} projects of too few places are not published."
        yield translate(message, language, member=name, count=count)
    for row in found.left_out.iter_rows(named=True):
        mass = numbers.thousandth(row["consolidated_kg"], language)
        message = "Left out: {organisation}, {book}, scope {scope}, {mass} t CO2e; it counts as {counted}."
        yield translate(message, language, **(row | {"mass": mass}))
    for row in found.differences.iter_rows(named=True):
        masses = {
            name: numbers.thousandth(row[f"{name}_kg"], language)
            for name in ("before", "after", "difference")
        }
        message = (
            "Restated: {member}, {book}, scope {scope}: {before} → {after} t CO2e ({difference}); {causes}"
        )
        yield translate(message, language, **(row | masses))


def _kinds() -> dict[str, str]:
    from bilanz.league.comparability import KINDS

    return KINDS
