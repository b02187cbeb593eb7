"""What a command takes into the tables of the catalogue that are no factors: publications and own indices.

publication or own CSV ──► rules ──► <data directory>/<table>/<source>_<edition>.csv
"""

from pathlib import Path
from typing import Any

import polars as pl

from bilanz.app.settings import Settings
from bilanz.app.trail import enter
from bilanz.errors import Refused
from bilanz.store.archive import sha256_of
from factors import asides, indices, table
from factors.publication import Extract


def import_indices(path: Path, settings: Settings, held: pl.DataFrame, *, dry_run: bool) -> dict[str, Any]:
    """Read own indices, keep what passed, and return the summary.

    Raises:
        FileRefused: the file as a whole cannot be read.
        Refused: indices of that name are there already; closed balances may rest on them.
    """
    return keep(indices.own(path), settings, held, dry_run=dry_run)


def keep(extract: Extract, settings: Settings, held: pl.DataFrame, *, dry_run: bool) -> dict[str, Any]:
    """Hold an extract against the rules and the table it belongs to, keep what passed, return the summary.

    Raises:
        Refused: the edition is there already; closed balances may rest on it.
    """
    taken = asides.take(extract, held)
    name = f"{extract.source}_{extract.edition}"
    target = settings.data / extract.table / f"{name}.csv"
    if target.exists():
        raise Refused("The edition {edition} is there already; nothing was changed.", edition=name)
    if not dry_run and taken.rows.height:
        table.save(taken.rows, target)
        details = {"table": extract.table, "rows": taken.rows.height, "sha256": sha256_of(target)}
        enter(settings, "factors.import", name, details=details)
    return taken.summary(settings.lang)
