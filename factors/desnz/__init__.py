"""The UK Government conversion factors: layouts → lines → statements."""
