"""`bilanz publish`: the balance of a year as a signed bundle others can check and add up.

    run that stands ─► consolidated at the member ─► published grain ─► tables ─► hashes ─► signature

Publisher, contact and licence are those of `publication.toml` in the data directory or of options; nothing
of it is made up.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bilanz.app.league.files import write_files
from bilanz.app.league.keys import private_key
from bilanz.app.league.tables import Tables, Wanted, tables_of
from bilanz.app.settings import Settings
from bilanz.boundary import Approach
from bilanz.errors import Refused, UsageError
from bilanz.league import grain
from bilanz.league.assembly import assembled
from bilanz.league.bundle import IDENTIFIER, Grain, Head, Member, State, check_organisations, pinned
from bilanz.league.dcat import Described, Licence, licence
from bilanz.league.signing import fingerprint, public_of, signed
from bilanz.messages import LANGUAGES, translate
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

FILE: Final = "publication.toml"


class Stated(BaseModel):
    """Who publishes, and how (`publication.toml`). `smallest`: places behind a row at least.

    `effects_of_few`: effects of projects of fewer places are published too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: str = Field(min_length=1)
    publisher_address: str | None = None
    contact: str = Field(min_length=1)
    contact_mail: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    licence: str
    member: str | None = None
    smallest: int = Field(default=grain.SMALLEST, ge=1)
    approach: Approach = Approach.OPERATIONAL
    effects_of_few: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be published.

    Attributes:
        year: calendar year.
        organisation: it and what is below it; None: the outermost one.
        is_open: an open year too; it is marked.
        restatement: number of a restatement of a closed year, whose run is published; None: what stands.
        given: what options say instead of `publication.toml`.
        key: private key; None: that of the data directory.
    """

    year: int
    organisation: str | None = None
    is_open: bool = False
    restatement: int | None = None
    given: dict[str, Any] | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What was published. `files`: name → bytes; `is_new_key`: the key of the data directory was made now."""

    head: Head
    files: dict[str, bytes]
    balance: pl.DataFrame
    controls: pl.DataFrame
    fingerprint: str
    is_new_key: bool


def stated_of(settings: Settings, given: dict[str, Any] | None = None) -> Stated:
    """Return what is stated for publications: by options, else by `publication.toml`.

    Raises:
        UsageError: something is missing, or not what it must be.
    """
    path = settings.data / FILE
    try:
        told = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        return Stated.model_validate({**told, **(given or {})})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError('"{path}" cannot be read: {reason}', path=path, reason=str(error)) from None
    except ValidationError as error:
        names = dict.fromkeys(".".join(str(part) for part in one["loc"]) for one in error.errors())
        message = (
            "Missing or not as it must be: {names}. State it in {file} of the data directory, or by the "
            "options of the same names; nothing of it is made up."
        )
        raise UsageError(message, names=", ".join(names), file=FILE) from None


def publish(settings: Settings, asked: Asked, path: Path) -> Published:
    """Write the bundle of a year into a folder or zip and return it.

    Raises:
        Refused: the year is open and nobody asked for it, was not calculated, or has several outermost
            organisations.
        UsageError: who publishes is not stated, or the key is none.
    """
    told = stated_of(settings, asked.given)
    chosen = licence(told.licence)
    head, frames = _made(settings, asked, told)
    described = _described(head, told, chosen)
    files = assembled(frames, head.as_bytes(), described, f"bilanz-{head.member.id}-{head.year}")
    private, is_new = private_key(settings, asked.key)  # only now: what is refused makes no key
    whole = signed(files, private)
    write_files(whole, path)
    mark = fingerprint(public_of(private)) or ""
    return Published(head, whole, frames["balance"], frames["controls"], mark, is_new)


def _made(settings: Settings, asked: Asked, told: Stated) -> tuple[Head, dict[str, pl.DataFrame]]:
    """Return head and tables of the bundle of a year.

    Raises:
        Refused: the year is open and nobody asked for it.
    """
    from bilanz.app.balances import ledger

    with ledger(settings, is_alone=True) as data:
        result = _result(settings, data, asked)
        state = _state(data, result, asked)
        _check_open(state.state, asked)
        wanted = Wanted(asked.organisation, told.approach, told.smallest, told.effects_of_few)
        found = tables_of(settings, data, result, wanted)
    for territory in found.territories:
        _check_open(territory.state, asked)
    return _head(result, found, told, state), found.frames


