"""What there is to look at before a year is released, and what was decided about it."""
