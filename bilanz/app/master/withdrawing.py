"""Rows of the fund taken back: out of the table, into the trail with their reason. Nothing may rest on them.

Other master data end by a day (terms, memberships) or are changed: runs of years depend on them.
"""

from collections.abc import Sequence

from bilanz.access import Right
from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master.access import Rights
from bilanz.app.master.data import TURN
from bilanz.app.master.intake import Known, keys_said
from bilanz.app.master.rows import find, may_change
from bilanz.app.master.tables import BY_NAME, TABLES, Table, cell
from bilanz.app.settings import Settings
from bilanz.errors import Forbidden, Refused, UnknownName
from bilanz.fund.project import FundFlow, FundProject
from bilanz.fund.projectchecks import check_covered
from bilanz.fund.withdrawn import ACTION
from bilanz.masterrow import MasterRow
from bilanz.registry.bulk import take_back
from bilanz.registry.engine import Registry
from bilanz.trail import Deed


class Everything:
    """Rights of whoever works at the machine itself."""

    def may(self, right: Right, organisation: str) -> bool:
        """Tell that everything is allowed."""
        del right, organisation
        return True


def withdraw(
    registry: Registry,
    settings: Settings,
    name: str,
    key: Sequence[str],
    reason: str,
    rights: Rights | None = None,
) -> MasterRow:
    """Take a row of the fund back and return it.

    Args:
        registry: where it lies.
        settings: who takes it back.
        name: of the table.
        key: what identifies the row, as texts.
        reason: why, for the audit trail.
        rights: of whoever takes it back; None: everything is theirs.

    Raises:
        UnknownName: there is no such table of the fund or no such row, or it may not be seen.
        Forbidden: it may be read and not changed.
        Refused: the reason is missing, other rows name it, or money already paid out rests on it.
    """
    table = table_of(name)
    if not reason.strip():
        raise Refused("Say why it is withdrawn: the reason stands in the audit trail.")
    with TURN:
        known = Known.of(registry, settings.lang, rights=rights or Everything())
        row = find(known, table, key)
        if not may_change(known, table, row):
            raise Forbidden("You may not do this.")
        _check_free(table, row, known)
        (label,) = keys_said(table, [row])
        told = {column: cell(value) for column, value in table.values(row).items() if value is not None}
        details = {"key": label, "withdrawn": told}
        take_back(registry, row, Deed(settings.user, ACTION, table.name, reason.strip(), details))
    return row


def table_of(name: str) -> Table:
    """Return a table of the fund.

    Raises:
        UnknownName: it is none.
    """
    if name not in {table.name for table in FUND_TABLES}:
        message = 'Rows of "{name}" cannot be withdrawn; those of {known} can.'
        raise UnknownName(message, name=name, known=", ".join(table.name for table in FUND_TABLES))
    return BY_NAME[name]


def _check_free(table: Table, row: MasterRow, known: Known) -> None:
    """Refuse a row that others rest on.

    Raises:
        Refused: some name it, or more would be paid out than is committed.
    """
    naming = {
        other.name: count
        for other in TABLES
        for column, target in other.references.items()
        if target == table.name
        and (count := sum(1 for one in known.rows[other.name].values() if getattr(one, column) == _id(row)))
    }
    if naming:
        message = "Other rows name it: {found}. Withdraw those first."
        raise Refused(message, found=", ".join(f"{other} {count}" for other, count in naming.items()))
    if isinstance(row, FundFlow):
        project = known.rows["fund_projects"].get((row.project,))
        flows = known.rows["fund_flows"].values()
        rest = [one for one in flows if isinstance(one, FundFlow) and one.project == row.project]
        if isinstance(project, FundProject):
            check_covered(project, [one for one in rest if one.id != row.id])


def _id(row: MasterRow) -> object:
    return getattr(row, "id", None)
