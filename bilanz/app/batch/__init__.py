"""The scheduled run: configuration, journal, log, what it lays beside a file."""
