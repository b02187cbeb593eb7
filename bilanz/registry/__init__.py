"""The only package that opens the SQLModel database: organisations, sources, batches."""
