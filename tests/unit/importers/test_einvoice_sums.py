"""Whatever an invoice lists: every line has one fate, no money is lost, no quantity counts twice."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.base import ImportRequest, Workspace
from importers.einvoice import EInvoice

HEAD = (
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:cac" '
    'xmlns:cbc="urn:cbc">'
    "<cbc:ID>1</cbc:ID><cbc:IssueDate>2024-12-31</cbc:IssueDate>"
    "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
)
NAMES = [
    "Arbeitspreis Strom",
    "Arbeitspreis Gas",
    "Arbeitspreis",
    "Energiepreis HT",
    "Netznutzung",
    "Netznutzung Strom",
    "Konzessionsabgabe",
    "Stromsteuer",
    "Grundpreis",
    "Grundpreis Gas",
    "Messung",
    "Einspeisung",
    "Abschlag Strom",
    "Heizöl",
    "Gasverbrauch",
    "Kopierpapier",
]
lines = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(["KWH", "MTQ", "LTR", "ANN", "KWT", "C62", "XBX"]),
    st.sampled_from(["1", "100", "100.5", "250"]),
    st.decimals(min_value=-500, max_value=5000, places=2),
    st.sampled_from(["2024-01-01/2024-06-30", "2024-07-01/2024-12-31", "2024-01-01/2024-12-31", ""]),
)


def element(number: int, entry: tuple[str, str, str, Decimal, str]) -> str:
    name, code, quantity, net, days = entry
    start, _, end = days.partition("/")
    bounds = f"<cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate>"
    period = f"<cac:InvoicePeriod>{bounds}</cac:InvoicePeriod>"
    return (
        f'<cac:InvoiceLine><cbc:ID>{number}</cbc:ID><cbc:InvoicedQuantity unitCode="{code}">{quantity}'
        f"</cbc:InvoicedQuantity><cbc:LineExtensionAmount>{net}</cbc:LineExtensionAmount>"
        f"{period if days else ''}"
        f"<cac:Item><cbc:Name>{name}</cbc:Name></cac:Item></cac:InvoiceLine>\n"
    )


@given(st.lists(lines, min_size=1, max_size=12))
def test_no_money_is_lost_and_every_line_has_one_fate(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, str, str, Decimal, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "sums.xml"
    body = "".join(element(number, entry) for number, entry in enumerate(entries))
    path.write_text(HEAD + body + "</Invoice>", encoding="utf-8")
    result = EInvoice().read(path, ImportRequest(), Workspace(path.parent, lambda: NotImplemented))
    result.check()
    assert result.read == len(entries)
    rejected = result.issues.filter(severity="error")["source_row"].to_list()
    taken = sum((net for row, (_, _, _, net, _) in enumerate(entries, 1) if row not in rejected), Decimal(0))
    assert len(rejected) == result.rejected
    assert (result.activities["cost_net"].sum() or Decimal(0)) == taken
    stated = sum((Decimal(quantity) for _, code, quantity, _, _ in entries if code == "KWH"), Decimal(0))
    assert (result.activities.filter(unit="kWh")["quantity"].sum() or Decimal(0)) <= stated
