"""Alembic scripts of the registry."""
