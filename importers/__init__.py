"""Importers: one file per source format; the contract stands in `importers.base`."""
