"""Budgets and accounts: which columns are plans, which rows are income, roll-ups or expenditure."""
