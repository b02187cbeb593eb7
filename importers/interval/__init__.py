"""The parts of the interval CSV importer."""
