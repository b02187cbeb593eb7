"""Bundles and keys on disk, and what is published out of a data directory."""
