"""Disbursements out of procurement records: proposed, refused with the reason, taken over like an import."""

import json
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fundrows import flow, project
from toy import City, found_city, use_toys

from bilanz.app.fund.flows import REASONS, Proposals, propose, take_over
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.errors import UsageError
from bilanz.fund.project import FundFlow, FundProgramme, FundProject
from bilanz.messages import catalogue
from bilanz.registry import fund, trail
from bilanz.registry.bulk import Batch, put_all
from bilanz.registry.engine import open_registry
from bilanz.store.connection import open_store

HEADER = "start,end,quantity,unit,cost_net,currency,activity,document_type,attributes"


def bill(
    amount: str,
    contract: str = "V-7/2024",
    *,
    unit: str = "EUR",
    cost: str = "",
    currency: str = "",
    kind: str = "",
) -> str:
    """Return a row of spend of April; local April ends at 22:00 UTC."""
    told = '"' + json.dumps({"contract": contract}).replace('"', '""') + '"'
    return f"2024-04-01,2024-05-01,{amount},{unit},{cost},{currency},purchase,{kind},{told}"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a town with the project `pumps` under contract V-7/2024, 1 000 euros committed."""
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    put(
        found,
        FundProgramme(id="heat", organisation="town", title="Heat", evidence="resolution"),
        project(organisation="town", contract="V-7/2024"),
        flow("commitment", "1000", date(2024, 1, 1)),
    )
    return found


def put(city: City, *rows: FundProgramme | FundProject | FundFlow) -> None:
    with closing(open_registry(city.settings.registry)) as registry:
        put_all(registry, [Batch((row,)) for row in rows])


def take(city: City, *rows: str, name: str = "bills.csv", organisation: str = "depot") -> str:
    import_file(city.file(name, HEADER, *rows), organisation=organisation, settings=city.settings)
    return str(batches(city.settings)[-1]["batch"])


def codes(found: Proposals) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in found.refused]


def test_a_bill_that_names_the_contract_becomes_a_disbursement(city: City) -> None:
    batch = take(city, bill("250.50"), bill("5", "V-8"))
    found = propose(city.settings)
    (made,) = found.flows
    assert made.model_dump() == {
        "id": f"{batch}-3",
        "project": "pumps",
        "kind": "disbursement",
        "on": date(2024, 5, 1),  # the record ends at midnight UTC, in Berlin two o'clock on 1 May
        "amount": Decimal("250.50"),
        "currency": "EUR",
        "budget_line": None,
        "contract": "V-7/2024",
        "evidence": "bills.csv, row 3",
    }
    assert (found.refused, found.known, found.gone) == ((), (), ())


def test_what_is_taken_over_is_checked_told_in_the_trail_and_not_proposed_again(city: City) -> None:
    batch = take(city, bill("600"), bill("500"), bill("400"))
    found = propose(city.settings)
    summary = take_over(city.settings, found.flows, reason="payment run 5").as_json()
    count = summary["tables"]["fund_flows"]
    assert (count["read"], count["added"], count["rejected"]) == (3, 2, 1)  # 600 + 400 are committed
    (issue,) = summary["issues"]
    assert issue["message"].startswith(
        "procurement records, row 2: The row contradicts others: More would be"
    )
    with closing(open_registry(city.settings.registry)) as registry:
        held = {one.id: one.amount for one in fund.flows(registry) if one.kind == "disbursement"}
        entry = trail.entries(registry, "fund_flows")[-1]
    assert held == {f"{batch}-3": Decimal(600), f"{batch}-5": Decimal(400)}
    assert (entry.action, entry.reason) == ("masterdata.change", "payment run 5")
    assert json.loads(entry.details)["added"] == [f"{batch}-3", f"{batch}-5"]
    again = propose(city.settings)
    assert [one.id for one in again.flows] == [f"{batch}-4"]
    assert again.known == (f"{batch}-3", f"{batch}-5")


def test_numbers_are_told_apart_by_signs_and_not_by_case_or_blanks(city: City) -> None:
    take(city, bill("1", " v-7/2024 "), bill("2", "V-7 / 2024"), bill("3", "V-7/20245"))
    assert [(one.amount, one.contract) for one in propose(city.settings).flows] == [(Decimal(1), "v-7/2024")]


def test_what_a_supply_cost_is_taken_and_not_its_quantity(city: City) -> None:
    take(city, bill("5000", unit="kWh", cost="1100.25", currency="EUR"), bill("7", unit="kWh"))
    found = propose(city.settings)
    assert [one.amount for one in found.flows] == [Decimal("1100.25")]
    assert codes(found) == [(4, "no_amount")]


def test_an_electronic_invoice_names_its_contract(tmp_path: Path) -> None:
    """Water 1 687.00 and sewage 2 111.20 euros of 2024, contract V-77: 3 798.20 euros."""
    plain = found_city(tmp_path)
    put(
        plain,
        FundProgramme(id="heat", organisation="town", title="Heat", evidence="resolution"),
        project(organisation="town", contract="V-77"),
    )
    invoice = Path(__file__).parents[3] / "golden" / "einvoice" / "water_and_sewage.xml"
    import_file(invoice, organisation="town", settings=plain.settings)
    found = propose(plain.settings)
    assert [one.amount for one in found.flows] == [Decimal("1687.00"), Decimal("2111.20")]
    assert {(one.on, one.currency, one.contract) for one in found.flows} == {
        (date(2024, 12, 31), "EUR", "V-77")
    }


GOLDEN = Path(__file__).parents[3] / "golden"


def listed(folder: Path, contract: str) -> tuple[City, Path]:
    """Return a town with a project, and a payment list that names its contract."""
    plain = found_city(folder)
    programme = FundProgramme(id="heat", organisation="town", title="Heat", evidence="resolution")
    put(plain, programme, project(organisation="town", contract=contract))
    text = (GOLDEN / "council_spend" / "clean_contracts_de.csv").read_text("utf-8")
    path = folder / "payments.csv"
    path.write_text(text.replace("7/2024", contract.removeprefix("V-")), encoding="utf-8")
    return plain, path


def test_a_payment_list_names_its_contract(tmp_path: Path) -> None:
    """150 000.00 euros paid, 2 500.50 paid back; the 1 200.00 of no contract are not the project's."""
    plain, path = listed(tmp_path, "V-7/2024")
    import_file(path, organisation="town", settings=plain.settings)
    found = propose(plain.settings)
    assert [(one.on, one.amount, one.contract) for one in found.flows] == [
        (date(2024, 3, 4), Decimal(150000), "V-7/2024"),
        (date(2024, 4, 29), Decimal("-2500.50"), "v-7/2024"),
    ]
    assert found.refused == ()


