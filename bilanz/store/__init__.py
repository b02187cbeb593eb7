"""The only package that opens DuckDB: archive, staging, batches, readings, runs."""
