"""Bundles out of their files: one, or many at once, each table parsed once for all of them.

bytes of a table of every bundle ──► one text ──► one frame ──► a slice for each bundle
"""

from collections.abc import Mapping, Sequence

import polars as pl

from bilanz.errors import Refused
from bilanz.league.bundle import HEAD, OPTIONAL, SCHEMAS, Bundle, Types, check_organisations, head_of
from bilanz.league.description import descriptions, of_bundle
from bilanz.league.recomputation import refuse
from bilanz.league.signing import Integrity
from bilanz.league.table import is_canonical, of_csv

Files = Mapping[str, bytes]


def read(files: Files, found: Integrity) -> Bundle:
    """Return the bundle of files whose integrity is known.

    Raises:
        Refused: a file is missing or is not what it must be.
    """
    if HEAD not in files:
        raise Refused("The bundle has no {file}.", code="bundle_broken", file=HEAD)
    head = head_of(files[HEAD])  # first: tables of another format are other tables
    tables = _tables_of(files)
    check_organisations(tables["organisations"])
    return Bundle(head, tables, found.fingerprint or "", found.digest)


def read_many(told: Sequence[tuple[Files, Integrity]]) -> list[Bundle]:
    """Return bundles in their order; the same as `read` of each, and much faster.

    Raises:
        Refused: a file is missing, is not what it must be, is not written as the program writes it, or what
            describes it is not so.
    """
    stacked = {name: _stacked(name, schema, told) for name, schema in {**SCHEMAS, **OPTIONAL}.items()}
    if None in stacked.values():  # one is not what it must be: it is found by itself, and named
        return [_sound(files, _as_written(files, found)) for files, found in told]
    bundles = []
    for number, (files, found) in enumerate(told):
        tables = {
            name: frame
            for name, frames in stacked.items()
            if frames is not None and (frame := frames[number]) is not None
        }
        check_organisations(tables["organisations"])
        bundle = Bundle(head_of(files[HEAD]), tables, found.fingerprint or "", found.digest)
        bundles.append(_sound(files, bundle))
    return bundles


def _sound(files: Files, bundle: Bundle) -> Bundle:
    """Return a bundle whose files are described as they are.

    Raises:
        Refused: they are not; names what.
    """
    refuse(descriptions(files, bundle.tables, of_bundle(bundle)))
    return bundle


def _as_written(files: Files, found: Integrity) -> Bundle:
    """Return the bundle of files whose tables are written as the program writes them.

    Raises:
        Refused: one is not, as where a quotation mark is left open.
    """
    paths = {name: f"{name}.csv" for name in (*SCHEMAS, *OPTIONAL) if f"{name}.csv" in files}
    for path in paths.values():
        if HEAD in files and not _is_closed(files[path]):
            raise _odd(path, head_of(files[HEAD]).member.id)
    bundle = read(files, found)
    for name, path in paths.items():
        if not is_canonical(files[path], bundle.tables[name]):
            raise _odd(path, bundle.member)
    return bundle


def _odd(path: str, member: str) -> Refused:
    message = "The table {file} of {member} is not written as the program writes it. Nothing was added."
    return Refused(message, code="bundle_broken", file=path, member=member)


def _tables_of(files: Files) -> dict[str, pl.DataFrame]:
    """Return name → frame of the tables among the files of a bundle."""
    found = {}
    for name, schema in {**SCHEMAS, **OPTIONAL}.items():
        path = f"{name}.csv"
        if path in files:
            found[name] = of_csv(files[path], schema, path)
        elif name in SCHEMAS:
            raise Refused("The bundle has no {file}.", code="bundle_broken", file=path)
    return found


def _stacked(
    name: str, schema: Types, told: Sequence[tuple[Files, Integrity]]
) -> list[pl.DataFrame | None] | None:
    """Return the table of each bundle, None where it has none; None where they cannot be read together."""
    path, header = f"{name}.csv", ",".join(schema).encode() + b"\n"
    contents = [files.get(path) for files, _ in told]
    if any(HEAD not in files for files, _ in told) or (name in SCHEMAS and None in contents):
        return None
    bodies = [None if content is None else content.removeprefix(header) for content in contents]
    if any(content is not None and not content.startswith(header) for content in contents):
        return None
    if not all(body is None or _is_closed(body) for body in bodies):
        return None
    counts = [0 if body is None else _rows(body) for body in bodies]
    whole = header + b"".join(body for body in bodies if body is not None)
    try:
        frame = of_csv(whole, schema, path)
    except Refused:
        return None
    if frame.height != sum(counts) or not is_canonical(whole, frame):
        return None
    found: list[pl.DataFrame | None] = []
    start = 0
    for body, count in zip(bodies, counts, strict=True):
        found.append(None if body is None else frame.slice(start, count))
        start += count
    return found


def _is_closed(body: bytes) -> bool:
    """Tell whether a body ends with a row of its own: no quotation mark is open, no line without an end."""
    return body.count(b'"') % 2 == 0 and (not body or body.endswith(b"\n"))


def _rows(body: bytes) -> int:
    """Return the number of rows: ends of lines outside quotation marks, which come in pairs."""
    return sum(part.count(b"\n") for part in body.split(b'"')[::2])
