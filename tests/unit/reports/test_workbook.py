"""The workbook's formulas recompute its totals from its own lines; no text of it is a formula."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from golden.exports.made_up import HOSTILE, result
from sheets import Cell, Sheet, sheets

from bilanz.app.output.reporting import wording, write_export
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, Language, translate
from reports import spreadsheet
from reports.export import export
from reports.totals import scope_of, total_of


class Recalculation:
    """Evaluates the few forms of formulas the workbook uses over cells read back from the file."""

    def __init__(self, book: dict[str, Sheet]) -> None:
        self.book = book

    def value(self, sheet: str, address: str) -> str | float | None:
        cell = self.book[sheet].get(address, Cell(None))
        return cell.value if cell.formula is None else self.formula(sheet, cell.formula)

    def formula(self, sheet: str, text: str) -> str | float:
        forms = {
            r"SUMIFS\('(.+)'!(.+),'(.+)'!(.+),\$(\w+)\)": self._sumifs,
            r"SUM\((\w+:\w+)\)": self._sum,
            r"(\w+)-(\w+)": self._difference,
            r'IF\(ABS\((\w+)\)<=0.001\+1E-9\*ABS\((\w+)\),"(.+)","(.+)"\)': self._check,
        }
        for form, evaluate in forms.items():
            if found := re.fullmatch(form, text):
                return evaluate(sheet, *found.groups())
        return pytest.fail(f"a formula of another form: {text}")

    def _sumifs(self, sheet: str, tab: str, masses: str, key_tab: str, keys: str, wanted: str) -> float:
        key = self.value(sheet, wanted)
        assert key
        pairs = zip(addresses(masses), addresses(keys), strict=True)
        found = [self.value(tab, mass) for mass, at in pairs if self.value(key_tab, at) == key]
        return sum(value for value in found if isinstance(value, float))

    def _sum(self, sheet: str, area: str) -> float:
        return sum(float(self.value(sheet, address) or 0) for address in addresses(area))

    def _difference(self, sheet: str, left: str, right: str) -> float:
        return float(self.value(sheet, left) or 0) - float(self.value(sheet, right) or 0)

    def _check(self, sheet: str, difference: str, stated: str, agrees: str, differs: str) -> str:
        gap, size = float(self.value(sheet, difference) or 0), float(self.value(sheet, stated) or 0)
        return agrees if abs(gap) <= 0.001 + 1e-9 * abs(size) else differs


def addresses(area: str) -> list[str]:
    found = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", area.replace("$", ""))
    assert found
    column, start, last, end = found.groups()
    assert column == last
    return [f"{column}{row}" for row in range(int(start), int(end) + 1)]


def written(path: Path, language: Language = "en") -> dict[str, Sheet]:
    told = result()
    file = path / "book.xlsx"
    return sheets(write_export(export("workbook"), told, wording(language, result=told), file))


def total_rows(sheet: Sheet) -> list[int]:
    return [int(address[1:]) for address in sheet if address.startswith("H") and address != "H1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_total_recomputes_from_the_lines(language: Language, tmp_path: Path) -> None:
    book = written(tmp_path, language)
    tab = translate("Totals", language)
    again = Recalculation(book)
    found = total_rows(book[tab])
    assert len(found) > 20
    for row in found:
        cells = [again.value(tab, f"{column}{row}") for column in "DFH"]
        assert cells[0] == pytest.approx(cells[1], rel=1e-12)
        assert cells[2] == translate("agrees", language)
        assert book[tab][f"F{row}"].value == cells[0]  # what is shown before anything recomputes


def test_the_stated_totals_are_those_of_the_balance(tmp_path: Path) -> None:
    book, told = written(tmp_path)["Totals"], result()
    exact = {
        str(book[f"I{row}"].value): Decimal(str(book[f"E{row}"].value))
        for row in total_rows(book)
        if f"I{row}" in book
    }
    assert exact["ghgp_market/1"] == scope_of(told.lines, "ghgp_market", "1")
    assert exact["ghgp_market/outside"] == Decimal(1700)
    totals = [Decimal(str(book[f"E{row}"].value)) for row in total_rows(book) if f"I{row}" not in book]
    assert totals == [total_of(told.lines, code) for code in told.manifest.books]


def test_a_changed_line_changes_the_totals_it_is_in_and_no_other(tmp_path: Path) -> None:
    book = written(tmp_path)
    before = {row: Recalculation(book).value("Totals", f"F{row}") for row in total_rows(book["Totals"])}
    line = next(at for at, cell in book["Lines"].items() if cell.value == "ghgp_market/2" and at[-1] != "1")
    address = f"S{line.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"
    value = book["Lines"][address].value
    assert isinstance(value, float)
    book["Lines"][address] = Cell(value + 1000)
    again = Recalculation(book)
    changed = {row for row, total in before.items() if again.value("Totals", f"F{row}") != total}
    keys = {book["Totals"].get(f"I{row}", Cell(None)).value for row in changed}
    assert keys == {"ghgp_market/2", None, "ghgp_market/2/purchased_electricity"}
    assert {again.value("Totals", f"H{row}") for row in changed} == {"differs"}
    assert len(changed) == 3


def test_no_text_is_a_formula_and_no_number_is_text(tmp_path: Path) -> None:
    book = written(tmp_path)
    formulas = {name for name, sheet in book.items() for cell in sheet.values() if cell.formula}
    assert formulas == {"Totals"}
    texts = {cell.value for cell in book["Exceptions"].values()}
    assert {f"'{name}" for name in HOSTILE} <= texts
    assert not {*HOSTILE} & texts


def test_more_lines_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = result().lines.height
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", lines + 1)
    written(tmp_path)
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", lines)
    with pytest.raises(Refused, match=r"Lines has \d+ rows; a sheet holds \d+\. Take the exports `tables`"):
        written(tmp_path)


def test_letters_of_columns() -> None:
    told = {0: "A", 25: "Z", 26: "AA", 27: "AB", 701: "ZZ", 702: "AAA"}
    assert {column: spreadsheet.letters_of(column) for column in told} == told
