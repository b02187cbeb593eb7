"""The registry: organisations, sites, sources and batches in a relational database (SQLModel, Alembic)."""
