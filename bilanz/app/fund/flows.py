"""Disbursements out of procurement records: bills and payments that name the contract of a project.

    record of the store ──contract number──► project ──► flow, net, on the last day the record speaks of
                                               │
                                               └──► refused, with the reason: never dropped

Notices of awards (`document_type` contract) are money promised to a supplier: they pay out nothing.

A bill and its payment are the same money, of other days and perhaps other sums. So a contract is paid by its
bills or by payment lists, never by both: by what was taken over already, else by the bills.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from bilanz.app.master.access import Rights
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.data import write
from bilanz.app.master.intake import MasterdataSummary
from bilanz.app.master.tables import BY_NAME, cell
from bilanz.app.settings import Settings
from bilanz.fund.project import FlowKind, FundFlow, FundProject
from bilanz.messages import Language, translate
from bilanz.money import find_currency
from bilanz.organisation import OrganisationUnit
from bilanz.periods import local_day
from bilanz.records import DocumentType
from bilanz.registry import fund
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import organisations, path, zone_of
from bilanz.store.connection import Store, open_store

_CENT: Final = Decimal("0.01")
_INSTANT: Final = timedelta(microseconds=1)
_IDENTIFIER: Final = re.compile(r"(\d{8}T\d{6}-[0-9a-f]{8}-[0-9a-f]{4})-\d+(-\d+)?")
"""What `_identifier` makes: batch, row, and which record of the row."""

REASONS: Final = {
    "several": "Several projects name the contract {contract}: {projects}.",
    "elsewhere": "It is of {found}, the project of {expected}.",
    "currency": "It is in {currency}, the project in {expected}.",
    "no_amount": "It states no net amount of money.",
    "gross": "Its amount is gross; disbursements are net.",
    "tax_unstated": "The file does not say whether its amount is net; disbursements are.",
    "twice": "{file} names the contract {contract} too: it may be the same money. If not, enter it by hand.",
    "zero": "Its amount is zero.",
    "too_fine": "Its amount has parts of a cent.",
    "instalment": "It is an instalment; the final bill states everything again.",
    "entered": "A disbursement of this day and amount is entered already: {flow}.",
}
"""Code → why a record is not proposed (template)."""

# The place among the records of a row does not depend on what was superseded: identifiers stay.
_RECORDS: Final = """
WITH named AS (
    SELECT b.batch, b.file, b.importer = 'council_spend' AS is_paid, a.batch_key, a.source_row,
        a.organisation, a."column", a."start", a."end", a.quantity, a.unit, a.cost_net, a.currency,
        a.document_type, a.is_superseded,
        json_extract_string(a.attributes, '$.contract') AS stated,
        lower(trim(regexp_replace(stated, '\\s+', ' ', 'g'))) AS contract,
        row_number() OVER (PARTITION BY a.batch_key, a.source_row ORDER BY a.record_id) AS place
    FROM activity_live a JOIN batch b USING (batch_key)
    WHERE contains(a.attributes, '"contract"') AND a.document_type IS DISTINCT FROM 'contract'
)
SELECT * EXCLUDE (batch_key, is_superseded), (
        SELECT min(i.code) FROM issue i
        WHERE i.batch_key = named.batch_key AND i.code IN ('gross_only', 'tax_unstated')
            AND i."column" = named."column"
    ) AS tax
