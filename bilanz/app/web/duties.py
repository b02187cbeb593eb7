"""Words for duties, for how users stand, and for scopes of tokens."""

from collections.abc import Iterable
from typing import Final

from bilanz.access import ALL, Duty, Grant
from bilanz.app.account.accounts import Standing
from bilanz.messages import Language, translate
from bilanz.organisation import OrganisationUnit

DUTIES: Final = {
    Duty.OFFICER: "Officer: uploads files, mends them, calculates",
    Duty.REVIEWER: "Reviewer: checks and releases years",
    Duty.AUDITOR: "Auditor: reads everything, also the audit trail",
    Duty.BOARD: "Board: reads released balances and the fund",
    Duty.ADMINISTRATOR: "Administrator: manages users and master data",
}
NAMES: Final = {
    Duty.OFFICER: "Officer",
    Duty.REVIEWER: "Reviewer",
    Duty.AUDITOR: "Auditor",
    Duty.BOARD: "Board",
    Duty.ADMINISTRATOR: "Administrator",
}
STANDINGS: Final = {
    Standing.ACTIVE: "Active",
    Standing.INVITED: "Invited",
    Standing.RESTS: "Locked for now",
    Standing.INACTIVE: "Locked out",
}
SCOPES: Final = {
    "read": "Read: balances, files, master data",
    "deliver": "Upload and commit files",
    "calculate": "Calculate balances",
    "review": "Resolve exceptions and release years",
    "manage": "Change master data and users",
}


def everywhere(language: Language) -> str:
    """Return the words for all organisations."""
    return translate("All organisations", language)


def place(organisation: str, units: dict[str, OrganisationUnit], language: Language) -> str:
    """Return how an organisation of a grant is named."""
    if organisation == ALL:
        return everywhere(language)
    return units[organisation].name if organisation in units else organisation


def told(grants: Iterable[Grant], units: dict[str, OrganisationUnit], language: Language) -> list[str]:
    """Return grants in words: the duty and where."""
    words = (
        (translate(NAMES[Duty(one.duty)], language), place(one.organisation, units, language))
        for one in grants
    )
    return [f"{duty}: {where}" for duty, where in words]
