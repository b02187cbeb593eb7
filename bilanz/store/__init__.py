"""The store: the only package that opens DuckDB.

It keeps what was imported and what was calculated. One file, one process at a time; readings lie beside it as
immutable Parquet, one file per batch, and uploaded bytes in an archive by their hash.
"""
