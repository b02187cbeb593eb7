"""Carriers of data (CSV, XLSX, XML): bytes to text with source rows; no domain."""
