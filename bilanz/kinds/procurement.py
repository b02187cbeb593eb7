"""Issues about money spent, planned and promised: payments, accounts, contracts."""

from typing import Final

from bilanz.kinds.kind import IssueKind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: Final[dict[str, IssueKind]] = {
    "currency_undeclared": IssueKind(
        _E,
        "Nothing states the currency of this column, and none is assumed. No row of the column was imported.",
        'Declare it: --declare "{column}=EUR" (or GBP, CHF, …).',
    ),
    "pounds_by_layout": IssueKind(
        _I,
        "The columns are those of {value}: published under the Local Government Transparency Code, in pounds "
        "sterling, net of recoverable value added tax.",
        'If the file is another one, declare its currency: --declare "{column}=EUR".',
    ),
    "tax_unstated": IssueKind(
        _I,
        "The file does not say whether its amounts include value added tax; they were taken as they are.",
        "Ask for net amounts if they include recoverable tax.",
    ),
    "gross_only": IssueKind(
        _W,
        "The amounts include value added tax, and the file states no net amounts. "
        "They were imported as they are.",
        "Ask for net amounts: factors per unit of money are applied to what goods cost without tax.",
    ),
    "other_amounts": IssueKind(
        _I,
        "Beside this column the file states {value}: the same money once more. It was not added.",
        "Nothing to do.",
    ),
    "several_contracts": IssueKind(
        _W,
        "Each of these columns may hold the number of the contract: {value}. None was kept as it.",
        'Declare the one that does: --declare "{column}=contract".',
    ),
    "not_capital_or_revenue": IssueKind(
        _W,
        '"{value}" is not one of {expected}. The row was imported as a purchase.',
        "Correct the word.",
    ),
    "mixed_dates": IssueKind(
        _I,
        "The dates of this column are written in several ways ({layouts}); each was read by itself.",
        "Check some dates of each kind.",
    ),
    "ambiguous_layout": IssueKind(
        _E,
        "Some dates of this column can be read as {candidates}; nothing decides. "
        "Their rows were not imported.",
        'Declare the format: --declare "{column}=DD/MM/YYYY" or --declare "{column}=MM/DD/YYYY".',
    ),
    "side_undeclared": IssueKind(
        _E,
        "Debit and credit ({value}) do not say whether an amount was spent or came back. "
        "No row with such a mark was imported.",
        'Declare the side that was spent: --declare "{column}=S+" (debit) or '
        '--declare "{column}=H+" (credit).',
    ),
    "same_year_amounts": IssueKind(
        _I,
        'The column states the actual amounts of the same year as "{taken}" and was not counted.',
        "Nothing to do.",
    ),
    "planned_ignored": IssueKind(
        _I,
        '"{value}" holds planned figures: a plan is no spending. Amounts ignored: {count}.',
        "Nothing to do; import the accounts of the year when they are closed.",
    ),
    "planned_rows": IssueKind(
        _I, "Planned figures ({value}) are no spending and were ignored. Rows: {count}.", "Nothing to do."
    ),
    "figures_unknown": IssueKind(
        _E,
        "Nothing says whether these rows were planned or spent: {value}. They were not imported. "
        "Rows: {count}.",
        "State Ist or Plan in each row.",
    ),
    "only_planned": IssueKind(
        _W,
        "The file holds planned figures only. Nothing was imported.",
        "Import the accounts (Rechnung, Ergebnis) instead of the budget.",
    ),
    "plan_or_actual": IssueKind(
        _E,
        "Nothing says whether the amounts of this column were planned or spent. "
        "No row of the column was imported.",
        'Declare it: --declare "{column}=Ist" or --declare "{column}=Plan", with the currency: '
        '--declare "{column}=Ist EUR".',
    ),
    "income_ignored": IssueKind(
        _I, "Income ({value}) was ignored: only expenditure is spend. Rows: {count}.", "Nothing to do."
    ),
    "rollups_ignored": IssueKind(
        _I,
        "Sums of other accounts ({value}) were compared with them and ignored. Rows: {count}.",
        "Nothing to do.",
    ),
    "results_ignored": IssueKind(
        _I,
        "Results ({value}) are neither expenditure nor income and were ignored. Rows: {count}.",
        "Nothing to do.",
    ),
    "headings_ignored": IssueKind(
        _I,
        "Headings ({value}) were kept as the department of the rows below. Rows: {count}.",
        "Nothing to do.",
    ),
    "cash_repeats_expense": IssueKind(
        _I,
        "Payments ({value}; accounts of class 7) repeat expenses of the file (class 5) and were "
        "ignored. Rows: {count}.",
        "Nothing to do.",
    ),
    "flow_unknown": IssueKind(
        _E,
        "Nothing says whether these rows are expenditure or income: {value}. They were not "
        "imported. Rows: {count}.",
        "Add a column Aufwand/Ertrag, or use accounts of the municipal chart of accounts.",
    ),
    "sign_turned": IssueKind(
        _I,
        "Expenditure is written with a minus sign; the signs of all amounts were turned.",
        "Nothing to do.",
    ),
    "level_ignored": IssueKind(
        _W,
        'The sheet "{value}" has the same columns and was not read, because it may state the same amounts by '
        'department; only "{sheet}" was.',
        "Import one level only: another sheet alone, saved as a file of its own, or this one.",
    ),
    "contracts_promised": IssueKind(
        _I,
        "Awards and contracts imported: {value}. They are money promised, not spent, and in no balance.",
        "Import the invoices or payments on them.",
    ),
    "contract_without_value": IssueKind(
        _I, 'The award or contract "{value}" states no value. It was ignored.', "Nothing to do."
    ),
    "contract_without_date": IssueKind(
        _E,
        'The award or contract "{value}" states neither a term nor a day. It was not imported.',
        "Ask the publisher for the day of the contract.",
    ),
    "contract_void": IssueKind(
        _I, 'The award or contract "{value}" is not in force ({status}). It was ignored.', "Nothing to do."
    ),
    "process_without_award": IssueKind(
        _I, 'The process "{value}" has no award and no contract yet. It was ignored.', "Nothing to do."
    ),
    "lot_not_awarded": IssueKind(
        _I, 'The lot "{value}" was not awarded: it names no tender. It was ignored.', "Nothing to do."
    ),
    "tender_not_awarded": IssueKind(
        _I, 'The tender "{value}" did not win. It was ignored.', "Nothing to do."
    ),
    "winner_unknown": IssueKind(
        _W,
        'Nothing tells whether the tender "{value}" won: it has neither a contract nor a rank. '
        "It was ignored.",
        "Ask the publisher for the contract.",
    ),
    "notice_without_result": IssueKind(
        _W,
        "The notice states no result of the award. Nothing was imported.",
        "Ask the publisher for the notice.",
    ),
    "side_and_sign": IssueKind(
        _E,
        "{value} has a minus sign and a mark of debit or credit; which of them counts is not known. "
        "The row was not imported.",
        "Remove one of them.",
    ),
}
