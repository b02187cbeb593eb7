"""Emission factor sources: one file per publisher, tables below `data`, books below `books`."""
