"""Quantities beside a supply that are no consumption: reliefs, rebates, sums, comparisons; and feed-in."""

from pathlib import Path

import pytest

from importers.base import ImportRequest, ImportResult, Workspace
from importers.einvoice import EInvoice

Row = tuple[str, str, str]  # name, kWh, net amount
SPACE = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" xmlns:cac="urn:cac" xmlns:cbc="urn:cbc"'
)
REFERENCE = (
    "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>0</cbc:ID>"
    "</cac:InvoiceDocumentReference></cac:BillingReference>"
)
YEAR = ("2023-01-01", "2023-12-31")
PRICE: Row = ("Strom Arbeitspreis", "2000", "620")
HT: Row = ("Strom Arbeitspreis HT", "200", "60")
NT: Row = ("Strom Arbeitspreis NT", "100", "20")


def span(start: str, end: str) -> str:
    bounds = f"<cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate>"
    return f"<cac:InvoicePeriod>{bounds}</cac:InvoicePeriod>"


def imported(
    directory: Path,
    *rows: Row,
    code: str = "380",
    reference: str = "",
    periods: dict[int, tuple[str, str]] | None = None,
) -> ImportResult:
    """Return what a bill in kWh gives; a credit note where the code says so."""
    root = "CreditNote" if code == "381" else "Invoice"
    quantity = "CreditedQuantity" if code == "381" else "InvoicedQuantity"
    head = (
        f"<{root} {SPACE.format(root=root)}><cbc:ID>1</cbc:ID><cbc:IssueDate>2024-01-31</cbc:IssueDate>"
        f"<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>"
        f"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{span(*YEAR)}{reference}\n"
    )
    parts = [head]
    for number, (name, amount, net) in enumerate(rows, 1):
        own = span(*periods[number]) if periods and number in periods else ""
        parts.append(
            f"<cac:{root}Line><cbc:ID>{number}</cbc:ID>"
            f'<cbc:{quantity} unitCode="KWH">{amount}</cbc:{quantity}>'
            f"<cbc:LineExtensionAmount>{net}</cbc:LineExtensionAmount>{own}"
            f"<cac:Item><cbc:Name>{name}</cbc:Name></cac:Item></cac:{root}Line>\n"
        )
    path = directory / "bill.xml"
    path.write_text("".join([*parts, f"</{root}>"]), encoding="utf-8")
    result = EInvoice().read(path, ImportRequest(), Workspace(directory, lambda: NotImplemented))
    result.check()
    return result


def energy(result: ImportResult) -> list[float]:
    return [float(value) for value in result.activities.filter(unit="kWh")["quantity"]]


def cost(result: ImportResult) -> float:
    return float(result.activities["cost_net"].sum())


@pytest.mark.parametrize(
    "name",
    [
        "Entlastungsbetrag Strompreisbremse",
        "Strompreisbremse",
        "Entlastung nach StromPBG",
        "Entlastungskontingent 80 %",
        "Dezember-Soforthilfe",
        "Soforthilfe Abschlag Dezember 2022",
        "Gas- und Wärmepreisbremse",
    ],
)
def test_a_relief_is_no_consumption_and_lowers_the_cost(tmp_path: Path, name: str) -> None:
    supply = ("Fernwärme Arbeitspreis", "2000", "620") if "Wärme" in name else PRICE
    result = imported(tmp_path, supply, (name, "1600", "-100"))
    assert (energy(result), cost(result)) == ([2000], 520)
    assert result.issues.filter(code="relief")["value"].to_list() == [name]


def test_a_relief_beside_a_tax(tmp_path: Path) -> None:
    result = imported(
        tmp_path,
        PRICE,
        ("Entlastungsbetrag Strompreisbremse", "1600", "-100"),
        ("Stromsteuer", "2000", "41"),
    )
    assert (energy(result), cost(result)) == ([2000], 561)


def test_the_relief_of_a_bill_taken_back_is_taken_back(tmp_path: Path) -> None:
    relief = ("Strompreisbremse", "1600", "-100")
    result = imported(tmp_path, PRICE, relief, code="381", reference=REFERENCE)
    assert (energy(result), cost(result)) == ([-2000], -520)


def test_a_capped_price_is_a_price(tmp_path: Path) -> None:
    result = imported(
        tmp_path,
        ("Arbeitspreis Strom im Entlastungskontingent", "1600", "640"),
        ("Strom mit Strompreisbremse", "300", "120"),
        ("Arbeitspreis Strom über Kontingent", "400", "220"),
    )
    assert sum(energy(result)) == 2300


@pytest.mark.parametrize("code", ["380", "384"])
def test_a_rebate_with_a_quantity_is_no_consumption(tmp_path: Path, code: str) -> None:
    result = imported(tmp_path, PRICE, ("Strom Treueaktion", "1600", "-100"), code=code)
    assert (energy(result), cost(result)) == ([2000], 520)
    assert result.issues.filter(code="not_counted")["severity"].to_list() == ["warning"]


