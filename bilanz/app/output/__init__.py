"""Balances as pages, files and prints."""
