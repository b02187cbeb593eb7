"""The board's view of a data directory: rows of the registry and `fund.toml` → page and workbook."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.fund.assessment import FundAssessedAmount, FundAssessment
from bilanz.fund.board import Board, Rows, board
from bilanz.fund.project import Sight
from bilanz.fund.terms import read_terms
from bilanz.fund.withdrawn import Withdrawn
from bilanz.masterrow import MasterRow
from bilanz.messages import Language, translate
from bilanz.organisation import OrganisationUnit
from bilanz.registry import assessments, fund
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.registry.organisations import organisations


def board_of(settings: Settings, year: int) -> Board:
    """Return what a board sees of a year.

    Raises:
        UsageError: there is no data directory, or no `fund.toml`.
        UnknownName: the league or a set of rates is not known.
        Refused: keys contradict each other.
    """
    if not registry_exists(settings.registry):
        raise UsageError('There is no data in "{path}": import master data first.', path=settings.data)
    with closing(open_registry(settings.registry)) as registry:
        return board_in(registry, settings, year)


def board_in(registry: Registry, settings: Settings, year: int) -> Board:
    """Return what a board sees of a year, of an open registry."""
    terms = read_terms(settings.data)
    units = organisations(registry)
    if terms.league not in units:
        message = 'The league "{name}" of fund.toml is no organisation.'
        raise UsageError(message, name=terms.league)
    rows = rows_of(registry)
    names = {unit.id: unit.name for unit in units.values()}
    members = _members({one.organisation for one in rows.members}, units)
    return board(year, terms, rows, names, members, today=datetime.now(UTC).date())


def years_of(registry: Registry) -> list[int]:
    """Return the years there is something to see of, from first to last; none that is to come."""
    rows = rows_of(registry)
    known = [key.first_year for key in rows.keys if not key.is_proposal]
    known += [one.paid_on.year for one in rows.payments] + [one.on.year for one in rows.flows]
    known += [one.year for one in rows.observations if one.sight == Sight.EX_POST]
    known += [one.year for one in rows.assessments]
    begun = [year for year in known if year <= datetime.now(UTC).year]
    return list(range(min(begun), max(begun) + 1)) if begun else []


def newest(years: Sequence[int]) -> int:
    """Return the last of the years, that before this one where there is none."""
    return years[-1] if years else datetime.now(UTC).year - 1


def rows_of(registry: Registry) -> Rows:
    """Return all the registry holds of a fund."""
    return Rows(
        fund.members(registry),
        fund.figures(registry),
        fund.keys(registry),
        fund.payments(registry),
        fund.projects(registry),
        fund.flows(registry),
        fund.financing(registry),
        fund.observations(registry),
        fund.claims(registry),
        fund.rates(registry),
        fund.factors(registry),
        *assessments.kept(registry),
        fund.findings(registry),
        fund.withdrawn(registry),
    )


def _members(joined: set[str], units: Mapping[str, OrganisationUnit]) -> dict[str, str]:
    """Return organisation → the member it is, or belongs to; one that belongs to none is not there."""
    found: dict[str, str] = {}
    for name in units:
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in seen and at not in joined:
            seen.add(at)
            at = units[at].parent if at in units else None
        if at is not None and at in joined:
            found[name] = at
    return found


def seal(found: Board) -> str:
    """Return the hash of everything a page rests on: rows, rules and year."""
    told: dict[str, Any] = {
        field.name: [_told(row) for row in getattr(found.rows, field.name)] for field in fields(Rows)
    }
    told |= {"terms": found.terms.model_dump(mode="json"), "year": found.year, "names": dict(found.names)}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _told(row: MasterRow | FundAssessment | FundAssessedAmount | Withdrawn) -> dict[str, str | None]:
    values = asdict(row) if isinstance(row, Withdrawn) else row.model_dump()
    return {name: None if value is None else str(value) for name, value in values.items()}


def title_of(found: Board) -> str:
    """Return the name of the league."""
    return found.name(found.terms.league)


def write_page(found: Board, path: Path, language: Language) -> Path:
    """Write the board's page as one file.

    Raises:
        UsageError: the path cannot be written.
    """
    from bilanz.app.output.reporting import put_file
    from reports.board.page import page

    text = page(found, title_of(found), language, made=made(language), seal=seal(found))
    return put_file(path, lambda target: target.write_bytes(text.encode()))


def made(language: Language) -> str:
    """Return with what a page was made; not when, so that the same rows give the same bytes."""
    return translate(
        "Made with version {version} from the registry of the fund.", language, version=version("bilanz")
    )


def write_workbook(found: Board, path: Path, language: Language) -> Path:
    """Write ICMA table, allocation and impact as one workbook.

    Raises:
        UsageError: the path cannot be written.
    """
    from bilanz.app.output.reporting import put_file
    from reports.board import workbook

    title = f"{title_of(found)}, {found.year}"
    return put_file(path, lambda target: workbook.write_workbook(found, title, language, target))


@contextmanager
def workbook_of(found: Board, language: Language) -> Iterator[Path]:
    """Lend the workbook of a board as a file that is gone afterwards."""
    with TemporaryDirectory(prefix="bilanz-fund-") as folder:
        yield write_workbook(found, Path(folder) / "fund.xlsx", language)
