"""Whether a bundle is what was signed, said to people."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bilanz.app.cli.output import answer, word
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from bilanz.app.settings import Settings

CHECKS = {
    "books": "books and potentials are those of the run",
    "boundary": "shares of other owners go with the approach",
    "deliveries": "deliveries and their lines belong together",
    "files": "only files of the format are in it",
    "head": "what the head counts is in the tables",
    "metadata": "metadata of portals say what is there",
    "organisations": "organisations of figures and deliveries are there",
    "package": "columns, types and units are described as they are",
    "years": "rows are of the year of the bundle",
    "controls": "sums of the rows are the control sums",
    "factors": "quantity × factor is the mass",
    "names": "organisations and factors named are there",
    "manifest": "run and hash follow from the inputs",
    "numerators": "numerators are the sums of scopes 1 to 3",
    "parts": "own is outside, minority, eliminated and consolidated together",
    "places": "enough places are behind each row",
    "potentials": "mass × global warming potential is the CO2e",
    "ratios": "ratios are numerator by denominator",
    "sums": "sums of the league are those of its members",
    "members": "bundles and keys are those of the manifest",
}
"""Code of a check → in words."""

_KEYS = {
    "known": "The key is the one that is known for this member.",
    "first": "This key was never seen here. Compare its fingerprint with that the member tells otherwise.",
    "changed": "THE KEY IS NOT THE ONE THAT IS KNOWN FOR THIS MEMBER. Ask it by another way.",
}


def verify_bundle(chosen: "Settings", path: Path, keys: Path | None, *, as_json: bool) -> None:
    """Say whether a bundle is what was signed and whether its figures come out; exit 1 where not."""
    from bilanz.app.league.balance import verify_path

    found = verify_path(chosen, path, keys)
    answer(found, _verdict(found, path, chosen.lang), as_json=as_json, exit_code=0 if found["is_good"] else 1)


def _verdict(found: dict[str, Any], path: Path, language: Language) -> Iterator[str]:
    for kind, message in (
        ("altered", "{file} was altered, or does not belong to its signature."),
        ("missing", "{file} is missing."),
        ("extra", "{file} does not belong to the bundle."),
        ("odd", "The table {file} is not written as the program writes it."),
    ):
        for name in found[kind]:
            yield translate(message, language, file=name)
    if found["problem"]:
        yield found["problem"]
    for each in found["checks"]:
        what = word(CHECKS, each["name"], language)
        if each["wrong"]:
            message = "{what}: {wrong} of {rows} do not come out, first {first}."
            yield translate(
                message, language, what=what, **{name: each[name] for name in ("wrong", "rows", "first")}
            )
        else:
            yield translate("{what}: {rows} checked.", language, what=what, rows=each["rows"])
    yield from _recomputed(found, language)
    if found["key"]:
        yield translate(_KEYS[found["key"]], language)
    yield translate(
        "Fingerprint of the key: {fingerprint}", language, fingerprint=found["fingerprint"] or "–"
    )
    message = (
        "{path} is what was signed, and its figures come out." if found["is_good"] else "{path} IS NOT SOUND."
    )
    yield translate(message, language, path=path)


def _recomputed(found: dict[str, Any], language: Language) -> Iterator[str]:
    from reports import names

    for row in found["recomputed"]:
        yield translate(
            "{book}: {recomputed} of {rows} rows were calculated again from quantity and factor; the others "
            "are joined, or mix several factors.",
            language,
            **(row | {"book": names.book(row["book"], language)}),
        )
