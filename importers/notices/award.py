"""Contract award notices of eForms (UBL): the tenders that won, with the contract each of them became.

NoticeResult
├── LotResult ───────► LotTender, SettledContract     a lot: won, or not awarded
├── LotTender ───────► TenderingParty, TenderLot      what was offered: PayableAmount is the awarded value
├── SettledContract ─► LotTender                      number, day of the award and of the conclusion
└── TenderingParty ──► Tenderer ─► Organizations

Estimates, the lowest and highest tender and maxima of framework agreements are no awarded values: not read.
Source: eForms SDK of the Publications Office, notice subtypes 29 to 37 (results).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.issues import Issue
from importers.columns import numbers
from importers.formats import xml
from importers.formats.xml import Element
from importers.notices.contract import Contract, Notices, cpv_codes

ROOT: Final = "ContractAwardNotice"
ROOTS: Final = (ROOT, "ContractNotice", "PriorInformationNotice")
NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
_EFORMS: Final = ("UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension")
_WON: Final = "selec-w"
_PLACE: Final = "PayableAmount"
_POINT: Final = numbers.NumberFormat(".")


@dataclass(frozen=True, slots=True)
class _Notice:
    """The parts of a notice by their identifiers."""

    root: Element
    organisations: dict[str, str]
    parties: dict[str, Element]
    lots: dict[str, Element]
    contracts: dict[str, Element]  # by the tender they settle


def contracts_of(root: Element, notices: Notices) -> Iterator[Contract]:
    """Yield the awarded tenders of a notice; lost tenders and lots without award are counted and said."""
    extension = xml.child(root, *_EFORMS)
    result = xml.child(extension, "NoticeResult") if extension is not None else None
    if extension is None or result is None:
        notices.ignore("notice_without_result", xml.row(root))
        return
    settled = xml.children(result, "SettledContract")
    notice = _Notice(
        root,
        _organisations(extension),
        _by_id(result, "TenderingParty"),
        _by_id(root, "ProcurementProjectLot"),
        {tender: one for one in settled for tender in xml.texts(one, "LotTender", "ID")},
    )
    won, open_ = _winners(result, set(notice.contracts))
    for lot in xml.children(result, "LotResult"):
        if xml.child(lot, "LotTender") is None:
            value = ", ".join(xml.texts(lot, "TenderLot", "ID")) or None
            notices.ignore("lot_not_awarded", xml.row(lot), value)
    for tender in xml.children(result, "LotTender"):
        number = xml.text(tender, "ID") or ""
        if number not in won:
            notices.ignore(
                "winner_unknown" if number in open_ else "tender_not_awarded", xml.row(tender), number
            )
            continue
        yield _contract(notice, tender)


def _winners(result: Element, settled: set[str]) -> tuple[set[str], set[str]]:
    """Return the tenders that won, and those of which nothing tells whether they did.

    A tender with a contract won. In a lot without one it is the tender of rank 1, or the only one.
    """
    ranks = {xml.text(one, "ID"): xml.text(one, "RankCode") for one in xml.children(result, "LotTender")}
    won, open_ = set(settled), set[str]()
    for lot in xml.children(result, "LotResult"):
        tenders = set(xml.texts(lot, "LotTender", "ID"))
        if xml.text(lot, "TenderResultCode") != _WON or tenders & settled:
            continue
        first = {one for one in tenders if ranks.get(one) == "1"}
        won |= first or (tenders if len(tenders) == 1 else set())
        open_ |= set() if first else tenders
    return won, open_ - won


def compare_total(root: Element, contracts: list[Contract], notices: Notices) -> None:
    """Hold the total a notice states against the values of its contracts, where all are in its currency."""
    total = xml.child(root, *_EFORMS, "NoticeResult", "TotalAmount")
    valued = [one for one in contracts if one.amount is not None]
    if total is None or not valued or any(one.currency != total.get("currencyID") for one in valued):
        return
    stated = numbers.parse(total.text, _POINT)
    amounts = [numbers.parse(one.amount, _POINT) for one in valued]
    counted = sum((amount for amount in amounts if amount is not None), Decimal(0))
    if stated is not None and stated != counted:
        parameters = {"expected": f"{stated.normalize():f}"}
        text = f"{counted.normalize():f}"
        notices.findings.add(Issue("control_sum", xml.row(total), "TotalAmount", text, parameters))


def _contract(notice: _Notice, tender: Element) -> Contract:
    number = xml.text(tender, "ID") or ""
    settled = notice.contracts.get(number)
    amount = xml.child(tender, "LegalMonetaryTotal", _PLACE)
    lots = xml.texts(tender, "TenderLot", "ID")
    lot = next((notice.lots[name] for name in lots if name in notice.lots), None)
    awarded = xml.text(notice.root, "TenderResult", "AwardDate")
    signed = _of(settled, "IssueDate") or _of(settled, "AwardDate")
    term = _term(lot)
    return Contract(
        row=xml.row(tender),
        place=_PLACE,
        amount=(amount.text or "").strip() or None if amount is not None else None,
        currency=amount.get("currencyID") if amount is not None else None,
        number=_of(settled, "ContractReference", "ID") or xml.text(tender, "TenderReference", "ID"),
        supplier=_winner(notice, tender),
        start=term[0] or signed or awarded or xml.text(notice.root, "IssueDate"),
        end=term[1] or (None if term[0] else signed or awarded or xml.text(notice.root, "IssueDate")),
        cpv=cpv_codes([*_cpv(lot), *_cpv(notice.root)]),
        told={
            "title": _of(settled, "Title") or _of(lot, "ProcurementProject", "Name")
            or xml.text(notice.root, "ProcurementProject", "Name"),
            "buyer": _buyer(notice),
            "process": xml.text(notice.root, "ContractFolderID"),
            "notice": xml.text(notice.root, "ID"),
            "lot": ", ".join(lots) or None,
            "signed": signed,
        },
    )  # fmt: skip


def _term(lot: Element | None) -> tuple[str | None, str | None]:
    """Return first and last day of the planned term of a lot, where both are stated."""
    first = _of(lot, "ProcurementProject", "PlannedPeriod", "StartDate")
    last = _of(lot, "ProcurementProject", "PlannedPeriod", "EndDate")
    return (first, last) if first and last else (None, None)


def _cpv(element: Element | None) -> list[str]:
    """Return the CPV codes of a lot or notice, the main one first."""
    project = xml.child(element, "ProcurementProject") if element is not None else None
    if project is None:
        return []
    names = ("MainCommodityClassification", "AdditionalCommodityClassification")
    codes = [code for name in names for code in xml.children(project, name, "ItemClassificationCode")]
    return [(code.text or "").strip() for code in codes if (code.get("listName") or "cpv").lower() == "cpv"]


def _winner(notice: _Notice, tender: Element) -> str | None:
    party = notice.parties.get(xml.text(tender, "TenderingParty", "ID") or "")
    names = (
        [notice.organisations.get(one, one) for one in xml.texts(party, "Tenderer", "ID")]
        if party is not None
        else []
    )
    return ", ".join(names) or None


def _buyer(notice: _Notice) -> str | None:
    ids = xml.texts(notice.root, "ContractingParty", "Party", "PartyIdentification", "ID")
    return ", ".join(notice.organisations.get(one, one) for one in ids) or None


def _organisations(extension: Element) -> dict[str, str]:
    """Return identifier → name of the organisations of a notice; people and addresses are not read."""
    found = {}
    for company in xml.children(extension, "Organizations", "Organization", "Company"):
        number = xml.text(company, "PartyIdentification", "ID")
        name = xml.text(company, "PartyName", "Name")
        if number and name:
            found[number] = name
    return found


def _by_id(element: Element, name: str) -> dict[str, Element]:
    return {number: one for one in xml.children(element, name) if (number := xml.text(one, "ID"))}


def _of(element: Element | None, *path: str) -> str | None:
    return xml.text(element, *path) if element is not None else None