def _check_open(state: str, asked: Asked) -> None:
    """Raise where a period is open and nobody asked for that.

    Raises:
        Refused: it is.
    """
    if state == "open" and not asked.is_open:
        message = (
            "{year} is open: what it says may change. Release it first (bilanz period release), or "
            "publish it with --open; it is marked then."
        )
        raise Refused(message, code="period_open", year=asked.year)


def _result(settings: Settings, data: "Ledger", asked: Asked) -> Result:
    """Return the run that is published: of the organisation, else that over all.

    Raises:
        Refused: the year was not calculated, or has no such restatement.
    """
    from bilanz.app.balances import latest_of, standing_result
    from bilanz.registry.periods import restatements
    from bilanz.store import runs

    if asked.restatement is not None:
        made = restatements(data.registry, asked.organisation or "", asked.year)
        run = next((one.run for one in made if one.number == asked.restatement), None)
        if run is None:
            message = "{year} has no restatement {number}."
            raise Refused(message, year=asked.year, number=asked.restatement)
        return runs.load(data.store, run)
    found = standing_result(settings, data, asked.year, asked.organisation)
    if found is None and asked.organisation is not None:
        found = standing_result(settings, data, asked.year, None)
    if found is None:
        return runs.load(data.store, latest_of(settings, data, asked.year, asked.organisation))
    return found


def _state(data: "Ledger", result: Result, asked: Asked) -> State:
    """Return the state of the period whose run it is. Of a restatement: that of the year it restates."""
    from bilanz.app.period.restating import closing_of
    from bilanz.registry.periods import period, restatements

    organisation = result.manifest.organisation or ""
    held = period(data.registry, organisation, asked.year)
    if asked.restatement is None and closing_of(data.registry, result.manifest) is None:
        return State(state="open")
    return State(
        state="closed" if held.state == "closed" else "released",
        released_at=held.released_at,
        closed_at=held.closed_at,
        restatements=len(restatements(data.registry, organisation, asked.year)),
        restatement=asked.restatement,
    )


def _head(result: Result, found: Tables, told: Stated, state: State) -> Head:
    """Return what a bundle is.

    Raises:
        UsageError: the identifier cannot name a member.
    """
    identifier = told.member or found.node
    if not re.search(IDENTIFIER, identifier) or "\n" in identifier:
        message = (
            '"{name}" cannot name a member: letters, digits, ".", "_" and "-" only. State one with --member.'
        )
        raise UsageError(message, name=identifier)
    check_organisations(found.frames["organisations"])
    balance = found.frames["balance"]
    small = balance.filter(pl.col("places") < told.smallest, pl.col("co2e_kg").is_not_null())
    return Head(
        member=Member(
            id=identifier, organisation=found.node, name=found.name, kind=found.kind, region=found.region
        ),
        year=result.manifest.year,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        calculated_at=result.manifest.created_at,
        approach=told.approach.value,
        state=state,
        grain=Grain(
            smallest=told.smallest,
            lines=int(balance["lines"].sum()),
            rows=balance.height,
            joined=grain.counts(balance),
            below=small.height,
            solvable=found.solvable,
            effects_left_out=found.effects_left_out,
        ),
        exceptions=int(found.frames["exceptions"]["records"].sum()),
        territories=found.territories,
        run=pinned(result.manifest),
    )


def _described(head: Head, told: Stated, chosen: Licence) -> Described:
    """Return what the metadata say, in both languages."""
    title = "Climate balance {year}, {name}"
    text = (
        "Greenhouse gas balance of {name} for {year} in several books, with factors, control sums and "
        "signature. Rows rest on at least {smallest} places. It can be checked with: bilanz verify."
    )
    if head.grain.below:
        text = (
            "Greenhouse gas balance of {name} for {year} in several books, with factors, control sums and "
            "signature. Rows rest on at least {smallest} places, except {below} that rest on fewer. It can "
            "be checked with: bilanz verify."
        )
    facts = {
        "year": head.year,
        "name": head.member.name,
        "smallest": head.grain.smallest,
        "below": head.grain.below,
    }
    return Described(
        title={each: translate(title, each, **facts) for each in LANGUAGES},
        description={each: translate(text, each, **facts) for each in LANGUAGES},
        publisher=told.publisher,
        publisher_address=told.publisher_address,
        contact=told.contact,
        contact_mail=told.contact_mail,
        licence=chosen,
        year=head.year,
        issued=head.published_at,
        is_final=head.state.state != "open",
    )