def test_a_list_that_does_not_say_it_is_net_pays_out_nothing(tmp_path: Path) -> None:
    plain, path = listed(tmp_path, "V-7/2024")
    path.write_text(path.read_text("utf-8").replace("Nettobetrag", "Betrag"), encoding="utf-8")
    import_file(path, organisation="town", settings=plain.settings)
    assert codes(propose(plain.settings)) == [(2, "tax_unstated"), (4, "tax_unstated")]


def test_a_bill_and_its_payment_are_not_paid_out_twice(tmp_path: Path) -> None:
    """Bills of 1 687.00 and 2 111.20 euros name V-77, and so do two payments: the bills count."""
    plain, path = listed(tmp_path, "V-77")
    import_file(GOLDEN / "einvoice" / "water_and_sewage.xml", organisation="town", settings=plain.settings)
    import_file(path, organisation="town", settings=plain.settings)
    found = propose(plain.settings)
    assert [one.amount for one in found.flows] == [Decimal("1687.00"), Decimal("2111.20")]
    assert codes(found) == [(2, "twice"), (4, "twice")]
    assert found.refused[0].reason("en").startswith("water_and_sewage.xml names the contract V-77 too")


def test_bills_that_come_after_their_payments_are_not_paid_out_again(tmp_path: Path) -> None:
    plain, path = listed(tmp_path, "V-77")
    put(plain, flow("commitment", "200000", date(2024, 1, 1)))
    import_file(path, organisation="town", settings=plain.settings)
    assert take_over(plain.settings, propose(plain.settings).flows).exit_code == 0
    import_file(GOLDEN / "einvoice" / "water_and_sewage.xml", organisation="town", settings=plain.settings)
    found = propose(plain.settings)
    assert (found.flows, len(found.known)) == ((), 2)
    assert {one.code for one in found.refused} == {"twice"}
    assert len(found.refused) == 2


def test_what_cannot_be_proposed_is_refused_with_the_reason(city: City) -> None:
    put(
        city,
        project(id="twin", organisation="town", contract="V-9"),
        project(id="other", organisation="town", contract="v-9"),
        project(id="small", organisation="depot", contract="V-10"),
        flow("disbursement", "77", date(2024, 5, 1), id="by hand"),
    )
    take(
        city,
        bill("10", unit="PLN"),
        bill("20", "V-9"),
        bill("30", kind="instalment"),
        bill("0"),
        bill("1.005"),
        bill("77"),
        bill("-5", kind="credit"),
        bill("90", kind="contract"),  # an award is no payment
    )
    take(city, bill("40", "V-10"), name="of the town.csv", organisation="town")
    found = propose(city.settings)
    expected = [
        (3, "currency"),
        (4, "several"),
        (5, "instalment"),
        (6, "zero"),
        (7, "too_fine"),
        (8, "entered"),
    ]
    assert codes(found) == [*expected, (3, "elsewhere")]
    assert [one.amount for one in found.flows] == [Decimal(-5)]
    reasons = {one.code: one.reason("en") for one in found.refused}
    assert reasons["currency"] == "It is in PLN, the project in EUR."
    assert reasons["several"] == "Several projects name the contract V-9: other, twin."
    assert reasons["elsewhere"] == "It is of town, the project of depot."
    assert reasons["entered"].endswith("already: by hand.")


def test_gross_amounts_are_refused(city: City) -> None:
    batch = take(city, bill("119"))
    with open_store(city.settings.store_file) as store, store.transaction():
        store.con.execute(
            'INSERT INTO issue (batch_key, code, "column", severity) '
            "SELECT batch_key, 'gross_only', 'quantity', 'warning' FROM batch WHERE batch = ?",
            [batch],
        )
    assert codes(propose(city.settings)) == [(3, "gross")]


def test_a_withdrawn_bill_is_told_and_its_copy_is_not_paid_twice(city: City) -> None:
    batch = take(city, bill("250"))
    take_over(city.settings, propose(city.settings).flows)
    withdraw(batch, reason="wrong file", settings=city.settings)
    found = propose(city.settings)
    assert [one.id for one in found.gone] == [f"{batch}-3"]
    assert (found.flows, found.known) == ((), ())
    take(city, bill("250"), bill("30"), name="again.csv")
    found = propose(city.settings)
    assert codes(found) == [(3, "entered")]
    assert [one.amount for one in found.flows] == [Decimal(30)]


def test_without_a_store_there_is_nothing_to_propose(city: City) -> None:
    with pytest.raises(UsageError, match="import a file first"):
        propose(city.settings)


def test_every_reason_is_german_too() -> None:
    assert [text for text in REASONS.values() if text not in catalogue("de")] == []
