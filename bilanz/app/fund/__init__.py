"""The fund's rows brought together with settings, registry and store."""