def test_a_rebate_taken_back_with_its_bill_is_no_consumption(tmp_path: Path) -> None:
    result = imported(tmp_path, PRICE, ("Strom Treueaktion", "1600", "-100"), code="381", reference=REFERENCE)
    assert (energy(result), cost(result)) == ([-2000], -520)


def test_a_supply_at_a_negative_price_alone_counts(tmp_path: Path) -> None:
    assert energy(imported(tmp_path, ("Strom Arbeitspreis", "2000", "-5"))) == [2000]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sum_beside_its_parts_counts_once(tmp_path: Path, place: int) -> None:
    rows = [HT, NT]
    rows.insert(place, ("Stromverbrauch gesamt", "300", "0.00"))
    result = imported(tmp_path, *rows)
    assert (sum(energy(result)), cost(result)) == (300, 80)
    assert result.issues.filter(code="repeated_quantity")["value"].to_list() == ["Stromverbrauch gesamt"]


def test_the_sums_of_two_periods_count_once(tmp_path: Path) -> None:
    first, second = ("2023-01-01", "2023-06-30"), ("2023-07-01", "2023-12-31")
    total = "Stromverbrauch gesamt"
    result = imported(
        tmp_path,
        HT,
        NT,
        (total, "300", "0"),
        ("Strom Arbeitspreis HT", "150", "45"),
        (total, "150", "0"),
        periods={1: first, 2: first, 3: first, 4: second, 5: second},
    )
    assert sum(energy(result)) == 450


def test_a_sum_counts_once_where_no_line_has_a_price(tmp_path: Path) -> None:
    rows = (("Stromverbrauch gesamt", "300", "0"), ("Strom HT", "200", "0"), ("Strom NT", "100", "0"))
    assert sum(energy(imported(tmp_path, *rows))) == 300
    equal = (("Strom Arbeitspreis HT", "100", "0"), ("Strom Arbeitspreis NT", "100", "0"))
    assert energy(imported(tmp_path, *equal)) == [100, 100]


@pytest.mark.parametrize("name", ["Stromverbrauch 2022 zum Vergleich", "Stromverbrauch Vorjahr"])
def test_a_comparison_does_not_count(tmp_path: Path, name: str) -> None:
    result = imported(tmp_path, PRICE, (name, "900", "0.00"))
    assert energy(result) == [2000]
    assert result.issues.filter(code="not_counted")["value"].to_list() == [name]


def test_an_unpriced_quantity_of_another_time_does_not_count(tmp_path: Path) -> None:
    rows = (PRICE, ("Stromverbrauch", "900", "0"))
    result = imported(tmp_path, *rows, periods={2: ("2022-01-01", "2022-12-31")})
    assert energy(result) == [2000]
    assert result.issues.filter(code="not_counted").height == 1


def test_an_unpriced_quantity_between_priced_ones_counts_with_a_warning(tmp_path: Path) -> None:
    periods = {
        1: ("2023-01-01", "2023-03-31"),
        2: ("2023-04-01", "2023-05-31"),
        3: ("2023-06-01", "2023-12-31"),
    }
    result = imported(tmp_path, PRICE, ("Stromverbrauch", "900", "0"), HT, periods=periods)
    assert energy(result) == [2000, 900, 200]
    assert result.issues.filter(code="quantity_doubtful").height == 1


def test_another_unpriced_quantity_counts_with_a_warning(tmp_path: Path) -> None:
    result = imported(tmp_path, PRICE, ("Stromverbrauch Außenstelle", "900", "0"))
    assert energy(result) == [2000, 900]
    assert result.issues.filter(code="quantity_doubtful")["severity"].to_list() == ["warning"]


FED_IN: Row = ("Einspeisevergütung Photovoltaik", "5000", "400.00")


@pytest.mark.parametrize("code", ["381", "389"])
def test_a_settlement_of_feed_in_is_energy_fed_in_and_income(tmp_path: Path, code: str) -> None:
    record = imported(tmp_path, FED_IN, code=code).activities.row(0, named=True)
    assert (record["direction"], record["quantity"], record["cost_net"]) == ("feed_in", 5000, -400)
    assert record["document_type"] == "final"


@pytest.mark.parametrize("code", ["381", "389"])
def test_a_fee_kept_back_from_a_settlement_is_a_cost(tmp_path: Path, code: str) -> None:
    result = imported(tmp_path, FED_IN, ("Messstellenbetrieb", "1", "-20"), code=code)
    assert cost(result) == -380


def test_a_credit_note_that_refers_to_a_bill_takes_feed_in_back(tmp_path: Path) -> None:
    assert energy(imported(tmp_path, FED_IN, code="381", reference=REFERENCE)) == [-5000]
