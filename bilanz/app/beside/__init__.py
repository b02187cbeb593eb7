"""What stands beside a run: each view made of it, of other runs and of the registry, by its own module."""
