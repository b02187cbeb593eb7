"""Exports: one file per form; see `reports.export`."""
