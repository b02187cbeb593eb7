"""A row of the fund is taken back with a reason: out of every figure, whole in the trail, never silently."""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import fundboards
import pytest
from lxml import html

from bilanz.access import Right
from bilanz.app.cli import run
from bilanz.app.fund.board import board_of, seal, write_page
from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master.withdrawing import withdraw
from bilanz.app.settings import Settings
from bilanz.errors import Forbidden, Refused, UnknownName
from bilanz.registry import fund
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.trail import broken_link, entries
from reports.board import words


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return fundboards.league(tmp_path)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with closing(open_registry(settings.registry)) as found:
        yield found


def test_a_payment_that_was_entered_twice_leaves_the_sums_and_stays_in_the_trail(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    before = board_of(settings, fundboards.YEAR)
    one = next(row for row in before.rows.payments if row.year == fundboards.YEAR)
    withdraw(registry, settings, "fund_payments", [one.id], " typed twice ")
    after = board_of(settings, fundboards.YEAR)
    paid = [sum(row.amount for row in board.rows.payments) for board in (before, after)]
    assert paid[0] - paid[1] == one.amount
    assert seal(before) != seal(after)
    (entry,) = [row for row in entries(registry) if row.action == "masterdata.withdraw"]
    assert (entry.subject, entry.reason) == ("fund_payments", "typed twice")
    told = json.loads(entry.details)
    assert told["key"] == one.id
    assert Decimal(told["withdrawn"]["amount"]) == one.amount
    assert told["withdrawn"]["evidence"] == one.evidence
    assert broken_link(registry) is None
    (gone,) = after.rows.withdrawn
    assert (gone.table, gone.key, gone.reason) == ("fund_payments", one.id, "typed twice")
    page = html.document_fromstring(write_page(after, tmp_path / "page.html", "en").read_text("utf-8"))
    shown = page.xpath("string(//article[@aria-labelledby='evidence-withdrawn-title'])")
    assert "1 rows of the fund were withdrawn" in shown
    assert one.id in shown
    assert "typed twice" in shown


def test_what_others_rest_on_stays(settings: Settings, registry: Registry) -> None:
    with pytest.raises(Refused, match="Other rows") as refused:
        withdraw(registry, settings, "fund_projects", ["MH-04"], "x")
    assert "fund_flows" in str(refused.value.parameters["found"])
    with pytest.raises(Refused):
        withdraw(registry, settings, "fund_programmes", [fund.programmes(registry)[0].id], "x")
    money = [row for row in fund.flows(registry) if row.project == "MH-04"]
    (promise,) = [row for row in money if row.kind == "commitment"]
    with pytest.raises(Refused, match="More would be disbursed"):
        withdraw(registry, settings, "fund_flows", [promise.id], "x")
    for row in sorted(money, key=lambda one: one.kind, reverse=True):  # what was paid out first
        withdraw(registry, settings, "fund_flows", [row.id], "x")
    assert "MH-04" not in {row.project for row in fund.flows(registry)}
    assert len(fund.withdrawn(registry)) == len(money) >= 2


def test_a_reason_is_asked_for_and_only_rows_of_the_fund_are_withdrawn(
    settings: Settings, registry: Registry
) -> None:
    flow = fund.flows(registry)[0].id
    with pytest.raises(Refused, match="Say why"):
        withdraw(registry, settings, "fund_flows", [flow], "  ")
    for table, key in (("organisations", "hanse"), ("nothing", "x"), ("fund_flows", "nothing")):
        with pytest.raises(UnknownName):
            withdraw(registry, settings, table, [key], "x")
    assert fund.withdrawn(registry) == []


class Only:
    """May read everything and change one organisation."""

    def may(self, right: Right, organisation: str) -> bool:
        return right is Right.READ or organisation == "musterdorf"


def test_who_may_not_change_a_row_may_not_withdraw_it(settings: Settings, registry: Registry) -> None:
    with pytest.raises(Forbidden):
        withdraw(registry, settings, "fund_observations", ["MH-04-saved-2024"], "x", Only())
    payment = next(row for row in fund.payments(registry) if row.organisation == "musterdorf")
    with pytest.raises(Forbidden):
        withdraw(
            registry, settings, "fund_payments", [payment.id], "what a member paid is the league's", Only()
        )
    withdraw(registry, settings, "fund_observations", ["MD-02-saved-2024"], "x", Only())
    assert [row.key for row in fund.withdrawn(registry)] == ["MD-02-saved-2024"]


def test_a_row_is_withdrawn_by_command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data-dir", str(settings.data), "--json"]
    claim = board_of(settings, fundboards.YEAR).rows.claims[0]
    key = [claim.project, str(claim.year), claim.claimant]
    assert run(["masterdata", "withdraw", "fund_claims", *key, *data]) == 1
    assert run(["masterdata", "withdraw", "fund_claims", *key, "--reason", "not agreed", *data]) == 0
    capsys.readouterr()
    found = board_of(settings, fundboards.YEAR)
    assert claim not in found.rows.claims
    assert [row.key for row in found.rows.withdrawn] == [", ".join(key)]


def test_every_table_of_the_fund_has_a_name_on_the_page() -> None:
    assert set(words.TABLES) == {table.name for table in FUND_TABLES}