FROM named
WHERE NOT is_superseded AND contract <> '' AND (list_contains($1, contract) OR list_contains($2, batch))
ORDER BY batch, source_row, place
"""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that names a contract of a project and is not proposed. `code`: of `REASONS`."""

    id: str
    file: str
    row: int
    contract: str
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def reason(self, language: Language) -> str:
        """Return why, as a sentence."""
        return translate(REASONS[self.code], language, **self.parameters)


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the records of the store come to; every record that names a contract is in one of them.

    Attributes:
        flows: disbursements that are not there yet, by day.
        refused: records that cannot be proposed.
        known: ids of flows that are there already.
        gone: flows taken over from records that were withdrawn, excluded or superseded since.
    """

    flows: tuple[FundFlow, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()
    known: tuple[str, ...] = ()
    gone: tuple[FundFlow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Registered:
    """What is registered. `projects`: contract number, folded → projects that name it."""

    projects: Mapping[str, tuple[FundProject, ...]]
    flows: Mapping[str, FundFlow]
    units: dict[str, OrganisationUnit]
    settings: Settings


def propose(settings: Settings) -> Proposals:
    """Return the disbursements the records of the store come to; nothing is written.

    Raises:
        UsageError: there is no store.
    """
    with closing(open_registry(settings.registry)) as registry:
        projects: dict[str, tuple[FundProject, ...]] = {}
        for project in fund.projects(registry):
            if project.contract is not None and _folded(project.contract):
                number = _folded(project.contract)
                projects[number] = (*projects.get(number, ()), project)
        flows = {flow.id: flow for flow in fund.flows(registry)}
        known = _Registered(projects, flows, organisations(registry), settings)
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        records = _records(store, known)
    return _sorted(records, known)


def _folded(number: str) -> str:
    return " ".join(number.split()).lower()


def _records(store: Store, known: _Registered) -> list[dict[str, Any]]:
    """Return the live records that name a contract of a project, or that a flow was taken from."""
    taken = {match[1] for name in known.flows if (match := _IDENTIFIER.fullmatch(name))}
    return store.frame(_RECORDS, [sorted(known.projects), sorted(taken)]).to_dicts()


def _sorted(records: Sequence[Mapping[str, Any]], known: _Registered) -> Proposals:
    found: dict[str, Mapping[str, Any]] = {_identifier(record): record for record in records}
    elsewhere = [flow for name, flow in known.flows.items() if name not in found]
    apart = _told_twice(found, known)
    made = [
        apart.get(name) or _made(name, record, known, elsewhere)
        for name, record in found.items()
        if name not in known.flows and record["contract"] in known.projects
    ]
    flows = [one for one in made if isinstance(one, FundFlow)]
    return Proposals(
        flows=tuple(sorted(flows, key=lambda flow: (flow.on, flow.id))),
        refused=tuple(one for one in made if isinstance(one, RefusedRecord)),
        known=tuple(name for name in found if name in known.flows),
        gone=tuple(flow for flow in elsewhere if _IDENTIFIER.fullmatch(flow.id)),
    )


def _told_twice(found: Mapping[str, Mapping[str, Any]], known: _Registered) -> dict[str, RefusedRecord]:
    """Return the refusals of records whose contract is paid by the other kind: bills or payment lists."""
    files: dict[tuple[str, bool], str] = {}
    taken: set[tuple[str, bool]] = set()
    for name, record in found.items():
        kind = (record["contract"], record["is_paid"])
        files.setdefault(kind, record["file"])
        if name in known.flows:
            taken.add(kind)
    refused = {}
    for name, record in found.items():
        contract, is_paid = record["contract"], record["is_paid"]
        other = files.get((contract, not is_paid))
        lists_count = (contract, True) in taken and (contract, False) not in taken
        if other is not None and is_paid != lists_count:
            told = {"contract": record["stated"], "file": other}
            refused[name] = RefusedRecord(
                name, record["file"], record["source_row"], record["stated"], "twice", told
            )
    return refused


def _identifier(record: Mapping[str, Any]) -> str:
    more = "" if record["place"] == 1 else f"-{record['place']}"
    return f"{record['batch']}-{record['source_row']}{more}"


def _made(
    name: str, record: Mapping[str, Any], known: _Registered, elsewhere: Sequence[FundFlow]
) -> FundFlow | RefusedRecord:
    """Return the flow of a record, or why there is none. `elsewhere`: flows of no live record."""

    def refused(code: str, **parameters: str) -> RefusedRecord:
        return RefusedRecord(name, record["file"], record["source_row"], record["stated"], code, parameters)

    project, *others = known.projects[record["contract"]]
    if others:
        names = ", ".join(one.id for one in (project, *others))
        return refused("several", contract=record["stated"], projects=names)
    if not _is_within(record["organisation"], project.organisation, known.units):
        return refused("elsewhere", found=record["organisation"], expected=project.organisation)
    amount, currency = _money(record)
    problem = _problem(record, amount)
    if problem is not None or amount is None or currency is None:
        return refused(problem or "no_amount")
    if currency != project.currency:
        return refused("currency", currency=currency, expected=project.currency)
    zone = zone_of(record["organisation"], known.units) or known.settings.zone
    where = translate("row {row}", known.settings.lang, row=record["source_row"])
    flow = FundFlow(
        id=name,
        project=project.id,
        kind=FlowKind.DISBURSEMENT.value,
        on=local_day(zone, record["end"] - _INSTANT),
        amount=amount.quantize(_CENT),
        currency=currency,
        contract=record["stated"].strip(),
        evidence=f"{record['file']}, {where}",
    )
    same = _same(flow, elsewhere)
    return flow if same is None else refused("entered", flow=same)


def _is_within(organisation: str, above: str, units: dict[str, OrganisationUnit]) -> bool:
    """Tell whether an organisation is another one, or below it."""
    return organisation in units and above in path(organisation, units).split("/")


def _money(record: Mapping[str, Any]) -> tuple[Decimal | None, str | None]:
    """Return the net amount of a record and its currency: of a supply what it cost, of spend the amount."""
    if record["cost_net"] is not None:
        return record["cost_net"], record["currency"]
    is_money = find_currency(record["unit"]) == record["unit"]
    return (record["quantity"], record["unit"]) if is_money else (None, None)


def _problem(record: Mapping[str, Any], amount: Decimal | None) -> str | None:
    """Return why an amount cannot be a disbursement, a code of `REASONS`."""
    if record["document_type"] == DocumentType.INSTALMENT:
        return "instalment"
    if record["tax"] is not None:
        return "gross" if record["tax"] == "gross_only" else "tax_unstated"
    if amount is None:
        return "no_amount"
    if amount == 0:
        return "zero"
    return None if amount == amount.quantize(_CENT) else "too_fine"


def _same(flow: FundFlow, others: Sequence[FundFlow]) -> str | None:
    """Return a flow, entered by hand or of a record that is gone, that may be the same one."""
    same = (flow.project, flow.kind, flow.on, flow.amount)
    return next((one.id for one in others if (one.project, one.kind, one.on, one.amount) == same), None)


def take_over(
    settings: Settings, flows: Sequence[FundFlow], *, reason: str | None = None, rights: Rights | None = None
) -> MasterdataSummary:
    """Save proposed flows as an import of master data would: with its checks and its entry in the trail.

    Args:
        settings: where the registry lies, and who takes them over.
        flows: of `propose`.
        reason: why, for the audit trail.
        rights: of whoever takes them over; None: everything is theirs.
    """
    table = BY_NAME["fund_flows"]
    rows = [
        (number, {name: cell(value) for name, value in table.values(flow).items()})
        for number, flow in enumerate(flows, 1)
    ]
    sheets = {table.name: Sheet(translate("procurement records", settings.lang), rows)}
    with closing(open_registry(settings.registry)) as registry:
        return write(sheets, registry, settings, update=False, reason=reason, rights=rights).summary
