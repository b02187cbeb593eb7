"""Tables of one row per day with a column per interval: layout, dates, values."""
