"""The message MSCONS: its segments as a table, its times, codes and values."""
