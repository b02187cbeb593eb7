"""How a reader calculates a published balance again: commands, hashes, and one row by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.league.bundle import Bundle
from reports import names, numbers
from reports.sitepanels import Say

if TYPE_CHECKING:
    from reports.site import Offered

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a balance calculated step by step, as the page shows it."""

    what: str
    steps: tuple[tuple[str, str], ...]


def of_member(file: str, say: Say) -> list[tuple[str, str]]:
    """Return (what it shows, command) in their order."""
    folder = file.removesuffix(".zip")
    return [
        (say("Is it the file this page speaks of? The sum is above."), f"sha256sum {file}"),
        (say("Unpack it."), f"unzip {file} -d {folder} && cd {folder}"),
        (say("Is every file as it was signed?"), "sha256sum -c SHA256SUMS"),
        (
            say("Was it signed with the key in the bundle?"),
            "openssl pkeyutl -verify -rawin -pubin -inkey public.pem -in SHA256SUMS -sigfile SHA256SUMS.sig",
        ),
        (
            say(
                "Is it the key of the city? Compare the fingerprint above with what the city tells otherwise."
            ),
            "openssl pkey -pubin -in public.pem -outform DER | sha256sum",
        ),
        (
            say("All of it at once, and every figure that can be calculated again:"),
            f"bilanz verify ../{file}",
        ),
    ]


def of_league(current: Sequence["Offered"], say: Say) -> list[tuple[str, str]]:
    """Return how the league is added up again."""
    names_of = sorted(each.file for each in current)
    listed = " ".join(names_of[:_NAMED]) + (" …" if names_of[_NAMED:] else "")
    return [
        (say("Download the bundles of all members, then add them up again:"), f"bilanz consolidate {listed}"),
        (say("Or check one of them:"), f"bilanz verify {names_of[0]}"),
    ]


def facts(bundle: Bundle, say: Say) -> list[tuple[str, str]]:
    """Return what identifies a bundle and what its figures depend on."""
    pinned = bundle.head.manifest
    return [
        (say("Fingerprint of the key"), bundle.fingerprint),
        (say("SHA-256 of SHA256SUMS"), bundle.digest),
        (say("Run"), pinned.run),
        (say("Hash of the lines of the run"), pinned.result_hash),
        (say("Release of factors"), pinned.release_name or pinned.factor_release),
        (say("Global warming potentials"), names.potentials(pinned.gwp, say.language)),
        (say("Version of the program"), pinned.code_version),
    ]


def example(bundle: Bundle, say: Say) -> Row | None:
    """Return the largest row that is quantity × factor, step by step; None where there is none."""
    rows = bundle.tables["balance"].filter(
        "is_recomputable", pl.col("mass_kg").is_not_null(), pl.col("conversion").is_null()
    )
    if rows.is_empty():
        return None
    row = rows.sort("co2e_kg", "book", "factor_id", descending=[True, False, False]).row(0, named=True)
    factor = bundle.tables["factors"].row(
        by_predicate=(pl.col("factor_id") == row["factor_id"])
        & (pl.col("gas") == row["gas"])
        & (pl.col("chain") == row["chain"]),
        named=True,
    )
    weight = bundle.tables["potentials"].filter(pl.col("book") == row["book"], pl.col("gas") == row["gas"])[
        "value"
    ]
    source = f"{factor['publisher']}: {factor['title']}, {factor['locator']}"
    gas = names.gas(row["gas"], say.language)
    steps = (
        (say("Quantity"), f"{_plain(row['quantity'], say)} {row['unit']}"),
        (say("Factor"), f"{_plain(factor['value'], say)} {factor['mass_unit']} {gas} / {factor['per_unit']}"),
        (say("Source of the factor"), source),
        (say("Mass"), f"{_plain(row['mass_kg'], say)} kg {gas}"),
        (say("Potential"), f"{_plain(weight.item(), say)} kg CO₂e / kg"),
        (say("Emissions"), f"{_plain(row['co2e_kg'], say)} kg CO₂e"),
    )
    where = names.activity_name(row["activity"], say.language)
    what = say("{activity} in the book {book}:", activity=where, book=names.book(row["book"], say.language))
    return Row(what, steps)


def _plain(value: Decimal, say: Say) -> str:
    """Return a figure with all its digits."""
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    return numbers.decimal(value, say.language, digits=digits)
